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
        assertTrue(Golden.json.children("models").isNotEmpty())
        for (model in Golden.models) {
            val contract = ModelContract.read(Golden.model(model.string("path")), model.string("path"))
            contract.check(Golden.layout, model.string("path"))
            assertEquals(model.string("name"), contract.modelName)
            assertEquals(model.int("input_size_px"), contract.inputSizePx)
            assertEquals(520 * 3, contract.outputStd.size)
            assertEquals(model.strings("named_outputs"), contract.outputs)
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
        val other = Golden.layout.run { Layout("other/1", 520, mirror, triangles, contours, regions, meanShape) }
        assertThrows(ModelFileException::class.java) { contract.check(other, path) }
    }

    @Test
    fun `an output of a later version is named, the others are known`() {
        val golden = Golden.json.child("made_up_model")
        val contract = ModelContract.read(Golden.model(golden.string("path")), "made_up.tflite")
        assertEquals(listOf("gaze"), contract.unknownOutputs)
        assertEquals(golden.strings("unknown_outputs"), contract.unknownOutputs)
        assertTrue("eyeLookInLeft" in contract.unknownBlendshapes)
    }

    @Test
    fun `a contract of version 1 is still read`() {
        val written = ModelContract.fromJson(text("contract_version" to "1", "has_presence" to "true"))
        assertEquals(listOf("landmarks", "presence"), written.outputs)
        assertEquals(emptyList<String>(), written.unknownBlendshapes)
        val without = ModelContract.fromJson(text("contract_version" to "1", "has_presence" to "false"))
        assertEquals(listOf("landmarks"), without.outputs)
    }

    @Test
    fun `a contract of version 2 has its faces at rest at zero`() {
        val written = ModelContract.fromJson(text("contract_version" to "2"))
        assertEquals(0, written.expressionAtRest.size)
        val told = ModelContract.fromJson(text("expression_at_rest" to List(52) { 0.25 }.toString()))
        assertEquals(0.25f, told.expressionAtRest[51], 0f)
    }

    @Test
    fun `a contract that contradicts itself or is too new says so`() {
        for ((change, complaint) in listOf(
            ("contract_version" to "99") to "contract version 99, this app reads up to 3: update the app",
            ("outputs" to """["presence"]""") to "landmarks must be one",
            ("outputs" to """["landmarks", "landmarks"]""") to "none twice",
            ("outputs" to """[1]""") to "no text",
            ("unknown_blendshapes" to """["tongueOut"]""") to "tongueOut, which is no blendshape",
            ("expression_at_rest" to "[0.1]") to "expression_at_rest has 1 values",
            ("expression_at_rest" to List(52) { 1 }.toString()) to "not from 0 to 1",
        )) {
            val error = assertThrows(JsonException::class.java) { ModelContract.fromJson(text(change)) }
            assertTrue(error.message!!, complaint in error.message!!)
        }
    }

    /** A contract's text; changes are names and JSON values. */
    private fun text(vararg changes: Pair<String, String>): String {
        val fields = mapOf(
            "contract_version" to "3",
            "model_name" to "\"made up\"",
            "model_version" to "\"1\"",
            "layout" to "\"face520/1\"",
            "input_size_px" to "128",
            "input_mean" to "127.5",
            "input_std" to "127.5",
            "output_mean" to "[[0, 0, 0]]",
            "output_std" to "[[1, 1, 1]]",
            "outputs" to """["landmarks"]""",
            "unknown_blendshapes" to "[]",
            "expression_at_rest" to "[]",
            "crop_rule" to "\"landmark_box_square\"",
            "crop_side_over_box" to "1.41421356",
        ) + changes
        return fields.entries.joinToString(prefix = "{", postfix = "}") { (name, value) -> "\"$name\": $value" }
    }
}
