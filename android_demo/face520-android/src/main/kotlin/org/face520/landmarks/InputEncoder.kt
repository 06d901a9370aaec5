package org.face520.landmarks

import java.nio.ByteBuffer

/** Writes pixels into a network's input tensor, normalised and quantized as it wants. */
internal class InputEncoder(private val input: TensorInfo, mean: Float, std: Float) {
    // Normalising and quantizing 256 grey levels once leaves one table look-up per value.
    private val floatLevels = FloatArray(256) { (it - mean) / std }
    private val isFloat = input.type == TensorType.FLOAT32
    private val byteLevels = ByteArray(if (isFloat) 0 else 256) { input.quantize(floatLevels[it]).toByte() }
    private val floats = FloatArray(if (isFloat) input.size else 0)
    private val bytes = ByteArray(if (isFloat) 0 else input.size)

    /** Fills the whole buffer (native byte order) from size / 3 ARGB pixels, channels R, G, B. */
    fun encode(pixels: IntArray, buffer: ByteBuffer) {
        buffer.restart()
        if (isFloat) {
            var at = 0
            for (i in 0 until input.size / 3) {
                val pixel = pixels[i]
                floats[at++] = floatLevels[pixel shr 16 and 0xff]
                floats[at++] = floatLevels[pixel shr 8 and 0xff]
                floats[at++] = floatLevels[pixel and 0xff]
            }
            for (value in floats) buffer.putFloat(value)
        } else {
            var at = 0
            for (i in 0 until input.size / 3) {
                val pixel = pixels[i]
                bytes[at++] = byteLevels[pixel shr 16 and 0xff]
                bytes[at++] = byteLevels[pixel shr 8 and 0xff]
                bytes[at++] = byteLevels[pixel and 0xff]
            }
            buffer.put(bytes)
        }
        buffer.goTo(0)
    }
}
