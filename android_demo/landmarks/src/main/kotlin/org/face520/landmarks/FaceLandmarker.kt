package org.face520.landmarks

/**
 * Faces of a still image, as `FaceLandmarker.detect` of the edge runtime finds them.
 *
 * One instance belongs to one thread.
 */
class FaceLandmarker(
    private val detector: FaceDetector,
    model: LandmarkModel,
    private val layout: Layout,
    private val maxFaces: Int = 10,
) {
    private val firstLook = FirstLook(model, layout)
    private val pose = PoseEstimator(layout)
    private val visibility = Visibility(layout)

    /** Faces, the surest first; empty where there is none. Points in px of the image. */
    fun detect(image: PixelImage): List<Face> {
        if (image.width == 0 || image.height == 0) return emptyList()
        return detector.detect(image).take(maxFaces).mapNotNull { detection ->
            val face = Face(layout.size)
            firstLook.look(image, detection, face)
            if (face.presence < MIN_PRESENCE) return@mapNotNull null
            pose.estimate(face)
            visibility.judge(face)
            face
        }
    }
}
