package org.face520.landmarks


/** Number types of the tensors that face520 and BlazeFace models use. */
internal enum class TensorType(val bytes: Int, val lowest: Int, val highest: Int) {
    FLOAT32(4, 0, 0),
    INT8(1, -128, 127),
    UINT8(1, 0, 255),
}

/**
 * An input or output of a network; [scale] is 0 for a tensor that is not quantized.
 *
 * A quantized number q stands for (q - zeroPoint) * scale.
 */
internal class TensorInfo(
    val name: String,
    val shape: List<Int>,
    val type: TensorType,
    val scale: Float = 0f,
    val zeroPoint: Int = 0,
) {
    /** Numbers in the tensor. */
    val size: Int = shape.fold(1) { product, length -> product * length }

    /** The stored number for a real value; ties go to the even one, as in numpy. */
    fun quantize(value: Float): Int =
        (Math.rint((value / scale).toDouble()).toInt() + zeroPoint).coerceIn(type.lowest, type.highest)

    /** The real value of a stored number. */
    fun dequantize(stored: Int): Float = (stored - zeroPoint) * scale
}
