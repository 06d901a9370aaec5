package org.face520.landmarks

import kotlin.math.PI
import kotlin.math.max
import kotlin.math.sqrt

private const val SPEED_CUTOFF_HZ = 1f // the paper's

// Face sizes per second that a still face seems to move; only what is faster opens the filter.
private const val SPEED_OF_NOISE = 0.15f

/**
 * The One-Euro filter over a face: calm when it is still, quick when it moves.
 *
 * Casiez, Roussel and Vogel, "1 Euro Filter", CHI 2012. The speed is that of each landmark in face
 * sizes per second. Port of `edge_runtime/tracking/one_euro.py`; [count] landmarks of [axes] values
 * each.
 */
internal class OneEuroFilter(private val count: Int, private val axes: Int = 3) {
    private val smoothed = FloatArray(count * axes)
    private val velocity = FloatArray(count * axes)
    private var lastMs = 0.0
    private var hasLast = false

    /** Forgets the face; the next points pass unchanged. */
    fun reset() {
        hasLast = false
    }

    /**
     * Smooths points x, y, z, ... in place. [facePx]: size of the face; [timeMs]: later than the
     * last one, or the points are passed on as a new track. [leastCutoffHz]: per landmark, of those
     * that are known to move, whatever their speed says.
     */
    fun filter(points: FloatArray, facePx: Float, timeMs: Double, smoothing: Smoothing, leastCutoffHz: FloatArray) {
        if (smoothing == Smoothing.OFF) return reset()
        if (!hasLast || timeMs <= lastMs) {
            points.copyInto(smoothed)
            velocity.fill(0f)
            lastMs = timeMs
            hasLast = true
            return
        }
        val seconds = ((timeMs - lastMs) / 1e3).toFloat()
        val perFaceSecond = seconds * max(facePx, 1f)
        val share = share(SPEED_CUTOFF_HZ, seconds)
        for (landmark in 0 until count) {
            val first = landmark * axes
            var squared = 0f
            for (axis in first until first + axes) {
                val moved = (points[axis] - smoothed[axis]) / perFaceSecond
                velocity[axis] += share * (moved - velocity[axis])
                squared += velocity[axis] * velocity[axis]
            }
            val moving = max(sqrt(squared) - SPEED_OF_NOISE, 0f)
            val cutoffHz = max(smoothing.minCutoffHz + smoothing.beta * moving, leastCutoffHz[landmark])
            val follow = share(cutoffHz, seconds)
            for (axis in first until first + axes) {
                smoothed[axis] += follow * (points[axis] - smoothed[axis])
                points[axis] = smoothed[axis]
            }
        }
        lastMs = timeMs
    }

    /** Weight of a new value in an exponential low-pass filter, 0 to 1. */
    private fun share(cutoffHz: Float, seconds: Float): Float {
        val turn = (2 * PI).toFloat() * cutoffHz * seconds
        return turn / (turn + 1)
    }
}
