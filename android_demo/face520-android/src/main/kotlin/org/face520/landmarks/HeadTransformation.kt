package org.face520.landmarks

import kotlin.math.tan

// Size of the mean face; edge_runtime/pose.py tells whose it is, and how much people's differ.
private const val FACE_SIZE_CM = 14.69
private const val USUAL_FOV_DEG = 63.0

/**
 * The head's place in the camera's space; port of `head_transformation` in `edge_runtime/pose.py`,
 * which tells how it is found and how exact the distance is.
 *
 * Both spaces are right-handed, x to the image's right, y up, z toward the viewer, in cm, as those of
 * OpenGL and of MediaPipe's facial transformation matrix. The camera stands at the origin and looks
 * along -z; the head's origin is the mean of the mean face's landmarks.
 */
public class HeadTransformation(layout: Layout) {
    private val pose = PoseEstimator(layout)
    private val head = DoubleArray(layout.meanShape.size) { layout.meanShape[it] * FACE_SIZE_CM }
    private val seen = FloatArray(head.size)
    private val seenMean = DoubleArray(3)
    private val turnedMean = DoubleArray(3)
    private val headMean = DoubleArray(3) { axis -> mean(head, axis) }

    /**
     * Fills [matrix], 16 values by rows, with what carries the head's cm to the camera's; [points]: of a
     * face in an image of [width] x [height] px. [verticalFovDeg]: the camera's field of view from the
     * image's upper to its lower edge; 63 is what MediaPipe supposes too. Throws IllegalArgumentException
     * for a size or an angle that no camera has.
     */
    public fun estimate(
        points: FloatArray,
        width: Int,
        height: Int,
        matrix: DoubleArray,
        verticalFovDeg: Double = USUAL_FOV_DEG,
    ) {
        require(minOf(width, height) > 0 && verticalFovDeg > 0 && verticalFovDeg < 180) {
            "No camera has a picture of $width x $height px and a field of view of $verticalFovDeg degrees."
        }
        look(points, width, height, height / 2 / tan(Math.toRadians(verticalFovDeg) / 2))
        val rotation = pose.rotationTo(seen)
        for (row in 0 until 3) {
            seenMean[row] = mean(seen, row)
            turnedMean[row] = turned(rotation, row, headMean[0], headMean[1], headMean[2])
        }
        val distanceCm = distanceCm(rotation)
        matrix.fill(0.0)
        for (row in 0 until 3) {
            for (column in 0 until 3) matrix[row * 4 + column] = up(row) * rotation[row * 3 + column] * up(column)
            matrix[row * 4 + 3] = up(row) * (seenMean[row] * distanceCm - turnedMean[row])
        }
        matrix[15] = 1.0
    }

    /** Where landmarks lie along the rays of their pixels, in distances of the head. */
    private fun look(points: FloatArray, width: Int, height: Int, focalPx: Double) {
        for (i in 0..points.size - 1 step 3) {
            val away = 1 + points[i + 2] / focalPx
            seen[i] = ((points[i] - (width - 1) / 2.0) / focalPx * away).toFloat()
            seen[i + 1] = ((points[i + 1] - (height - 1) / 2.0) / focalPx * away).toFloat()
            seen[i + 2] = away.toFloat()
        }
    }

    private fun distanceCm(rotation: DoubleArray): Double {
        var own = 0.0
        var shared = 0.0
        for (i in 0..head.size - 1 step 3) {
            for (row in 0 until 3) {
                val spread = turned(rotation, row, head[i], head[i + 1], head[i + 2]) - turnedMean[row]
                own += spread * spread
                shared += spread * (seen[i + row] - seenMean[row])
            }
        }
        return own / shared
    }

    private fun turned(rotation: DoubleArray, row: Int, x: Double, y: Double, z: Double): Double =
        rotation[row * 3] * x + rotation[row * 3 + 1] * y + rotation[row * 3 + 2] * z

    /** From y down, z away to y up, z toward the viewer. */
    private fun up(axis: Int): Int = if (axis == 0) 1 else -1

    private fun mean(values: DoubleArray, axis: Int): Double {
        var sum = 0.0
        for (i in axis..values.size - 1 step 3) sum += values[i]
        return sum * 3 / values.size
    }

    private fun mean(values: FloatArray, axis: Int): Double {
        var sum = 0.0
        for (i in axis..values.size - 1 step 3) sum += values[i]
        return sum * 3 / values.size
    }
}
