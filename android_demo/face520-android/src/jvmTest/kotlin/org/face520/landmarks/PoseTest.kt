package org.face520.landmarks

import org.junit.Assert.assertEquals
import org.junit.Assert.assertThrows
import org.junit.Test

class PoseTest {
    @Test
    fun `poses and visibility equal Python's`() {
        val face = Face(Golden.layout.size)
        val estimator = PoseEstimator(Golden.layout)
        val skin = SkinVisibility(Golden.layout)
        for ((number, golden) in Golden.json.children("poses").withIndex()) {
            golden.floats("points").copyInto(face.points)
            estimator.estimate(face)
            Golden.assertPose("pose $number", golden, face, 0.02)
            val roll = estimator.inPlaneRollDeg(face.points)
            Golden.assertAngle("pose $number: in-plane roll", golden.double("in_plane_roll_deg"), roll, 0.02)
            skin.judge(face.points, face.visibility)
            val seen = golden.floats("visibility")
            // A landmark whose skin is seen edge-on may fall to either side.
            val different = seen.indices.count { seen[it] != face.visibility[it] }
            assertEquals("visibility of pose $number", 0, different / 2)
        }
    }

    @Test
    fun `the head's place in the camera's space equals Python's`() {
        val transformation = HeadTransformation(Golden.layout)
        val matrix = DoubleArray(16)
        for ((number, golden) in Golden.json.children("poses").withIndex()) {
            val stored = golden.child("transformation")
            val expected = stored.floats("matrix")
            val points = golden.floats("points")
            transformation.estimate(points, stored.int("width"), stored.int("height"), matrix, stored.double("fov_deg"))
            val distance = Math.abs(expected[11])
            for (i in matrix.indices) {
                val tolerance = if (i % 4 == 3) 1e-4 * distance else 1e-4
                assertEquals("pose $number, value $i", expected[i].toDouble(), matrix[i], tolerance)
            }
        }
    }

    @Test
    fun `a camera without field of view is refused`() {
        val transformation = HeadTransformation(Golden.layout)
        val points = FloatArray(Golden.layout.size * 3)
        for ((width, fov) in listOf(640 to 180.0, 640 to 0.0, 0 to 63.0, 640 to Double.NaN)) {
            assertThrows(IllegalArgumentException::class.java) {
                transformation.estimate(points, width, 480, DoubleArray(16), fov)
            }
        }
    }
}
