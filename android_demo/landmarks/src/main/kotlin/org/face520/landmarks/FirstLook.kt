package org.face520.landmarks

private const val SURE_PRESENCE = 0.98f // in both passes
private val SECOND_TURNS_DEG = doubleArrayOf(180.0, 90.0, 270.0)

/** A face less likely to be one is left out of photos, and lost in videos when that happens twice. */
internal const val MIN_PRESENCE = 0.5f

/**
 * From a detection to landmarks: a first look, and turned ones where the first is doubtful.
 *
 * The network knows faces up to 90 degrees of roll and draws an average face over an upside-down one.
 * Port of `edge_runtime/tracking/first_look.py`, which tells more.
 */
class FirstLook(private val model: LandmarkModel, layout: Layout) {
    private val pose = PoseEstimator(layout)
    private val plausibility = Plausibility(model, layout)
    private val turned = CropRegion()
    private val square = CropRegion()
    private val other = Prediction(layout.size)
    private var firstPresence = Float.NaN

    /** Whether no turned look could have shown the latest face better. */
    var isSure = false
        private set

    /**
     * Fills [prediction] with the face in a detection's square; returns its presence, 0 to 1.
     *
     * [mayTurn]: a doubtful look is repeated with the square turned, by 180 degrees and, where that is
     * doubtful too, by 90 and 270; the one with the highest presence counts, the later of equal ones.
     */
    fun look(image: PixelImage, region: CropRegion, prediction: Prediction, mayTurn: Boolean = true): Float {
        var best = lookOnce(image, region, prediction)
        isSure = isSure(best)
        if (isSure || !mayTurn) return best
        for (turnDeg in SECOND_TURNS_DEG) {
            turned.set(region.centerX, region.centerY, region.sidePx, region.rollDeg + turnDeg)
            val presence = lookOnce(image, turned, other)
            if (presence >= best) {
                best = presence
                isSure = isSure(presence)
                prediction.copyFrom(other)
            }
            if (best >= SURE_PRESENCE) break
        }
        return best
    }

    private fun lookOnce(image: PixelImage, region: CropRegion, prediction: Prediction): Float {
        model.run(image, region, prediction)
        firstPresence = prediction.presence
        // A detection's box only foretells the landmarks: crop again from where they are.
        square.setAroundLandmarks(prediction.points, pose.inPlaneRollDeg(prediction.points))
        model.run(image, square, prediction)
        val presence = prediction.presence
        return if (presence.isNaN()) plausibility.presence(image, square, prediction.points) else presence
    }

    private fun isSure(presence: Float) =
        presence >= SURE_PRESENCE && (firstPresence.isNaN() || firstPresence >= SURE_PRESENCE)
}
