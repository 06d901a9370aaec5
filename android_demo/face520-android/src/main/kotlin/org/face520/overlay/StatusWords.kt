package org.face520.overlay

/** The words of [StatusText] in one language; [faces]: what 0, 1, 2 ... faces are called, [stages] those of `Stage`. */
class StatusWords(
    val faces: List<String>,
    val framesPerSecond: String,
    val frame: String,
    val presence: String,
    val hidden: String,
    val yaw: String,
    val pitch: String,
    val roll: String,
    val leftEye: String,
    val rightEye: String,
    val mouth: String,
    val blinks: String,
    val yawns: String,
    val perclos: String,
    val closed: String,
    val stages: List<String>,
)
