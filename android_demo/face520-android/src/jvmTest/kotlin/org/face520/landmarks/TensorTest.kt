package org.face520.landmarks

import java.nio.ByteBuffer
import java.nio.ByteOrder
import org.junit.Assert.assertArrayEquals
import org.junit.Assert.assertEquals
import org.junit.Test

class TensorTest {
    @Test
    fun `quantized inputs and their way back equal Python's`() {
        for (golden in Golden.json.children("tensors")) {
            val type = if (golden.string("type") == "int8") TensorType.INT8 else TensorType.UINT8
            val scale = golden.double("scale").toFloat()
            val info = TensorInfo("t", listOf(1, 16, 16, 3), type, scale, golden.int("zero_point"))
            val encoder = InputEncoder(info, golden.double("mean").toFloat(), golden.double("std").toFloat())
            val buffer = ByteBuffer.allocateDirect(info.size).order(ByteOrder.nativeOrder())
            encoder.encode(IntArray(256) { (it shl 16) or (it shl 8) or it }, buffer)
            val real = FloatArray(info.size)
            OutputDecoder(info).decode(buffer, real)
            val stored = golden.ints("stored")
            val mask = 0xff
            for (level in 0..255) {
                assertEquals("level $level", stored[level] and mask, buffer.get(level * 3 + 1).toInt() and mask)
                assertEquals("level $level", golden.floats("real")[level], real[level * 3], 1e-6f)
            }
        }
    }

    @Test
    fun `float inputs hold red, green, blue in that order`() {
        val info = TensorInfo("t", listOf(1, 1, 1, 3), TensorType.FLOAT32)
        val buffer = ByteBuffer.allocateDirect(12).order(ByteOrder.nativeOrder())
        InputEncoder(info, 127.5f, 127.5f).encode(intArrayOf(0xFF_FF7F00.toInt()), buffer)
        val values = FloatArray(3) { buffer.getFloat(it * 4) }
        assertArrayEquals(floatArrayOf(1f, -0.5f / 127.5f, -1f), values, 1e-6f)
    }
}
