package org.face520.android

/** What is asked to run a model; [RunsOn] says what does. */
public enum class Accelerator {
    /** The CPU with XNNPACK's code, the quickest there. */
    XNNPACK,

    /** The CPU with LiteRT's own code. */
    CPU,

    /** The GPU, where the app has LiteRT's GPU library and the phone's is known to it; else XNNPACK. */
    GPU,
}

/**
 * What runs a model: the [accelerator], the [threads] that really work, and [whyNoGpu] where that was asked
 * for and is not used.
 *
 * XNNPACK of TensorFlow Lite 2.16.1 takes no threads however many it is given.
 */
public class RunsOn internal constructor(
    public val accelerator: Accelerator,
    public val threads: Int,
    public val whyNoGpu: NoGpu?,
)
