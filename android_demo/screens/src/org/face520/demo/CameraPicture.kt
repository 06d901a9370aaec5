package org.face520.demo

import android.graphics.Bitmap
import android.graphics.Canvas
import android.graphics.ImageFormat
import android.media.Image
import java.nio.ByteBuffer

/** A camera's frame: YUV 4:2:0 of a picture, chroma in every second byte as many phones have it. */
class CameraPicture(picture: Bitmap, private val timeMs: Double) : Image() {
    var isClosed = false
        private set
    private val w = picture.width
    private val h = picture.height
    private val luma = ByteBuffer.allocateDirect(w * h)
    private val blue = ByteBuffer.allocateDirect(w * h / 2)
    private val red = ByteBuffer.allocateDirect(w * h / 2)

    init {
        val argb = IntArray(w * h)
        picture.getPixels(argb, 0, w, 0, 0, w, h)
        for (i in argb.indices) {
            val r = argb[i] shr 16 and 255
            val g = argb[i] shr 8 and 255
            val b = argb[i] and 255
            luma.put(i, byte(0.299 * r + 0.587 * g + 0.114 * b))
            val x = i % w
            val y = i / w
            if (x % 2 == 1 || y % 2 == 1) continue
            blue.put(y / 2 * w + x, byte(128 - 0.168736 * r - 0.331264 * g + 0.5 * b))
            red.put(y / 2 * w + x, byte(128 + 0.5 * r - 0.418688 * g - 0.081312 * b))
        }
    }

    private fun byte(value: Double): Byte = (value + 0.5).toInt().coerceIn(0, 255).toByte()

    private class Samples(private val bytes: ByteBuffer, private val row: Int, private val pixel: Int) : Plane() {
        override fun getRowStride() = row

        override fun getPixelStride() = pixel

        override fun getBuffer(): ByteBuffer = bytes.duplicate()
    }

    override fun getFormat() = ImageFormat.YUV_420_888

    override fun getWidth() = w

    override fun getHeight() = h

    override fun getTimestamp() = (timeMs * 1e6).toLong()

    override fun getTransform() = 0

    override fun getScalingMode() = 0

    override fun getPlanes(): Array<Plane> =
        arrayOf(Samples(luma, w, 1), Samples(blue, w, 2), Samples(red, w, 2))

    override fun close() {
        isClosed = true
    }

    companion object {
        /** What a sensor sees of an upright picture that must be turned by [rotationDeg] clockwise to stand upright. */
        fun turned(upright: Bitmap, rotationDeg: Int): Bitmap {
            val isUpright = rotationDeg % 180 == 0
            val w = if (isUpright) upright.width else upright.height
            val h = if (isUpright) upright.height else upright.width
            val seen = Bitmap.createBitmap(w, h, Bitmap.Config.ARGB_8888)
            Canvas(seen).apply {
                translate(w / 2f, h / 2f)
                rotate(-rotationDeg.toFloat())
                drawBitmap(upright, -upright.width / 2f, -upright.height / 2f, null)
            }
            return seen
        }
    }
}
