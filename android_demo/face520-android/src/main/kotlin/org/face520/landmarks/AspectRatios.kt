package org.face520.landmarks

import kotlin.math.max
import kotlin.math.sqrt

// iBUG landmarks: pairs above and below. Sides are the subject's.
internal val LEFT_EYE_PAIRS = intArrayOf(43, 47, 44, 46)
internal val RIGHT_EYE_PAIRS = intArrayOf(37, 41, 38, 40)
internal val INNER_MOUTH_PAIRS = intArrayOf(61, 67, 62, 66, 63, 65)

/**
 * Mean height over width of each eye and of the mouth between the lips, always of the face's latest
 * points.
 *
 * The eyes' is the eye aspect ratio of Soukupova and Cech (2016) in 3D. Even closed, lids and lips
 * keep some height.
 */
public class AspectRatios internal constructor(private val points: FloatArray) {
    /** Of the person's left eye. */
    public val leftEye: Float get() = heightOverWidth(42, 45, LEFT_EYE_PAIRS)

    /** Of the person's right eye. */
    public val rightEye: Float get() = heightOverWidth(36, 39, RIGHT_EYE_PAIRS)

    /** Of the mouth between the lips. */
    public val mouth: Float get() = heightOverWidth(60, 64, INNER_MOUTH_PAIRS)

    private fun heightOverWidth(corner: Int, otherCorner: Int, pairs: IntArray): Float =
        meanHeight(points, pairs) / max(distance(points, corner, otherCorner), 1e-6f)

    internal companion object {
        /** Mean distance of landmarks that lie above and below each other, in px. */
        fun meanHeight(points: FloatArray, pairs: IntArray): Float {
            var sum = 0f
            for (i in 0..pairs.size - 1 step 2) sum += distance(points, pairs[i], pairs[i + 1])
            return sum * 2 / pairs.size
        }

        private fun distance(points: FloatArray, one: Int, other: Int): Float {
            val x = points[one * 3] - points[other * 3]
            val y = points[one * 3 + 1] - points[other * 3 + 1]
            val z = points[one * 3 + 2] - points[other * 3 + 2]
            return sqrt(x * x + y * y + z * z)
        }
    }
}
