package org.face520.demo.inference

/** What is asked to run a model; [RunningNetwork.ranOn] says what did. */
enum class Accelerator(val label: String) {
    XNNPACK("CPU, XNNPACK"),
    CPU("CPU, plain"),
    GPU("GPU"),
}
