package org.face520.demo.live

private const val SMOOTHING = 0.1f
private const val PAUSE_MS = 1000f // a slower camera than this shows no rate

/** Frames per second over about the last ten frames. */
class FrameRate {
    private var lastMs = 0.0
    private var meanMs = 0f

    /** The rate with a frame at this time; 0 for the first, and for the first after a pause. */
    fun at(timeMs: Double): Float {
        val elapsed = (timeMs - lastMs).toFloat()
        val isFirst = lastMs == 0.0 || elapsed <= 0 || elapsed > PAUSE_MS
        lastMs = timeMs
        if (isFirst) {
            meanMs = 0f
            return 0f
        }
        meanMs = if (meanMs == 0f) elapsed else meanMs + SMOOTHING * (elapsed - meanMs)
        return 1000 / meanMs
    }
}
