package org.face520.landmarks

import kotlin.math.atan2
import kotlin.math.cos
import kotlin.math.exp
import kotlin.math.hypot
import kotlin.math.max
import kotlin.math.min
import kotlin.math.sin

// Keypoints that lead further away from the square of the box than this are no face's.
private const val FARTHEST_OF_SIDE = 0.4
private const val LARGEST_IN_SIZE = 1.8

// edge_runtime/detection/detection_square.json; of the odd features, and of the even ones.
private val ALONG = doubleArrayOf(
    0.1471, 0.0924, 0.187, -0.1016, 0.0088, -7.1257, -2.7303, -3.971, -0.307, -0.6689, -0.295,
)
private val ROLL_DEG = doubleArrayOf(
    49.6348, -0.7858, -4.9924, 13.5355, 4.488, 326.9444, -36.8015, 232.2899, -80.6812, 107.1571, -192.4139,
)
private val DOWN = doubleArrayOf(
    0.053, 0.0465, -0.0538, -0.1591, 0.0604, -0.3469, 0.3249, 0.0985, -0.3133, 0.0091, 2.7467, -1.5508,
)
private val LOG_SIDE = doubleArrayOf(
    0.3116, -5.4284, -1.6427, -0.9231, 0.536, -1.0232, -0.1186, -5.572, -1.5125, 0.2383, -1.6063, 0.6749,
)

/**
 * The square around a detected face, turned with it: what BlazeFace's keypoints tell beside its box.
 * Port of `edge_runtime/detection/detection_square.py`.
 */
internal class DetectionSquare {
    private val ofBox = CropRegion()
    private val x = DoubleArray(7) // of the keypoints and the box's middle, along the eyes
    private val y = DoubleArray(7) // and down to the mouth
    private val odd = DoubleArray(11)
    private val even = DoubleArray(12)

    /** Places a square; that of the box where the keypoints say nothing of use. */
    fun place(square: CropRegion, detection: FaceDetection) {
        ofBox.setAroundDetection(detection)
        square.setTo(ofBox)
        if (!placeByKeypoints(square, detection)) return
        val far = hypot(square.centerX - ofBox.centerX, square.centerY - ofBox.centerY)
        val size = max(square.sidePx / ofBox.sidePx, ofBox.sidePx / square.sidePx)
        if (far > FARTHEST_OF_SIDE * ofBox.sidePx || size > LARGEST_IN_SIZE) square.setTo(ofBox)
    }

    private fun placeByKeypoints(square: CropRegion, detection: FaceDetection): Boolean {
        val points = detection.keypoints
        val width = detection.right.toDouble() - detection.left
        val size = max(width, detection.bottom.toDouble() - detection.top)
        var sum = 0.0
        for (value in points) sum += value
        if (!(size > 0) || size.isInfinite() || sum.isNaN() || sum.isInfinite()) return false
        for (i in 0 until 6) if (points[i * 2] == 0f && points[i * 2 + 1] == 0f) return false
        val downX = points[6] - (points[0].toDouble() + points[2]) / 2
        val downY = points[7] - (points[1].toDouble() + points[3]) / 2
        if (hypot(downX, downY) < 0.01 * size) return false
        val turn = atan2(-downX, downY)
        val originX = (points[0].toDouble() + points[2] + points[4] + points[6]) / 4
        val originY = (points[1].toDouble() + points[3] + points[5] + points[7]) / 4
        for (i in 0 until 7) {
            val px = if (i < 6) points[i * 2].toDouble() else (detection.left.toDouble() + detection.right) / 2
            val py = if (i < 6) points[i * 2 + 1].toDouble() else (detection.top.toDouble() + detection.bottom) / 2
            x[i] = ((px - originX) * cos(turn) + (py - originY) * sin(turn)) / size
            y[i] = ((py - originY) * cos(turn) - (px - originX) * sin(turn)) / size
        }
        describe()
        val along = weighted(odd, ALONG)
        val down = weighted(even, DOWN)
        square.set(
            originX + (along * cos(turn) - down * sin(turn)) * size,
            originY + (along * sin(turn) + down * cos(turn)) * size,
            size * exp(min(weighted(even, LOG_SIDE), 2.0)),
            Math.toDegrees(turn) + weighted(odd, ROLL_DEG),
        )
        return true
    }

    /** Fills [even], which stays when the picture is mirrored, and [odd], which changes its sign. */
    private fun describe() {
        even[0] = 1.0
        even[1] = y[2]
        even[2] = y[6]
        even[3] = x[1] - x[0]
        even[4] = x[5] - x[4]
        even[5] = y[0] + y[1]
        even[6] = y[4] + y[5]
        odd[0] = x[2]
        odd[1] = x[6]
        odd[2] = x[4] + x[5]
        odd[3] = y[1] - y[0]
        odd[4] = y[5] - y[4]
        // How far the head is turned, whichever way, is what the products tell.
        for (i in 0 until 5) even[7 + i] = odd[i] * odd[i]
        for (i in 0 until 6) odd[5 + i] = odd[0] * even[1 + i]
    }

    private fun weighted(values: DoubleArray, weights: DoubleArray): Double {
        var sum = 0.0
        for (i in values.indices) sum += values[i] * weights[i]
        return sum
    }
}
