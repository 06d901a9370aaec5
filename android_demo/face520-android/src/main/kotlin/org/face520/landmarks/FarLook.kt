package org.face520.landmarks

import kotlin.math.hypot
import kotlin.math.max
import kotlin.math.sqrt

// Sides of the larger of two squares: the centre of the other lies on its face, half as wide.
private const val ON_THE_FACE_SIDES = 0.35

/**
 * Faces that the far search finds beside those that are known, none twice. Port of
 * `edge_runtime/tracking/far_look.py`.
 */
internal class FarLook(
    private val far: FarSearch,
    private val firstLook: FirstLook,
    private val pose: PoseEstimator,
    private val stages: StageTimes? = null,
) {
    private val known = ArrayList<CropRegion>()
    private val square = CropRegion()

    /** How many faces are known. */
    var knownCount = 0
        private set

    /** Forgets all faces. */
    fun clear() {
        knownCount = 0
    }

    /** Adds the square around the landmarks of a face. */
    fun know(region: CropRegion) {
        if (knownCount == known.size) known.add(CropRegion())
        known[knownCount++].setTo(region)
    }

    /** Whether a window lies on a known face as a whole: whatever is found there is none. */
    fun isCovered(window: CropRegion): Boolean {
        for (i in 0 until knownCount) {
            val face = known[i]
            val distance = hypot(window.centerX - face.centerX, window.centerY - face.centerY)
            if (distance + window.sidePx / sqrt(2.0) < ON_THE_FACE_SIDES * face.sidePx) return true
        }
        return false
    }

    /**
     * Looks at what a window has shown; fills [prediction] and returns true where it is a face that is not
     * known yet, which it is then.
     */
    fun isFace(image: PixelImage, candidate: FaceDetection, prediction: Prediction): Boolean {
        square.setAroundDetection(candidate)
        if (isOnKnown()) return false
        stages?.start()
        val detection = far.lookAgain(image, candidate)
        stages?.stop(Stage.DETECT)
        if (detection == null) return false
        square.setAroundDetection(detection)
        if (isOnKnown()) return false // of which a window has shown a part
        // What is no face would cost six runs more, and small faces are not looked for turned.
        val presence = firstLook.look(image, detection, prediction, mayRepeat = false)
        square.setAroundLandmarks(prediction.points, pose.inPlaneRollDeg(prediction.points))
        // Many windows show many a thing that is no face.
        if (presence < max(MIN_PRESENCE, PLAIN_PRESENCE) || isOnKnown()) return false
        prediction.presence = presence
        know(square)
        return true
    }

    private fun isOnKnown(): Boolean {
        for (i in 0 until knownCount) if (isOn(square, known[i])) return true
        return false
    }

    companion object {
        /**
         * Whether a square holds that face, or something on it: nobody stands before a nearer face. In
         * windows that are smaller than a face, parts of it are taken for faces.
         */
        fun isOn(found: CropRegion, face: CropRegion): Boolean =
            hypot(found.centerX - face.centerX, found.centerY - face.centerY) <
                ON_THE_FACE_SIDES * max(found.sidePx, face.sidePx)
    }
}
