package org.face520.landmarks

import kotlin.math.abs
import kotlin.math.asin
import kotlin.math.atan2
import kotlin.math.sqrt

private const val SWEEPS = 30
private const val NEGLIGIBLE = 1e-30

/**
 * Head pose: the rotation of the least-squares similarity from the mean face to the landmarks.
 *
 * Frame: x right, y down, z away from the camera; R = Rz(roll) Ry(-yaw) Rx(-pitch), as in
 * `edge_runtime/pose.py`. The rotation is found as a unit quaternion (Horn, "Closed-form solution of
 * absolute orientation using unit quaternions", 1987): the eigenvector of a symmetric 4x4 matrix,
 * which Jacobi's method finds without a linear algebra library.
 */
internal class PoseEstimator(layout: Layout) {
    private val size = layout.size
    private val source = centered(layout.meanShape)
    private val covariance = DoubleArray(9)
    private val rotation = DoubleArray(9)
    private val symmetric = Array(4) { DoubleArray(4) }
    private val vectors = Array(4) { DoubleArray(4) }

    /** Sets the pose of a face from its points. */
    fun estimate(face: Face) {
        solve(face.points)
        face.yawDeg = Math.toDegrees(asin(rotation[6].coerceIn(-1.0, 1.0))).toFloat()
        face.pitchDeg = -Math.toDegrees(atan2(rotation[7], rotation[8])).toFloat()
        face.rollDeg = Math.toDegrees(atan2(rotation[3], rotation[0])).toFloat()
    }

    /**
     * How far the head's upward axis is tilted in the picture plane, degrees, clockwise; calm in
     * profile, where roll and pitch turn about the same axis.
     */
    fun inPlaneRollDeg(points: FloatArray): Double {
        solve(points)
        return Math.toDegrees(atan2(-rotation[1], rotation[4]))
    }

    /** The rotation from the mean face to points x, y, z, ..., nine values by rows; valid until the next call. */
    internal fun rotationTo(points: FloatArray): DoubleArray {
        solve(points)
        return rotation
    }

    /** Fills [rotation], by rows, from points x, y, z, ... */
    private fun solve(points: FloatArray) {
        correlate(points)
        val best = largestEigenvector()
        val w = vectors[0][best]
        val x = vectors[1][best]
        val y = vectors[2][best]
        val z = vectors[3][best]
        rotation[0] = 1 - 2 * (y * y + z * z)
        rotation[1] = 2 * (x * y - w * z)
        rotation[2] = 2 * (x * z + w * y)
        rotation[3] = 2 * (x * y + w * z)
        rotation[4] = 1 - 2 * (x * x + z * z)
        rotation[5] = 2 * (y * z - w * x)
        rotation[6] = 2 * (x * z - w * y)
        rotation[7] = 2 * (y * z + w * x)
        rotation[8] = 1 - 2 * (x * x + y * y)
    }

    /** Sums source * target over all points into [covariance] (rows: source), then Horn's matrix. */
    private fun correlate(points: FloatArray) {
        covariance.fill(0.0)
        for (i in 0..size * 3 - 1 step 3) {
            // The source is centred, so that the target's mean cancels out.
            for (row in 0 until 3) {
                val from = source[i + row]
                covariance[row * 3] += from * points[i]
                covariance[row * 3 + 1] += from * points[i + 1]
                covariance[row * 3 + 2] += from * points[i + 2]
            }
        }
        val s = covariance
        set(0, 0, s[0] + s[4] + s[8])
        set(1, 1, s[0] - s[4] - s[8])
        set(2, 2, -s[0] + s[4] - s[8])
        set(3, 3, -s[0] - s[4] + s[8])
        set(0, 1, s[5] - s[7])
        set(0, 2, s[6] - s[2])
        set(0, 3, s[1] - s[3])
        set(1, 2, s[1] + s[3])
        set(1, 3, s[6] + s[2])
        set(2, 3, s[5] + s[7])
    }

    private fun set(row: Int, column: Int, value: Double) {
        symmetric[row][column] = value
        symmetric[column][row] = value
    }

    /** Column of [vectors] with the largest eigenvalue of [symmetric], by Jacobi rotations. */
    private fun largestEigenvector(): Int {
        for (row in 0 until 4) for (column in 0 until 4) vectors[row][column] = if (row == column) 1.0 else 0.0
        for (sweep in 0 until SWEEPS) {
            var rest = 0.0
            for (p in 0 until 3) for (q in p + 1 until 4) rest += symmetric[p][q] * symmetric[p][q]
            if (rest < NEGLIGIBLE) break
            for (p in 0 until 3) for (q in p + 1 until 4) rotate(p, q)
        }
        var best = 0
        for (i in 1 until 4) if (symmetric[i][i] > symmetric[best][best]) best = i
        return best
    }

    /** Turns rows and columns p and q so that their common entry vanishes. */
    private fun rotate(p: Int, q: Int) {
        val shared = symmetric[p][q]
        if (shared == 0.0) return
        val theta = (symmetric[q][q] - symmetric[p][p]) / (2 * shared)
        val sign = if (theta < 0) -1.0 else 1.0
        val tangent = sign / (abs(theta) + sqrt(theta * theta + 1))
        val cosine = 1 / sqrt(tangent * tangent + 1)
        val sine = tangent * cosine
        for (k in 0 until 4) {
            val one = symmetric[k][p]
            val other = symmetric[k][q]
            symmetric[k][p] = cosine * one - sine * other
            symmetric[k][q] = sine * one + cosine * other
        }
        for (k in 0 until 4) {
            val one = symmetric[p][k]
            val other = symmetric[q][k]
            symmetric[p][k] = cosine * one - sine * other
            symmetric[q][k] = sine * one + cosine * other
        }
        for (k in 0 until 4) {
            val one = vectors[k][p]
            val other = vectors[k][q]
            vectors[k][p] = cosine * one - sine * other
            vectors[k][q] = sine * one + cosine * other
        }
    }

    private fun centered(shape: FloatArray): DoubleArray {
        val points = DoubleArray(shape.size) { shape[it].toDouble() }
        for (axis in 0 until 3) {
            var sum = 0.0
            for (i in axis..points.size - 1 step 3) sum += points[i]
            for (i in axis..points.size - 1 step 3) points[i] -= sum * 3 / shape.size
        }
        return points
    }
}
