package org.face520.landmarks

private const val FIRST_CAPACITY = 4096 // frames: a minute at 68 a second

/**
 * How far the eyes were open in the frames of the last [windowMs]; grows only for cameras so fast that
 * their frames do not fit.
 */
internal class OpeningHistory(private val windowMs: Double) {
    private var timesMs = DoubleArray(FIRST_CAPACITY)
    private var stepsMs = DoubleArray(FIRST_CAPACITY)
    private var openings = DoubleArray(FIRST_CAPACITY)
    private var sorted = DoubleArray(FIRST_CAPACITY) // the same openings, for percentiles
    private var first = 0
    private var count = 0

    /** Time between the oldest frame and the latest. */
    val spanMs: Double get() = if (count == 0) 0.0 else timesMs[at(count - 1)] - timesMs[first]

    fun clear() {
        first = 0
        count = 0
    }

    /** Takes a frame, [stepMs] after the one before, and drops those that are too old. */
    fun add(timeMs: Double, stepMs: Double, opening: Double) {
        if (count == timesMs.size) grow()
        val place = at(count)
        timesMs[place] = timeMs
        stepsMs[place] = stepMs
        openings[place] = opening
        val after = java.util.Arrays.binarySearch(sorted, 0, count, opening).let { if (it < 0) -it - 1 else it }
        System.arraycopy(sorted, after, sorted, after + 1, count - after)
        sorted[after] = opening
        count++
        while (timesMs[first] < timeMs - windowMs) dropOldest()
    }

    /** The opening that a share of the frames stays below, 0 to 1, interpolated as numpy does. */
    fun percentile(share: Double): Double {
        val place = share * (count - 1)
        val below = place.toInt()
        val above = minOf(below + 1, count - 1)
        return sorted[below] + (sorted[above] - sorted[below]) * (place - below)
    }

    /** Share of the time in which the eyes were open less than that. */
    fun shareBelow(opening: Double): Double {
        var below = 0.0
        var all = 0.0
        for (i in 0 until count) {
            val place = at(i)
            all += stepsMs[place]
            if (openings[place] < opening) below += stepsMs[place]
        }
        return below / maxOf(all, 1.0)
    }

    private fun dropOldest() {
        val place = java.util.Arrays.binarySearch(sorted, 0, count, openings[first])
        System.arraycopy(sorted, place + 1, sorted, place, count - place - 1)
        first = at(1)
        count--
    }

    private fun at(index: Int): Int = (first + index) % timesMs.size

    private fun grow() {
        val order = IntArray(count) { at(it) }
        val more = count * 2
        timesMs = DoubleArray(more) { if (it < count) timesMs[order[it]] else 0.0 }
        stepsMs = DoubleArray(more) { if (it < count) stepsMs[order[it]] else 0.0 }
        openings = DoubleArray(more) { if (it < count) openings[order[it]] else 0.0 }
        sorted = sorted.copyOf(more)
        first = 0
    }
}
