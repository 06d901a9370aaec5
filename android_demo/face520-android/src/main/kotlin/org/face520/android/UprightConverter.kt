package org.face520.android

import android.graphics.Bitmap
import org.face520.landmarks.PixelImage
import org.face520.landmarks.YuvConverter

/** Bitmaps and camera frames to upright pixels; keeps its buffers, and belongs to one thread at a time. */
internal class UprightConverter {
    private val yuv = YuvConverter()
    private var row = IntArray(0)

    fun convert(frame: YuvFrame, upright: PixelImage) =
        yuv.convert(frame.width, frame.height, frame.luma, frame.blue, frame.red, frame.rotationDeg, upright)

    /** Throws IllegalArgumentException for a recycled bitmap, and turns other than 0, 90, 180 and 270. */
    fun convert(bitmap: Bitmap, rotationDeg: Int, upright: PixelImage) {
        require(!bitmap.isRecycled) { "The bitmap is recycled: recycle it after the call, if at all." }
        // The memory of a hardware bitmap, as image loaders make them, cannot be read.
        val readable = if (isReadable(bitmap)) bitmap else bitmap.copy(Bitmap.Config.ARGB_8888, false)
        val width = bitmap.width
        val height = bitmap.height
        if (rotationDeg == 0) {
            upright.resize(width, height)
            return readable.getPixels(upright.argb, 0, width, 0, 0, width, height)
        }
        require(rotationDeg in listOf(90, 180, 270)) {
            "A bitmap cannot be turned by $rotationDeg degrees: 0, 90, 180 and 270 it can."
        }
        if (rotationDeg == 180) upright.resize(width, height) else upright.resize(height, width)
        if (row.size < width) row = IntArray(width)
        for (y in 0 until height) {
            readable.getPixels(row, 0, width, 0, y, width, 1)
            scatter(y, width, height, rotationDeg, upright.argb)
        }
    }

    private fun scatter(y: Int, width: Int, height: Int, rotationDeg: Int, argb: IntArray) {
        var at = when (rotationDeg) {
            90 -> height - 1 - y
            180 -> (height - 1 - y) * width + width - 1
            else -> (width - 1) * height + y
        }
        val step = if (rotationDeg == 90) height else if (rotationDeg == 180) -1 else -height
        for (x in 0 until width) {
            argb[at] = row[x]
            at += step
        }
    }

    // The name, since the constant came with API 26.
    private fun isReadable(bitmap: Bitmap): Boolean = bitmap.config?.name != "HARDWARE"
}
