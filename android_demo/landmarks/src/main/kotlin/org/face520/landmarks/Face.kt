package org.face520.landmarks

import kotlin.math.max
import kotlin.math.sqrt

/**
 * One face in an image; a video writes into the same instance again and again.
 *
 * [points]: x, y, z of each landmark in px of the image, x right, y down, pixel centres at integers,
 * z away from the camera and 0 at the mean. [seen]: whether the skin faces the camera. [presence]:
 * 0 to 1. Pose in degrees, 0 looking straight into the camera: [yawDeg] > 0 turns to the image's
 * right, [pitchDeg] > 0 looks up, [rollDeg] > 0 tilts clockwise as seen.
 */
class Face(val size: Int) {
    val points = FloatArray(size * 3)
    val seen = BooleanArray(size)
    var presence = 0f
    var yawDeg = 0f
    var pitchDeg = 0f
    var rollDeg = 0f

    /** Longer side of the tight box of the 68 iBUG landmarks, px. */
    val boxSidePx: Float get() = max(extentPx(0), extentPx(1))

    /** Square root of the area of that box, at least 1 px. */
    val sizePx: Float get() = sqrt(max(extentPx(0) * extentPx(1), 1f))

    private fun extentPx(axis: Int): Float {
        var least = points[axis]
        var most = least
        // `until` with a step would make a range object, here and in every loop over points.
        for (i in axis..IBUG68_COUNT * 3 - 1 step 3) {
            least = minOf(least, points[i])
            most = maxOf(most, points[i])
        }
        return most - least
    }

    /** Takes over the values of another face of the same size. */
    fun copyFrom(other: Face) {
        other.points.copyInto(points)
        other.seen.copyInto(seen)
        presence = other.presence
        yawDeg = other.yawDeg
        pitchDeg = other.pitchDeg
        rollDeg = other.rollDeg
    }
}
