package org.face520.landmarks

import kotlin.math.min

private const val CALM_SWEEP_MS = 4000.0
private const val MOST_WINDOWS = 3 // a frame

/** In which a film's picture is searched from end to end while no face is known. */
internal const val SWEEP_MS = 2000.0

/**
 * The far search in a film: a few windows a frame, so that none pays for the whole picture. Port of
 * `edge_runtime/tracking/rolling_search.py`.
 */
internal class RollingSearch(val far: FarSearch) {
    private var width = 0
    private var height = 0
    private var windows = emptyList<CropRegion>()
    private var next = 0
    private var due = 1.0 // windows
    private var timeMs = 0.0

    /** Begins anew, as with another film. */
    fun reset() {
        width = 0
        height = 0
    }

    /** How many windows of the next frame are searched: [take] gives them. [isCalm]: while faces are followed. */
    fun count(width: Int, height: Int, timeMs: Double, isCalm: Boolean): Int {
        if (width != this.width || height != this.height) {
            this.width = width
            this.height = height
            windows = far.windows(width, height)
            next = 0
            due = 1.0
            this.timeMs = timeMs
        }
        if (windows.isEmpty()) return 0
        due += (timeMs - this.timeMs) / (if (isCalm) CALM_SWEEP_MS else SWEEP_MS) * windows.size
        this.timeMs = timeMs
        val count = minOf(due.toInt(), MOST_WINDOWS, windows.size)
        // Where frames are too few for all windows, none is searched later to make up for it.
        due = min(due - count, 1.0)
        return count
    }

    /** The next window; as often as [count] said. */
    fun take(): CropRegion {
        val window = windows[next]
        next = (next + 1) % windows.size
        return window
    }
}
