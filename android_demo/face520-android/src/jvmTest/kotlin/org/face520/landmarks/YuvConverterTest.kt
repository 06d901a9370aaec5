package org.face520.landmarks

import java.nio.ByteBuffer
import kotlin.math.abs
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test

class YuvConverterTest {
    private val golden = Golden.json.child("yuv")
    private val width = golden.int("width")
    private val height = golden.int("height")

    @Test
    fun `planes side by side and interleaved give the same picture, turned all four ways`() {
        for (rotation in 0..3) for (stride in listOf(1, 2)) {
            val image = PixelImage()
            val luma = plane("luma", width, width + 3, 1)
            val blue = plane("blue", width / 2, width + 5, stride)
            val red = plane("red", width / 2, width + 5, stride)
            YuvConverter().convert(width, height, luma, blue, red, rotation * 90, image)
            assertEquals(if (rotation % 2 == 0) width else height, image.width)
            val expected = (golden.list("rgb")[rotation] as List<*>).map { (it as Double).toInt() }
            for (i in 0 until width * height) for (channel in 0..2) {
                val value = image.argb[i] shr (16 - 8 * channel) and 0xff
                val message = "rotation $rotation, stride $stride, pixel $i, channel $channel"
                assertTrue("$message: $value", abs(value - expected[i * 3 + channel]) <= 1)
            }
        }
    }

    /** A plane as cameras give it: its last row ends with its last sample. */
    private fun plane(name: String, columns: Int, rowStride: Int, pixelStride: Int): YuvPlane {
        val values = golden.ints(name)
        val rows = values.size / columns
        val bytes = ByteBuffer.allocateDirect((rows - 1) * rowStride + (columns - 1) * pixelStride + 1)
        for (row in 0 until rows) for (column in 0 until columns) {
            bytes.put(row * rowStride + column * pixelStride, values[row * columns + column].toByte())
        }
        return YuvPlane(bytes, rowStride, pixelStride)
    }
}
