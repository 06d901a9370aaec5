package org.face520.landmarks

/** Makes a face of what the network says: its pose, and which landmarks are seen. No allocation per face. */
internal class FaceFiller(layout: Layout) {
    private val pose = PoseEstimator(layout)
    private val skin = SkinVisibility(layout)

    fun fill(prediction: Prediction, presence: Float, face: Face) {
        prediction.points.copyInto(face.points)
        prediction.expression.copyInto(face.expression)
        face.presence = presence
        pose.estimate(face)
        if (prediction.hasVisibility) {
            face.visibilityFrom = VisibilitySource.NETWORK
            prediction.visibility.copyInto(face.visibility)
        } else {
            face.visibilityFrom = VisibilitySource.SKIN
            skin.judge(face.points, face.visibility)
        }
    }
}
