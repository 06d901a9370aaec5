package org.face520.landmarks

/** The stages of a frame, named as in the benchmark harness. */
public enum class Stage {
    /** A camera's YUV to upright RGB. */
    CONVERT,

    /** The face detector, in frames in which it runs. */
    DETECT,

    /** The face's square, resampled to the network's size. */
    CROP,

    /** Pixels to the network's numbers. */
    QUANTIZE,

    /** The network. */
    INVOKE,

    /** The network's numbers to landmarks, pose and the rest. */
    DECODE,

    /** Smoothing over time. */
    SMOOTH,

    /** Drawing, which the app measures. */
    DRAW,
}

/** A clock in nanoseconds; a Kotlin function type would box each reading. */
internal fun interface NanoClock {
    fun now(): Long
}

/** Milliseconds that a frame spent in each stage; one instance per frame loop, reset per frame. */
public class StageTimes internal constructor(private val clock: NanoClock) {
    /** Times by the system's clock. */
    public constructor() : this(NanoClock { System.nanoTime() })

    private val nanos = LongArray(Stage.values().size)
    private var mark = 0L

    /** Sets all stages to 0. */
    public fun reset(): Unit = nanos.fill(0)

    /** Takes over the times of another frame. */
    public fun copyFrom(other: StageTimes) {
        other.nanos.copyInto(nanos)
    }

    /** Begins the next stage. */
    public fun start() {
        mark = clock.now()
    }

    /** Adds the time since the last [start] or [stop] to a stage. */
    public fun stop(stage: Stage) {
        val now = clock.now()
        nanos[stage.ordinal] += now - mark
        mark = now
    }

    /** Sets a stage to the time since the last [start]: for one that may be repeated, as drawing is. */
    public fun replace(stage: Stage) {
        nanos[stage.ordinal] = clock.now() - mark
    }

    /** What a stage took, ms; 0 for one that did not run. */
    public fun ms(stage: Stage): Float = nanos[stage.ordinal] / 1e6f

    /** What all stages took, ms. */
    public val totalMs: Float
        get() {
            var sum = 0L
            for (one in nanos) sum += one
            return sum / 1e6f
        }
}
