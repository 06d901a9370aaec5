package org.face520.landmarks

import kotlin.math.cos
import kotlin.math.max
import kotlin.math.sin
import kotlin.math.sqrt

/** Side of the crop over the longer side of the 68-landmark box: 3DDFA's rule. */
internal val SIDE_OVER_BOX = sqrt(2.0)

// Box of the 68 landmarks relative to BlazeFace's square; measured in edge_runtime/crop.py.
private const val BOX_OVER_DETECTION = 0.94
private const val BOX_BELOW_DETECTION = 0.056

/**
 * A square of the image, [sidePx] long, turned by [rollDeg] (clockwise as seen) about its centre.
 *
 * The square spans whole pixels: resampled to S pixels, crop pixel u lies at
 * centre + (u - (S - 1) / 2) * sidePx / S along the square's own x axis. Mutable, so that a video
 * reuses one. Port of `edge_runtime/crop.py`.
 */
internal class CropRegion {
    var centerX = 0.0
        private set
    var centerY = 0.0
        private set
    var sidePx = 1.0
        private set
    var rollDeg = 0.0
        private set
    private val matrix = DoubleArray(6)

    /** Places the square; px and degrees. */
    fun set(centerX: Double, centerY: Double, sidePx: Double, rollDeg: Double = 0.0) {
        this.centerX = centerX
        this.centerY = centerY
        this.sidePx = sidePx
        this.rollDeg = rollDeg
    }

    /** Takes another square's place. */
    fun setTo(other: CropRegion) = set(other.centerX, other.centerY, other.sidePx, other.rollDeg)

    /** The square for a face of which only BlazeFace's box is known. */
    fun setAroundDetection(detection: FaceDetection) {
        val width = detection.right.toDouble() - detection.left
        val height = detection.bottom.toDouble() - detection.top
        val side = SIDE_OVER_BOX * BOX_OVER_DETECTION * max(width, height)
        val centerY = (detection.top.toDouble() + detection.bottom) / 2 + BOX_BELOW_DETECTION * height
        set((detection.left.toDouble() + detection.right) / 2, centerY, max(side, 1.0))
    }

    /**
     * The square for landmarks x, y, z, ... in image px, of which the first 68 count, turned by
     * [rollDeg]; their box is taken along the turned axes.
     */
    fun setAroundLandmarks(points: FloatArray, rollDeg: Double = 0.0) {
        val turn = Math.toRadians(rollDeg)
        val cosine = cos(turn).toFloat()
        val sine = sin(turn).toFloat()
        var left = Float.MAX_VALUE
        var top = Float.MAX_VALUE
        var right = -Float.MAX_VALUE
        var bottom = -Float.MAX_VALUE
        for (i in 0..IBUG68_COUNT * 3 - 1 step 3) {
            val along = points[i] * cosine + points[i + 1] * sine
            val across = points[i + 1] * cosine - points[i] * sine
            left = minOf(left, along)
            right = maxOf(right, along)
            top = minOf(top, across)
            bottom = maxOf(bottom, across)
        }
        val side = SIDE_OVER_BOX * max(right.toDouble() - left, bottom.toDouble() - top)
        val middleX = (left.toDouble() + right) / 2
        val middleY = (top.toDouble() + bottom) / 2
        set(middleX * cosine - middleY * sine, middleX * sine + middleY * cosine, max(side, 1.0), rollDeg)
    }

    /** Affine from crop px to image px, six values by rows, into [matrix]. */
    fun toImageMatrix(sizePx: Int, matrix: DoubleArray) {
        val scale = sidePx / sizePx
        val turn = Math.toRadians(rollDeg)
        val along = scale * cos(turn)
        val across = scale * sin(turn)
        val middle = (sizePx - 1) / 2.0
        matrix[0] = along
        matrix[1] = -across
        matrix[2] = centerX - (along - across) * middle
        matrix[3] = across
        matrix[4] = along
        matrix[5] = centerY - (across + along) * middle
    }

    /** Moves points x, y, z, ... from crop px to image px in place; z is scaled with the square. */
    fun toImage(points: FloatArray, sizePx: Int) {
        toImageMatrix(sizePx, matrix)
        val scale = (sidePx / sizePx).toFloat()
        for (i in points.indices step 3) {
            val x = points[i].toDouble()
            val y = points[i + 1].toDouble()
            points[i] = (matrix[0] * x + matrix[1] * y + matrix[2]).toFloat()
            points[i + 1] = (matrix[3] * x + matrix[4] * y + matrix[5]).toFloat()
            points[i + 2] *= scale
        }
    }
}
