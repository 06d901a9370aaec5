package org.face520.demo.benchmark

private const val STABLE_WINDOWS = 3
private const val STABLE_WITHIN = 0.02
private const val WINDOW_SECONDS = 0.05
private const val WINDOW_CALLS = 5

/** Calls before the first sample; stable when three windows in a row agreed within 2 percent. */
class WarmUp(val calls: Int, val seconds: Double, val stable: Boolean) {
    fun toJson(): Map<String, Any?> = linkedMapOf("calls" to calls, "seconds" to seconds, "stable" to stable)
}

/** Times calls as `benchmarks/timing/stopwatch.py` does; [clock] in nanoseconds. */
class Stopwatch(private val clock: () -> Long = System::nanoTime) {
    /** Milliseconds of each call: at least [count] calls, and for at least [seconds]. */
    fun time(count: Int, seconds: Double, call: () -> Unit): DoubleArray {
        var samples = DoubleArray(maxOf(count, 64))
        var taken = 0
        val end = clock() + (seconds * 1e9).toLong()
        while (true) {
            val start = clock()
            call()
            val stop = clock()
            if (taken == samples.size) samples = samples.copyOf(taken * 2)
            samples[taken++] = (stop - start) / 1e6
            if (stop >= end && taken >= count) return samples.copyOf(taken)
        }
    }

    /** Calls until the medians of three windows in a row agree, or the limit has passed. */
    fun warmUp(limitSeconds: Double, call: () -> Unit): WarmUp {
        val start = clock()
        var calls = 0
        val medians = ArrayList<Double>()
        while (true) {
            val samples = time(WINDOW_CALLS, WINDOW_SECONDS, call)
            calls += samples.size
            medians.add(Distribution(samples).medianMs)
            val last = medians.takeLast(STABLE_WINDOWS)
            val seconds = (clock() - start) / 1e9
            if (last.size == STABLE_WINDOWS && last.max() <= last.min() * (1 + STABLE_WITHIN)) {
                return WarmUp(calls, seconds, true)
            }
            if (seconds >= limitSeconds) return WarmUp(calls, seconds, false)
        }
    }

    /** Seconds since some moment. */
    fun seconds(): Double = clock() / 1e9
}
