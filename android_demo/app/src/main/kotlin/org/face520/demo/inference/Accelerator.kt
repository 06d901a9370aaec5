package org.face520.demo.inference

/** What is asked to run a model; [RunsOn] says what does. */
enum class Accelerator { XNNPACK, CPU, GPU }

/**
 * What runs a model: [threads] that really work, and why it is not the GPU where that was asked for.
 *
 * XNNPACK of TensorFlow Lite 2.16.1 takes no threads however many it is given.
 */
class RunsOn(val accelerator: Accelerator, val threads: Int, val whyNoGpu: String?)
