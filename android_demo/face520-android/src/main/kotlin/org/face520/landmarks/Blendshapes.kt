package org.face520.landmarks

/**
 * The 52 expression coefficients in the order of [Face.expression], as MediaPipe and ARKit name
 * them; left is the person's left. Port of `edge_runtime/blendshapes.py`.
 */
public val BLENDSHAPE_NAMES: List<String> = listOf(
    "_neutral",
    "browDownLeft", "browDownRight", "browInnerUp", "browOuterUpLeft", "browOuterUpRight",
    "cheekPuff", "cheekSquintLeft", "cheekSquintRight",
    "eyeBlinkLeft", "eyeBlinkRight", "eyeLookDownLeft", "eyeLookDownRight",
    "eyeLookInLeft", "eyeLookInRight", "eyeLookOutLeft", "eyeLookOutRight",
    "eyeLookUpLeft", "eyeLookUpRight", "eyeSquintLeft", "eyeSquintRight",
    "eyeWideLeft", "eyeWideRight",
    "jawForward", "jawLeft", "jawOpen", "jawRight",
    "mouthClose", "mouthDimpleLeft", "mouthDimpleRight", "mouthFrownLeft", "mouthFrownRight",
    "mouthFunnel", "mouthLeft", "mouthLowerDownLeft", "mouthLowerDownRight",
    "mouthPressLeft", "mouthPressRight", "mouthPucker", "mouthRight",
    "mouthRollLower", "mouthRollUpper", "mouthShrugLower", "mouthShrugUpper",
    "mouthSmileLeft", "mouthSmileRight", "mouthStretchLeft", "mouthStretchRight",
    "mouthUpperUpLeft", "mouthUpperUpRight", "noseSneerLeft", "noseSneerRight",
)

/** Place of each coefficient's counterpart on the other side of the face; its own for one in the middle. */
internal val BLENDSHAPE_MIRROR: IntArray = IntArray(BLENDSHAPE_NAMES.size) { place ->
    val name = BLENDSHAPE_NAMES[place]
    val mirrored = when {
        name.endsWith("Left") -> name.removeSuffix("Left") + "Right"
        name.endsWith("Right") -> name.removeSuffix("Right") + "Left"
        else -> name
    }
    BLENDSHAPE_NAMES.indexOf(mirrored)
}
