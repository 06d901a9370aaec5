package org.face520.landmarks

/**
 * Faces of a still image, as `FaceLandmarker.detect` of the edge runtime finds them. One instance belongs
 * to one thread.
 *
 * [maxFaces]: as soon as there are as many, nothing is searched for further ones. [far]: finds small
 * faces; half of its smallest width makes a photo take four times as long.
 */
internal class PhotoLandmarker(
    private val detector: FaceDetector,
    model: LandmarkModel,
    private val layout: Layout,
    private val maxFaces: Int = 10,
    private val far: FarSearch? = FarSearch(detector),
) {
    private val pose = PoseEstimator(layout)
    private val firstLook = FirstLook(model, layout)
    private val farLook = far?.let { FarLook(it, firstLook, pose) }
    private val inWindow = FaceDetections()
    private val around = CropRegion()
    private val filler = FaceFiller(layout)
    private val prediction = Prediction(layout.size)

    /**
     * Faces, the largest first; empty where there is none. Points in px of the image. What the detector
     * takes for a face and the model does not, is none. Where there is none, the image is searched once
     * more upside down, what the detector is not sure of is looked at, and last what it finds from further
     * away: a face that the picture's edge cuts.
     */
    fun detect(image: PixelImage): List<Face> {
        if (image.width == 0 || image.height == 0) return emptyList()
        val near = facesIn(image, detector.detect(image))
        val faces = (near + farFaces(image, near))
            .ifEmpty { facesIn(image, detectUpsideDown(image)) }
            .ifEmpty { facesIn(image, detector.hints(image)) }
            .ifEmpty { facesIn(image, detector.fromAfar(image)) }
        return faces.sortedByDescending { FaceSize.areaPx(it.points) }
    }

    private fun facesIn(image: PixelImage, detections: FaceDetections): List<Face> {
        val faces = ArrayList<Face>()
        for (i in 0 until minOf(detections.count, maxFaces)) {
            val presence = firstLook.look(image, detections[i], prediction)
            if (firstLook.isFace(detections[i], presence)) faces.add(face(presence))
        }
        return faces
    }

    private fun face(presence: Float) = Face(layout.size).also { filler.fill(prediction, presence, it) }

    /** Faces in the windows of the far search that are not among the near ones. */
    private fun farFaces(image: PixelImage, near: List<Face>): List<Face> {
        if (far == null || farLook == null) return emptyList()
        farLook.clear()
        for (face in near) {
            around.setAroundLandmarks(face.points, pose.inPlaneRollDeg(face.points))
            farLook.know(around)
        }
        val faces = ArrayList<Face>()
        for (window in far.windows(image.width, image.height)) {
            if (farLook.knownCount >= maxFaces) break
            if (farLook.isCovered(window)) continue
            inWindow.clear()
            far.lookThrough(image, window, inWindow)
            for (i in 0 until inWindow.count) {
                if (farLook.isFace(image, inWindow[i], prediction)) faces.add(face(prediction.presence))
            }
        }
        return faces.take(maxFaces - near.size)
    }

    /** Faces that are found only in the image turned by 180 degrees, such as small ones. */
    private fun detectUpsideDown(image: PixelImage): FaceDetections {
        val turned = PixelImage(image.width, image.height)
        val last = image.width * image.height - 1
        for (i in 0..last) turned.argb[i] = image.argb[last - i]
        val right = image.width - 1f
        val bottom = image.height - 1f
        val found = detector.detect(turned)
        for (i in 0 until found.count) {
            val one = found[i]
            one.setBox(right - one.right, bottom - one.bottom, right - one.left, bottom - one.top)
            for (k in one.keypoints.indices) one.keypoints[k] = (if (k % 2 == 0) right else bottom) - one.keypoints[k]
        }
        return found
    }
}
