package org.face520.overlay

/**
 * The words of [StatusText] in one language, each as it stands before or after its figure.
 *
 * [faces]: what 0, 1, 2 ... faces are called. [framesPerSecond] and what a [frame] takes. Of a face: [presence],
 * [hidden] landmarks, [yaw], [pitch], [roll], how far [leftEye], [rightEye] and [mouth] are open, [blinks],
 * [yawns], [perclos], and how long the eyes are [closed]. [stages]: the names of `Stage`, in its order.
 */
public class StatusWords(
    public val faces: List<String>,
    public val framesPerSecond: String,
    public val frame: String,
    public val presence: String,
    public val hidden: String,
    public val yaw: String,
    public val pitch: String,
    public val roll: String,
    public val leftEye: String,
    public val rightEye: String,
    public val mouth: String,
    public val blinks: String,
    public val yawns: String,
    public val perclos: String,
    public val closed: String,
    public val stages: List<String>,
)
