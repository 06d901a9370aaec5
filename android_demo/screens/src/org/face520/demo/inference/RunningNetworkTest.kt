package org.face520.demo.inference

import java.io.FileInputStream
import java.nio.MappedByteBuffer
import java.nio.channels.FileChannel
import kotlin.math.abs
import org.face520.demo.Golden
import org.face520.landmarks.InputEncoder
import org.face520.landmarks.JsonObject
import org.face520.landmarks.ModelContract
import org.face520.landmarks.OutputDecoder
import org.junit.Assert.assertArrayEquals
import org.junit.Assert.assertTrue
import org.junit.Test

/** Models in TensorFlow Lite's own interpreter, without Android. */
class RunningNetworkTest {
    private fun map(path: String): MappedByteBuffer =
        FileInputStream(path).channel.use { it.map(FileChannel.MapMode.READ_ONLY, 0, it.size()) }

    /** What a network says of the picture that Python gave it. */
    private fun answers(golden: JsonObject, accelerator: Accelerator): List<FloatArray> {
        val path = golden.string("path")
        val contract = ModelContract.read(map(path), path)
        return RunningNetwork.load(map(path), path, accelerator, 1).use { network ->
            val encoder = InputEncoder(network.input, contract.inputMean, contract.inputStd)
            encoder.encode(Golden.pixels(golden.string("input")), network.inputBuffer)
            network.run()
            network.outputs.indices.map { i ->
                FloatArray(network.outputs[i].size).also {
                    OutputDecoder(network.outputs[i]).decode(network.outputBuffers[i], it)
                }
            }
        }
    }

    private fun expected(golden: JsonObject): List<FloatArray> =
        golden.list("outputs").map { values -> (values as List<*>).map { (it as Double).toFloat() }.toFloatArray() }

    @Test
    fun `an int8 model answers as in Python, bit for bit`() {
        val models = Golden.models.filter { "int8" in it.string("path") }
        assertTrue(models.isNotEmpty())
        for (golden in models) {
            val actual = answers(golden, Accelerator.XNNPACK)
            for ((i, values) in expected(golden).withIndex()) {
                assertArrayEquals("${golden.string("path")}, output $i", values, actual[i], 0f)
            }
        }
    }

    @Test
    fun `a float model answers nearly as in Python`() {
        for (golden in Golden.models.filter { "float" in it.string("path") }) {
            val actual = answers(golden, Accelerator.XNNPACK)
            for ((i, values) in expected(golden).withIndex()) {
                val farthest = values.indices.maxOf { abs(values[it] - actual[i][it]) }
                assertTrue("${golden.string("path")}, output $i: $farthest apart", farthest < 2e-3f)
            }
        }
    }
}
