package org.face520.landmarks

private const val SURE_PRESENCE = 0.98f // in both passes
private val SECOND_TURNS_DEG = doubleArrayOf(180.0, 90.0, 270.0)

/** Below it a face is none. */
const val MIN_PRESENCE = 0.5f

/**
 * From a detection to landmarks: a first look, and turned ones where the first is doubtful.
 *
 * Port of `edge_runtime/tracking/first_look.py`, which tells why and how it was measured.
 */
class FirstLook(private val model: LandmarkModel, layout: Layout) {
    private val pose = PoseEstimator(layout)
    private val plausibility = Plausibility(model, layout)
    private val square = CropRegion()
    private val turned = CropRegion()
    private val other = Face(layout.size)
    private val refined = CropRegion()
    private var isSure = false

    /**
     * Fills the points and the presence of [best] from a detection. [mayTurn]: a doubtful look is
     * repeated with the square turned, and the highest presence counts, the later of equal ones.
     * Returns whether the first look was sure.
     */
    fun look(image: PixelImage, detection: FaceDetection, best: Face, mayTurn: Boolean = true): Boolean {
        square.setAroundDetection(detection)
        lookThrough(image, square, best)
        val wasSure = isSure
        if (wasSure || !mayTurn) return wasSure
        for (turnDeg in SECOND_TURNS_DEG) {
            turned.set(square.centerX, square.centerY, square.sidePx, square.rollDeg + turnDeg)
            lookThrough(image, turned, other)
            if (other.presence >= best.presence) best.copyFrom(other)
            if (best.presence >= SURE_PRESENCE) break
        }
        return false
    }

    private fun lookThrough(image: PixelImage, region: CropRegion, face: Face) {
        val first = model.run(image, region, face.points)
        // A detection's box only foretells the landmarks: crop again from where they are.
        refined.setAroundLandmarks(face.points, pose.inPlaneRollDeg(face.points))
        val presence = model.run(image, refined, face.points)
        face.presence = if (presence.isNaN()) plausibility.presence(image, refined, face) else presence
        isSure = face.presence >= SURE_PRESENCE && (first.isNaN() || first >= SURE_PRESENCE)
    }
}
