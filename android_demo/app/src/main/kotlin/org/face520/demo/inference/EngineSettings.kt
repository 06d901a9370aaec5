package org.face520.demo.inference

/** Which model runs, on what, with how many threads. */
data class EngineSettings(val model: String, val accelerator: Accelerator, val threads: Int)
