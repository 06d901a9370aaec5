package org.face520.landmarks

import kotlin.math.abs
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test

class CropTest {
    @Test
    fun `crops have the pixels that OpenCV gives Python`() {
        val crops = Golden.json.children("crops")
        assertEquals(7, crops.size)
        for (crop in crops) {
            val size = crop.int("size_px")
            val pixels = IntArray(size * size)
            CropResampler().extract(Golden.photo, Golden.region(crop), size, pixels)
            val expected = Golden.picture(crop.string("file"))
            var worst = 0
            for (i in pixels.indices) for (shift in 0..16 step 8) {
                worst = maxOf(worst, abs((pixels[i] shr shift and 0xff) - (expected.argb[i] shr shift and 0xff)))
            }
            // Equal but for the last bit of cosines, which may move a position by 1/1024 px.
            assertTrue("${crop.string("file")}: a value differs by $worst levels", worst <= 1)
        }
    }

    @Test
    fun `points go to the image and lie where the crop showed them`() {
        val region = CropRegion().apply { set(100.0, 50.0, 240.0, 90.0) }
        val points = floatArrayOf(59.5f, 59.5f, 3f, 119.5f, 59.5f, 0f)
        region.toImage(points, 120)
        // A quarter turn clockwise: the crop's right is the image's bottom.
        Golden.assertClose("points", floatArrayOf(100f, 50f, 6f, 100f, 170f, 0f), points, 1e-4f)
    }

    @Test
    fun `a region around landmarks is the square of the rule`() {
        val points = FloatArray(520 * 3)
        points[0] = 100f
        points[1] = 40f
        val region = CropRegion().apply { setAroundLandmarks(points) }
        assertEquals(50.0, region.centerX, 1e-9)
        assertEquals(20.0, region.centerY, 1e-9)
        assertEquals(100 * SIDE_OVER_BOX, region.sidePx, 1e-4)
    }
}
