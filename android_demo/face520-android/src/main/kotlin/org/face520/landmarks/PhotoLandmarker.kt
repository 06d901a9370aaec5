package org.face520.landmarks

/**
 * Faces of a still image, as `FaceLandmarker.detect` of the edge runtime finds them without its search
 * for small ones beside larger ones, and without what its detector is not sure of.
 *
 * One instance belongs to one thread.
 */
class PhotoLandmarker(
    private val detector: FaceDetector,
    model: LandmarkModel,
    private val layout: Layout,
    private val maxFaces: Int = 10,
) {
    private val firstLook = FirstLook(model, layout)
    private val filler = FaceFiller(layout)
    private val prediction = Prediction(layout.size)

    /**
     * Faces, the largest first; empty where there is none. Points in px of the image. What the detector
     * takes for a face and the model does not, is none. Where there is none, the image is searched once
     * more upside down.
     */
    fun detect(image: PixelImage): List<Face> {
        if (image.width == 0 || image.height == 0) return emptyList()
        val faces = facesIn(image, detector.detect(image)).ifEmpty { facesIn(image, detectUpsideDown(image)) }
        return faces.sortedByDescending { FaceSize.sizePx(it.points) }
    }

    private fun facesIn(image: PixelImage, detections: List<FaceDetection>): List<Face> =
        detections.take(maxFaces).mapNotNull { detection ->
            val presence = firstLook.look(image, detection, prediction)
            if (presence < MIN_PRESENCE) null else Face(layout.size).also { filler.fill(prediction, presence, it) }
        }

    /** Faces that are found only in the image turned by 180 degrees, such as small ones. */
    private fun detectUpsideDown(image: PixelImage): List<FaceDetection> {
        val turned = PixelImage(image.width, image.height)
        val last = image.width * image.height - 1
        for (i in 0..last) turned.argb[i] = image.argb[last - i]
        val right = image.width - 1f
        val bottom = image.height - 1f
        return detector.detect(turned).map {
            val keypoints = FloatArray(it.keypoints.size) { i -> (if (i % 2 == 0) right else bottom) - it.keypoints[i] }
            FaceDetection(right - it.right, bottom - it.bottom, right - it.left, bottom - it.top, it.score, keypoints)
        }
    }
}
