package org.face520.landmarks

import java.io.File
import java.nio.ByteBuffer
import org.junit.Assert.assertEquals
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Test

class ModelContractTest {
    @Test
    fun `every released model carries a contract that this package accepts`() {
        val models = Golden.json.children("models")
        assertTrue(models.isNotEmpty())
        for (model in models) {
            val contract = ModelContract.read(Golden.model(model.string("path")), model.string("path"))
            contract.check(Golden.layout, model.string("path"))
            assertEquals(model.string("name"), contract.modelName)
            assertEquals(model.int("input_size_px"), contract.inputSizePx)
            assertEquals(520 * 3, contract.outputStd.size)
        }
    }

    @Test
    fun `a model without contract is refused by name`() {
        val error = assertThrows(ModelFileException::class.java) {
            ModelContract.read(Golden.model(Golden.json.string("detector")), "blazeface.tflite")
        }
        assertTrue(error.message!!, error.message!!.startsWith("blazeface.tflite: a TensorFlow Lite model without"))
    }

    @Test
    fun `files that are no model, cut short or empty are refused`() {
        val path = Golden.json.children("models")[0].string("path")
        val whole = File(path).readBytes()
        val damaged = listOf(ByteArray(0), ByteArray(100), whole.copyOf(whole.size / 2), whole.copyOf(whole.size - 30))
        for (bytes in damaged) {
            assertThrows(ModelFileException::class.java) { ModelContract.read(ByteBuffer.wrap(bytes), "model.tflite") }
        }
    }

    @Test
    fun `a model for other landmarks is refused`() {
        val path = Golden.json.children("models")[0].string("path")
        val contract = ModelContract.read(Golden.model(path), path)
        val other = Layout("other/1", 520, Golden.layout.triangles, Golden.layout.contours, Golden.layout.meanShape)
        assertThrows(ModelFileException::class.java) { contract.check(other, path) }
    }
}
