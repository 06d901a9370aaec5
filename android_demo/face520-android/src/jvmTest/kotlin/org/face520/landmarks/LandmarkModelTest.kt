package org.face520.landmarks

import java.nio.ByteBuffer
import java.nio.ByteOrder
import org.junit.Assert.assertEquals
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Test

private const val SIDE_PX = 8

class LandmarkModelTest {
    @Test
    fun `outputs are found by their size, in whatever order the file has them`() {
        val prediction = run(listOf("landmarks", "presence", "expression", "visibility"), listOf(520, 52, 1560, 1))
        assertEquals(0f, prediction.visibility[519], 0f)
        assertEquals(1f, prediction.expression[51], 0f)
        assertEquals(3f, prediction.presence, 0f)
        assertTrue(prediction.hasVisibility)
    }

    @Test
    fun `of two outputs of one size the contract's order tells which is which`() {
        val prediction = run(listOf("mirror", "landmarks", "visibility"), listOf(520, 1560, 520))
        assertEquals(2f, prediction.visibility[0], 0f)
        assertTrue(prediction.presence.isNaN() && prediction.expression.all { it.isNaN() })
    }

    @Test
    fun `a model without further outputs knows none`() {
        val prediction = run(listOf("landmarks"), listOf(1560))
        assertTrue(prediction.presence.isNaN() && prediction.expression.all { it.isNaN() })
        assertTrue(!prediction.hasVisibility)
    }

    @Test
    fun `outputs that the file does not have are refused by name`() {
        for (sizes in listOf(listOf(1560), listOf(1560, 3), listOf(1560, 52, 1))) {
            val error = assertThrows(ModelFileException::class.java) { run(listOf("landmarks", "expression"), sizes) }
            assertTrue(error.message!!, "expression (52)" in error.message!!)
        }
    }

    /** Runs a network whose outputs hold their own places. */
    private fun run(names: List<String>, sizes: List<Int>): Prediction {
        val values = Golden.layout.size * 3
        val contract = ModelContract(
            "made up", "1", Golden.layout.reference, SIDE_PX, 0f, 1f, FloatArray(values), FloatArray(values) { 1f },
            names, emptyList(), FloatArray(0), "landmark_box_square", SIDE_OVER_BOX,
        )
        val model = LandmarkModel(Places(sizes), contract, Golden.layout, StageTimes())
        val region = CropRegion().apply { set(100.0, 100.0, 80.0) }
        return Prediction(Golden.layout.size).also { model.run(Golden.photo, region, it) }
    }

    private class Places(sizes: List<Int>) : Network {
        override val input = TensorInfo("image", listOf(1, SIDE_PX, SIDE_PX, 3), TensorType.FLOAT32)
        override val outputs = sizes.map { TensorInfo("output", listOf(1, it), TensorType.FLOAT32) }
        override val inputBuffer: ByteBuffer = direct(input.size)
        override val outputBuffers = sizes.mapIndexed { place, size ->
            direct(size).also { buffer -> repeat(size) { buffer.putFloat(place.toFloat()) } }
        }

        override fun run() = Unit

        override fun close() = Unit

        private fun direct(size: Int) = ByteBuffer.allocateDirect(size * 4).order(ByteOrder.nativeOrder())
    }
}
