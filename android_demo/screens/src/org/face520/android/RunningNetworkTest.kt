package org.face520.android

import java.io.File
import java.io.FileInputStream
import java.nio.MappedByteBuffer
import java.nio.channels.FileChannel
import kotlin.math.abs
import org.face520.demo.Golden
import org.face520.landmarks.InputEncoder
import org.face520.landmarks.JsonObject
import org.face520.landmarks.ModelContract
import org.face520.landmarks.ModelFileException
import org.face520.landmarks.OutputDecoder
import org.junit.Assert.assertArrayEquals
import org.junit.Assert.assertEquals
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Test
import org.tensorflow.lite.gpu.GpuDelegate

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

    @Test
    fun `where the GPU refuses the CPU runs the model, and the delegate is closed once`() {
        val path = Golden.models[0].string("path")
        val before = GpuDelegate.made
        RunningNetwork.load(map(path), path, Accelerator.GPU, 1).use {
            assertEquals(Accelerator.XNNPACK, it.runsOn.accelerator)
            assertEquals(NoGpu.NOT_FOR_THIS_MODEL, it.runsOn.whyNoGpu)
            assertEquals(1, RunningNetwork.openCount)
        }
        assertEquals(before + 1, GpuDelegate.made)
        assertEquals(GpuDelegate.made, GpuDelegate.closed)
        assertEquals(0, RunningNetwork.openCount)
    }

    @Test
    fun `a file that cannot be loaded leaves no interpreter open`() {
        val damaged = File.createTempFile("damaged", ".tflite")
        damaged.writeBytes(File(Golden.models[0].string("path")).readBytes().copyOf(1000))
        for (accelerator in Accelerator.values()) {
            val error = assertThrows(ModelFileException::class.java) {
                RunningNetwork.load(map(damaged.path), "damaged.tflite", accelerator, 1)
            }
            assertTrue(error.message, "damaged.tflite" in error.message.orEmpty())
        }
        assertEquals(0, RunningNetwork.openCount)
        assertEquals(GpuDelegate.made, GpuDelegate.closed)
    }

    @Test
    fun `a delegate outlives its interpreter, and is closed even if that fails`() {
        val closed = ArrayList<String>()
        RunningNetwork.closeBoth({ closed.add("interpreter") }, { closed.add("delegate") })
        assertEquals(listOf("interpreter", "delegate"), closed)
        assertThrows(IllegalStateException::class.java) {
            RunningNetwork.closeBoth({ error("as native code may") }, { closed.add("delegate, too") })
        }
        assertEquals("delegate, too", closed.last())
    }

    @Test
    fun `threads that really run are told, with and without XNNPACK`() {
        val path = Golden.models.first { "int8" in it.string("path") }.string("path")
        RunningNetwork.load(map(path), path, Accelerator.XNNPACK, 4).use { assertEquals(1, it.runsOn.threads) }
        RunningNetwork.load(map(path), path, Accelerator.CPU, 4).use { assertEquals(4, it.runsOn.threads) }
    }
}
