package org.face520.landmarks

import org.junit.Assert.assertEquals
import org.junit.Test

/** What goldens do not show: detections whose keypoints say nothing, and the symmetry of the weights' use. */
class DetectionSquareTest {
    // A head turned and tilted a little: eyes, nose, mouth, ears.
    private val keypoints = floatArrayOf(40f, 42f, 68f, 46f, 52f, 58f, 50f, 72f, 30f, 48f, 86f, 54f)

    private fun square(keypoints: FloatArray) = CropRegion().also {
        DetectionSquare().place(it, FaceDetection(20f, 20f, 100f, 100f, 0.9f, keypoints))
    }

    private fun assertSame(what: String, expected: CropRegion, actual: CropRegion) {
        assertEquals(what, expected.centerX, actual.centerX, 1e-6)
        assertEquals(what, expected.centerY, actual.centerY, 1e-6)
        assertEquals(what, expected.sidePx, actual.sidePx, 1e-6)
        assertEquals(what, expected.rollDeg, actual.rollDeg, 1e-6)
    }

    @Test
    fun `without keypoints of use the square is the box's`() {
        val ofBox = CropRegion().apply { setAroundDetection(FaceDetection(20f, 20f, 100f, 100f, 0.9f, keypoints)) }
        val useless = mapOf(
            "none" to FloatArray(12),
            "one missing" to keypoints.copyOf().also { it[4] = 0f; it[5] = 0f },
            "not a number" to keypoints.copyOf().also { it[7] = Float.NaN },
            "all in one place" to FloatArray(12) { 50f },
            "far away" to FloatArray(12) { keypoints[it] + 400f },
        )
        for ((what, points) in useless) assertSame(what, ofBox, square(points))
    }

    @Test
    fun `a face in a mirror has the square in the mirror`() {
        val mirrored = FloatArray(12)
        for ((to, from) in listOf(1, 0, 2, 3, 5, 4).withIndex()) {
            mirrored[to * 2] = 120f - keypoints[from * 2]
            mirrored[to * 2 + 1] = keypoints[from * 2 + 1]
        }
        val one = square(keypoints)
        val other = square(mirrored)
        assertEquals(120 - one.centerX, other.centerX, 1e-4)
        assertEquals(one.centerY, other.centerY, 1e-4)
        assertEquals(one.sidePx, other.sidePx, 1e-4)
        assertEquals(-one.rollDeg, other.rollDeg, 1e-4)
    }
}
