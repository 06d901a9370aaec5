package org.face520.landmarks

import org.junit.Assert.assertEquals
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
}
