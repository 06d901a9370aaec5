package org.face520.landmarks

import java.nio.ByteBuffer

/** One plane of a camera frame: sample (row, column) lies in [bytes] at row * [rowStride] + column * [pixelStride]. */
public class YuvPlane(public val bytes: ByteBuffer, public val rowStride: Int, public val pixelStride: Int)

/**
 * A camera's YUV 4:2:0 frame to upright RGB: BT.601 with full range, which Android's camera2 uses
 * for YUV_420_888 unless told otherwise (as JFIF does).
 */
internal class YuvConverter {
    private var lumaRow = ByteArray(0)
    private var blueRow = ByteArray(0)
    private var redRow = ByteArray(0)

    /**
     * Converts [width] x [height] samples (both even) into [image], turned clockwise by
     * [rotationDeg], 0, 90, 180 or 270; a quarter turn swaps the image's sides.
     */
    fun convert(
        width: Int,
        height: Int,
        luma: YuvPlane,
        blue: YuvPlane,
        red: YuvPlane,
        rotationDeg: Int,
        image: PixelImage,
    ) {
        require(rotationDeg in 0..270 && rotationDeg % 90 == 0) { "Cannot rotate a frame by $rotationDeg degrees." }
        val isUpright = rotationDeg % 180 == 0
        image.resize(if (isUpright) width else height, if (isUpright) height else width)
        lumaRow = grown(lumaRow, luma.rowStride)
        blueRow = grown(blueRow, blue.rowStride)
        redRow = grown(redRow, red.rowStride)
        for (y in 0 until height) {
            readRow(luma, y, lumaRow)
            if (y % 2 == 0) {
                readRow(blue, y / 2, blueRow)
                readRow(red, y / 2, redRow)
            }
            val first = when (rotationDeg) {
                0 -> y * width
                90 -> height - 1 - y
                180 -> (height - 1 - y) * width + width - 1
                else -> (width - 1) * height + y
            }
            val step = when (rotationDeg) {
                0 -> 1
                90 -> height
                180 -> -1
                else -> -height
            }
            convertRow(width, luma.pixelStride, blue.pixelStride, red.pixelStride, image.argb, first, step)
        }
    }

    private fun convertRow(
        width: Int,
        lumaStride: Int,
        blueStride: Int,
        redStride: Int,
        argb: IntArray,
        first: Int,
        step: Int,
    ) {
        var at = first
        for (x in 0 until width) {
            // 16-bit fixed point, half a unit added to round.
            val y = ((lumaRow[x * lumaStride].toInt() and 0xff) shl 16) + 32768
            val cb = (blueRow[(x shr 1) * blueStride].toInt() and 0xff) - 128
            val cr = (redRow[(x shr 1) * redStride].toInt() and 0xff) - 128
            val r = clamp((y + 91881 * cr) shr 16)
            val g = clamp((y - 22554 * cb - 46802 * cr) shr 16)
            val b = clamp((y + 116130 * cb) shr 16)
            argb[at] = (0xff shl 24) or (r shl 16) or (g shl 8) or b
            at += step
        }
    }

    private fun readRow(plane: YuvPlane, row: Int, into: ByteArray) {
        plane.bytes.goTo(row * plane.rowStride)
        // The last row of a plane may end before its stride does.
        plane.bytes.get(into, 0, minOf(plane.rowStride, plane.bytes.remaining()))
    }

    private fun clamp(value: Int): Int = if (value < 0) 0 else if (value > 255) 255 else value

    private fun grown(row: ByteArray, length: Int): ByteArray = if (row.size < length) ByteArray(length) else row
}
