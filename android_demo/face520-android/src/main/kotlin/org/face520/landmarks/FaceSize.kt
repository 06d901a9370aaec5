package org.face520.landmarks

import kotlin.math.max
import kotlin.math.sqrt

/** How large a face is in the picture, by the tight box of the 68 iBUG landmarks. */
internal object FaceSize {
    /** Longer side of the box, px. */
    fun boxSidePx(points: FloatArray): Float = max(extentPx(points, 0), extentPx(points, 1))

    /** Square root of the box's area, at least 1 px. */
    fun sizePx(points: FloatArray): Float = sqrt(max(areaPx(points), 1f))

    /** Area of the box, px. */
    fun areaPx(points: FloatArray): Float = extentPx(points, 0) * extentPx(points, 1)

    /** Width of the box, px. */
    fun widthPx(points: FloatArray): Float = extentPx(points, 0)

    private fun extentPx(points: FloatArray, axis: Int): Float {
        var least = points[axis]
        var most = least
        // `until` with a step would make a range object, here and in every loop over points.
        for (i in axis..IBUG68_COUNT * 3 - 1 step 3) {
            least = minOf(least, points[i])
            most = maxOf(most, points[i])
        }
        return most - least
    }
}
