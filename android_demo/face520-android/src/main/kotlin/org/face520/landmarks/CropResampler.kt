package org.face520.landmarks

import kotlin.math.abs
import kotlin.math.ceil
import kotlin.math.cos
import kotlin.math.max
import kotlin.math.min
import kotlin.math.sin

// OpenCV's warpAffine: positions in 1/1024 px, then cut to 1/32 px for the bilinear weights.
private const val POSITION_SCALE = 1024
private const val HALF_STEP = 16
private const val POSITION_TO_STEP = 5
private const val STEPS = 32

/**
 * Reads a square of an image as the network's input; bit for bit what `CropRegion.extract` in
 * `edge_runtime/crop.py` gets from OpenCV 4.11.
 */
internal class CropResampler {
    private val averaged = PixelImage()
    private val matrix = DoubleArray(6)

    /**
     * Fills [pixels] (sizePx * sizePx, ARGB) from the square; black outside the image. Bilinear; a
     * square of more than twice the size is first averaged down by a whole factor.
     */
    fun extract(image: PixelImage, region: CropRegion, sizePx: Int, pixels: IntArray) {
        region.toImageMatrix(sizePx, matrix)
        val factor = (region.sidePx / sizePx).toInt()
        if (factor > 1) {
            average(image, region, factor)
            warp(averaged, sizePx, pixels)
        } else {
            warp(image, sizePx, pixels)
        }
    }

    /** Averages the part of the image under the square; points [matrix] into the result. */
    private fun average(image: PixelImage, region: CropRegion, factor: Int) {
        val turn = Math.toRadians(region.rollDeg)
        val reach = region.sidePx * (abs(cos(turn)) + abs(sin(turn)))
        val left = min(max((region.centerX - reach / 2).toInt() - factor, 0), image.width - 1)
        val top = min(max((region.centerY - reach / 2).toInt() - factor, 0), image.height - 1)
        val right = max(min(ceil(region.centerX + reach / 2).toInt() + factor + 1, image.width), left + 1)
        val bottom = max(min(ceil(region.centerY + reach / 2).toInt() + factor + 1, image.height), top + 1)
        averaged.resize(max((right - left) / factor, 1), max((bottom - top) / factor, 1))
        for (row in 0 until averaged.height) {
            for (column in 0 until averaged.width) {
                averaged.argb[row * averaged.width + column] =
                    mean(image, left + column * factor, top + row * factor, factor)
            }
        }
        // Pixel j of the averaged image is centred on image pixel left + factor * j + (factor-1)/2.
        matrix[2] -= left + (factor - 1) / 2.0
        matrix[5] -= top + (factor - 1) / 2.0
        for (i in matrix.indices) matrix[i] /= factor.toDouble()
    }

    private fun mean(image: PixelImage, left: Int, top: Int, factor: Int): Int {
        val right = min(left + factor, image.width)
        val bottom = min(top + factor, image.height)
        var red = 0
        var green = 0
        var blue = 0
        for (y in top until bottom) {
            val row = y * image.width
            for (x in left until right) {
                val pixel = image.argb[row + x]
                red += pixel shr 16 and 0xff
                green += pixel shr 8 and 0xff
                blue += pixel and 0xff
            }
        }
        val share = 1f / ((right - left) * (bottom - top))
        return opaque(round(red, share), round(green, share), round(blue, share))
    }

    // OpenCV rounds the mean of 2 x 2 pixels up at the half, and any other mean to even.
    private fun round(sum: Int, share: Float): Int =
        if (share == 0.25f) (sum + 2) shr 2 else Math.rint((sum * share).toDouble()).toInt()

    private fun warp(image: PixelImage, sizePx: Int, pixels: IntArray) {
        for (row in 0 until sizePx) {
            val rowX = Math.rint((matrix[1] * row + matrix[2]) * POSITION_SCALE).toLong() + HALF_STEP
            val rowY = Math.rint((matrix[4] * row + matrix[5]) * POSITION_SCALE).toLong() + HALF_STEP
            for (column in 0 until sizePx) {
                val x = (rowX + Math.rint(matrix[0] * column * POSITION_SCALE).toLong()) shr POSITION_TO_STEP
                val y = (rowY + Math.rint(matrix[3] * column * POSITION_SCALE).toLong()) shr POSITION_TO_STEP
                pixels[row * sizePx + column] = bilinear(image, x, y)
            }
        }
    }

    /** The pixel at a place in 1/32 px. */
    private fun bilinear(image: PixelImage, x: Long, y: Long): Int {
        val left = x shr POSITION_TO_STEP
        val top = y shr POSITION_TO_STEP
        if (left < -1 || top < -1 || left >= image.width || top >= image.height) return opaque(0, 0, 0)
        val shareX = (x and (STEPS - 1L)).toInt()
        val shareY = (y and (STEPS - 1L)).toInt()
        val a = image.pixelOrBlack(left.toInt(), top.toInt())
        val b = image.pixelOrBlack(left.toInt() + 1, top.toInt())
        val c = image.pixelOrBlack(left.toInt(), top.toInt() + 1)
        val d = image.pixelOrBlack(left.toInt() + 1, top.toInt() + 1)
        return opaque(
            mix(a shr 16, b shr 16, c shr 16, d shr 16, shareX, shareY),
            mix(a shr 8, b shr 8, c shr 8, d shr 8, shareX, shareY),
            mix(a, b, c, d, shareX, shareY),
        )
    }

    private fun PixelImage.pixelOrBlack(x: Int, y: Int): Int =
        if (x in 0 until width && y in 0 until height) argb[y * width + x] else 0

    private fun mix(a: Int, b: Int, c: Int, d: Int, x: Int, y: Int): Int {
        val upper = (a and 0xff) * (STEPS - x) + (b and 0xff) * x
        val lower = (c and 0xff) * (STEPS - x) + (d and 0xff) * x
        return (upper * (STEPS - y) + lower * y + STEPS * STEPS / 2) / (STEPS * STEPS)
    }

    private fun opaque(red: Int, green: Int, blue: Int): Int =
        (0xff shl 24) or (red shl 16) or (green shl 8) or blue
}
