package org.face520.landmarks

import kotlin.math.abs
import kotlin.math.asin
import kotlin.math.atan2
import kotlin.math.max
import kotlin.math.min
import kotlin.math.pow
import kotlin.math.sqrt

private const val NOISE = 0.0045
private const val NOISE_OF_WIDTH = 2.5
private const val PER_EXPRESSION = 0.016
private const val MOST_TURN_DEG = 15.0
private const val SPREAD_OF_SIZE_1 = 0.499 // of the mean face's landmarks about their mean
private val OF_SHAPE = listOf("mouth", "jaw", "cheek", "brow", "nose")

/**
 * Could two looks show the same person? By the face's shape, where they can be compared at all. Port of
 * `edge_runtime/tracking/face_shape.py`, which tells how the constants were measured.
 */
internal class FaceShape(private val layout: Layout, private val pose: PoseEstimator) {
    private val coefficients =
        BLENDSHAPE_NAMES.indices.filter { place -> OF_SHAPE.any { BLENDSHAPE_NAMES[place].startsWith(it) } }

    /** One face straight ahead, about its mean, at the mean face's size. */
    private inner class Straight(points: FloatArray) {
        val points = DoubleArray(layout.size * 3)
        val yawDeg: Double
        val pitchDeg: Double

        init {
            val rotation = pose.rotationTo(points)
            yawDeg = Math.toDegrees(asin(rotation[6].coerceIn(-1.0, 1.0)))
            pitchDeg = -Math.toDegrees(atan2(rotation[7], rotation[8]))
            val mean = DoubleArray(3) { axis -> (axis until points.size step 3).sumOf { points[it].toDouble() } / layout.size }
            var square = 0.0
            for (i in 0 until points.size step 3) for (column in 0 until 3) {
                var sum = 0.0
                for (row in 0 until 3) sum += (points[i + row] - mean[row]) * rotation[row * 3 + column]
                this.points[i + column] = sum
                square += sum * sum
            }
            val scale = SPREAD_OF_SIZE_1 / sqrt(square / layout.size)
            for (i in this.points.indices) this.points[i] *= scale
        }
    }

    /**
     * False where the shapes differ beyond noise; true as well where that cannot be told: where the model
     * has no expression, and where the heads are turned apart.
     */
    fun mayBeOnePerson(one: Prediction, other: Prediction): Boolean {
        if (!one.hasExpression || !other.hasExpression) return true
        val straight = Straight(one.points)
        val otherStraight = Straight(other.points)
        val turn = max(abs(straight.yawDeg - otherStraight.yawDeg), abs(straight.pitchDeg - otherStraight.pitchDeg))
        if (turn > MOST_TURN_DEG) return true
        val width = min(FaceSize.widthPx(one.points), FaceSize.widthPx(other.points)).toDouble()
        val limit = NOISE + NOISE_OF_WIDTH / max(width, 1.0).pow(2) + PER_EXPRESSION * expressionDistance(one, other)
        return distance(straight, otherStraight) <= limit
    }

    /** Root mean square distance of landmarks, straight ahead, in face sizes. */
    fun distance(one: FloatArray, other: FloatArray): Double = distance(Straight(one), Straight(other))

    private fun distance(one: Straight, other: Straight): Double {
        var sum = 0.0
        for (i in one.points.indices) sum += (one.points[i] - other.points[i]).pow(2)
        return sqrt(sum / layout.size)
    }

    private fun expressionDistance(one: Prediction, other: Prediction): Double {
        var sum = 0.0
        for (place in coefficients) {
            val apart = (one.expression[place] - other.expression[place]).toDouble()
            if (!apart.isNaN()) sum += apart * apart
        }
        return sqrt(sum)
    }
}
