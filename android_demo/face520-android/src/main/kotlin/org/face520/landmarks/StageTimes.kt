package org.face520.landmarks

/** The stages of a frame, named as in the benchmark harness. */
enum class Stage { CONVERT, DETECT, CROP, QUANTIZE, INVOKE, DECODE, SMOOTH, DRAW }

/** A clock in nanoseconds; a Kotlin function type would box each reading. */
fun interface NanoClock {
    fun now(): Long
}

/** Milliseconds that a frame spent in each stage; one instance per frame loop, reset per frame. */
class StageTimes(private val clock: NanoClock = NanoClock { System.nanoTime() }) {
    private val nanos = LongArray(Stage.values().size)
    private var mark = 0L

    fun reset() = nanos.fill(0)

    /** Takes over the times of another frame. */
    fun copyFrom(other: StageTimes) {
        other.nanos.copyInto(nanos)
    }

    /** Begins the next stage. */
    fun start() {
        mark = clock.now()
    }

    /** Adds the time since the last [start] or [stop] to a stage. */
    fun stop(stage: Stage) {
        val now = clock.now()
        nanos[stage.ordinal] += now - mark
        mark = now
    }

    /** Sets a stage to the time since the last [start]: for one that may be repeated, as drawing is. */
    fun replace(stage: Stage) {
        nanos[stage.ordinal] = clock.now() - mark
    }

    fun ms(stage: Stage): Float = nanos[stage.ordinal] / 1e6f

    val totalMs: Float
        get() {
            var sum = 0L
            for (one in nanos) sum += one
            return sum / 1e6f
        }
}
