package org.face520.landmarks

import java.nio.ByteBuffer
import java.nio.ByteOrder
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue

/**
 * Plays back the runs of a network in the order in which Python made them, and checks that each is
 * given the same pixels.
 */
internal class RecordedNetwork(
    override val input: TensorInfo,
    override val outputs: List<TensorInfo>,
    private val mean: Float,
    private val std: Float,
) : Network {
    override val inputBuffer: ByteBuffer = direct(input.size * 4)
    override val outputBuffers: List<ByteBuffer> = outputs.map { direct(it.size * 4) }
    private val runs = ArrayDeque<JsonObject>()

    fun expect(run: JsonObject) = runs.addLast(run)

    fun assertAllUsed() = assertEquals("runs that Python made and Kotlin did not", 0, runs.size)

    override fun run() {
        assertTrue("a run that Python did not make", runs.isNotEmpty())
        val run = runs.removeFirst()
        var sum = 0L
        for (i in 0 until input.size) sum += Math.rint((inputBuffer.getFloat(i * 4) * std + mean).toDouble()).toLong()
        // Crops follow from points that differ by 1/1000 px between the two sides.
        assertEquals("sum of the crop's values", run.double("input_sum"), sum.toDouble(), 1e-4 * 255 * input.size)
        answer(run)
    }

    /** Leaves in [outputBuffers] what the network said in a run. */
    fun answer(run: JsonObject) {
        if ("anchors" in run.names) return answerAnchors(run)
        for ((i, values) in run.list("outputs").withIndex()) {
            outputBuffers[i].clear()
            for (value in values as List<*>) outputBuffers[i].putFloat((value as Double).toFloat())
        }
    }

    /** Of the detector only likely anchors are stored: place, logit and 16 regressors; the others are no face. */
    private fun answerAnchors(run: JsonObject) {
        for (anchor in 0 until outputs[1].size) outputBuffers[1].putFloat(anchor * 4, NO_FACE)
        for (stored in run.list("anchors")) {
            val values = (stored as List<*>).map { (it as Double).toFloat() }
            val anchor = values[0].toInt()
            outputBuffers[1].putFloat(anchor * 4, values[1])
            for (i in 0 until 16) outputBuffers[0].putFloat((anchor * 16 + i) * 4, values[2 + i])
        }
    }

    override fun close() = Unit

    private fun direct(bytes: Int) = ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder())

    companion object {
        private const val NO_FACE = -80f // as a logit

        fun landmarks(model: JsonObject): RecordedNetwork {
            val size = model.int("input_size_px")
            val outputs = ArrayList<TensorInfo>()
            for (values in model.list("outputs")) outputs.add(float("output", listOf(1, (values as List<*>).size)))
            return RecordedNetwork(float("image", listOf(1, size, size, 3)), outputs, 127.5f, 128f)
        }

        fun detector(): RecordedNetwork = RecordedNetwork(
            float("image", listOf(1, 128, 128, 3)),
            // The order of the outputs in the released file.
            listOf(float("regressors", listOf(1, 896, 16)), float("classificators", listOf(1, 896, 1))),
            127.5f,
            127.5f,
        )

        private fun float(name: String, shape: List<Int>) = TensorInfo(name, shape, TensorType.FLOAT32)
    }
}
