package org.face520.landmarks

/**
 * Faces of a still image, as `FaceLandmarker.detect` of the edge runtime finds them.
 *
 * One instance belongs to one thread.
 */
class FaceLandmarker(
    private val detector: FaceDetector,
    private val model: LandmarkModel,
    private val layout: Layout,
    private val maxFaces: Int = 10,
) {
    private val region = CropRegion()
    private val pose = PoseEstimator(layout)
    private val visibility = Visibility(layout)

    /** Faces, the surest first; empty where there is none. Points in px of the image. */
    fun detect(image: PixelImage): List<Face> {
        if (image.width == 0 || image.height == 0) return emptyList()
        return detector.detect(image).take(maxFaces).map { detection ->
            val face = Face(layout.size)
            region.setAroundDetection(detection)
            model.run(image, region, face.points)
            // A detection's box only foretells the landmarks: crop again from where they are.
            region.setAroundLandmarks(face.points, pose.inPlaneRollDeg(face.points))
            val presence = model.run(image, region, face.points)
            face.presence = if (presence.isNaN()) detection.score else presence
            pose.estimate(face)
            visibility.judge(face)
            face
        }
    }
}
