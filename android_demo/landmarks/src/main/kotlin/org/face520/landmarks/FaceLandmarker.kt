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
    private val region = CropRegion()
    private val firstLook = FirstLook(model, layout)
    private val filler = FaceFiller(layout)
    private val prediction = Prediction(layout.size)

    /**
     * Faces, the surest first; empty where there is none. Points in px of the image. What the detector
     * takes for a face and the model does not, is none.
     */
    fun detect(image: PixelImage): List<Face> {
        if (image.width == 0 || image.height == 0) return emptyList()
        return detector.detect(image).take(maxFaces).mapNotNull { detection ->
            region.setAroundDetection(detection)
            val presence = firstLook.look(image, region, prediction)
            if (presence < MIN_PRESENCE) null else Face(layout.size).also { filler.fill(prediction, presence, it) }
        }
    }
}
