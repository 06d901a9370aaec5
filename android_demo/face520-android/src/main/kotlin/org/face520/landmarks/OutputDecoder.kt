package org.face520.landmarks

import java.nio.ByteBuffer

/** Reads real values out of a network's output tensor. */
internal class OutputDecoder(private val output: TensorInfo) {
    /** Fills the first [TensorInfo.size] entries of [values] from a buffer in native byte order. */
    fun decode(buffer: ByteBuffer, values: FloatArray) {
        for (i in 0 until output.size) {
            values[i] = when (output.type) {
                TensorType.FLOAT32 -> buffer.getFloat(i * 4)
                TensorType.INT8 -> output.dequantize(buffer.get(i).toInt())
                TensorType.UINT8 -> output.dequantize(buffer.get(i).toInt() and 0xff)
            }
        }
    }
}
