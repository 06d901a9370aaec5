package org.face520.landmarks

import org.junit.Assert.assertArrayEquals
import org.junit.Assert.assertEquals
import org.junit.Test

class OneEuroFilterTest {
    private val golden = Golden.json.child("smoothing")
    private val times = golden.floats("times_ms")
    private val track = golden.floats("points")
    private val count = track.size / times.size / 3

    @Test
    fun `smoothed tracks equal Python's`() {
        for (smoothing in listOf(Smoothing.SOFT, Smoothing.STRONG)) {
            val expected = golden.floats(smoothing.name.lowercase())
            val filter = OneEuroFilter(count)
            for (frame in times.indices) {
                val points = frame(track, frame)
                filter.filter(points, golden.double("face_px").toFloat(), times[frame].toDouble(), smoothing, FloatArray(count))
                Golden.assertClose("$smoothing, frame $frame", frame(expected, frame), points, 2e-3f)
            }
        }
    }

    @Test
    fun `switched off it changes nothing`() {
        val filter = OneEuroFilter(count)
        for (frame in times.indices) {
            val points = frame(track, frame)
            filter.filter(points, 95f, times[frame].toDouble(), Smoothing.OFF, FloatArray(count))
            assertArrayEquals(frame(track, frame), points, 0f)
        }
    }

    @Test
    fun `a clock that stands still or a new track passes the points on`() {
        val filter = OneEuroFilter(1)
        val first = floatArrayOf(1f, 2f, 3f)
        filter.filter(first, 100f, 10.0, Smoothing.STRONG, FloatArray(1))
        val second = floatArrayOf(50f, 60f, 70f)
        filter.filter(second, 100f, 10.0, Smoothing.STRONG, FloatArray(1))
        assertEquals(50f, second[0], 0f)
        filter.reset()
        val third = floatArrayOf(-5f, 0f, 0f)
        filter.filter(third, 100f, 500.0, Smoothing.STRONG, FloatArray(1))
        assertEquals(-5f, third[0], 0f)
    }

    private fun frame(values: FloatArray, frame: Int) = values.copyOfRange(frame * count * 3, (frame + 1) * count * 3)
}
