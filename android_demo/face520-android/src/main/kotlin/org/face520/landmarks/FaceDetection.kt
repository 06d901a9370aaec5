package org.face520.landmarks

/**
 * A face found in an image: BlazeFace's square from the brows to the chin, px, and a score 0 to 1.
 *
 * [keypoints]: x, y in px of right eye, left eye (the subject's), nose tip, mouth, right and left ear.
 */
class FaceDetection(
    val left: Float,
    val top: Float,
    val right: Float,
    val bottom: Float,
    val score: Float,
    val keypoints: FloatArray,
)
