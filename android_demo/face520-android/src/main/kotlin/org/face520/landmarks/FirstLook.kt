package org.face520.landmarks

import kotlin.math.max
import kotlin.math.pow

private const val SURE_PRESENCE = 0.98f // in all passes
private const val HOPELESS_PRESENCE = 0.3f
private const val LAST_LOOKS_BELOW = 0.5f
private const val MORE_SHIFT = 0.2
private const val MORE_SIDE = 0.45
private const val ALIKE = 0.015
private const val ONE_FACE = 0.06
private const val MOST_PASSES = 4
private const val SHORT_PASSES = 2
private val SECOND_TURNS_DEG = doubleArrayOf(180.0, 90.0, 270.0)
private val NO_TURNS = DoubleArray(0)
private val WIDER = doubleArrayOf(1.6, 2.5)
private val LAST_SIDES = doubleArrayOf(0.93, 1.08) // the first mirrored

/** A face less likely to be one is left out of photos, and lost in videos when that happens twice. */
internal const val MIN_PRESENCE = 0.5f

/** What only another look shows, and what the detector itself does not call a face, must be one plainly. */
internal const val PLAIN_PRESENCE = 0.95f

/**
 * From a detection to landmarks: passes that draw the square in, every second one in a mirror, their
 * mean, and other squares where all of them doubt.
 *
 * Port of `edge_runtime/tracking/first_look.py`, which tells why, and where the constants are from.
 */
internal class FirstLook(private val model: LandmarkModel, layout: Layout) {
    private val pose = PoseEstimator(layout)
    private val plausibility = Plausibility(model, layout)
    private val detectionSquare = DetectionSquare()
    private val start = CropRegion()
    private val ofBox = CropRegion()
    private val other = CropRegion()
    private val square = CropRegion()
    private val around = CropRegion()
    private val scaled = CropRegion()
    private val passes = Array(MOST_PASSES + LAST_SIDES.size) { Prediction(layout.size) }
    private val mean = Prediction(layout.size)
    private var isLatestSure = false

    /** Whether no other look could have shown the latest face better. */
    var isSure = false
        private set

    /** Places the square in which a detected face is looked at first. */
    fun place(region: CropRegion, detection: FaceDetection) = detectionSquare.place(region, detection)

    /** Whether a detection counts as a face, of which [look] said the presence. */
    fun isFace(detection: FaceDetection, presence: Float): Boolean =
        presence >= if (detection.isHint) max(MIN_PRESENCE, PLAIN_PRESENCE) else MIN_PRESENCE

    /**
     * Fills [prediction] with a detected face; returns its presence, 0 to 1.
     *
     * [mayRepeat]: a doubtful look is repeated with the square turned, by 180 degrees and, where that is
     * doubtful too, by 90 and 270, and then in the box's own square and in wider ones.
     */
    fun look(image: PixelImage, detection: FaceDetection, prediction: Prediction, mayRepeat: Boolean = true): Float {
        place(start, detection)
        var best = lookIn(image, start, if (mayRepeat) MOST_PASSES else SHORT_PASSES)
        take(prediction)
        if (isSure || !mayRepeat) return best
        for (turnDeg in if (detection.isHint) NO_TURNS else SECOND_TURNS_DEG) {
            other.set(start.centerX, start.centerY, start.sidePx, start.rollDeg + turnDeg)
            val presence = lookIn(image, other, MOST_PASSES)
            if (presence >= max(best, PLAIN_PRESENCE)) {
                best = presence
                take(prediction)
            }
            if (best >= SURE_PRESENCE) return best
        }
        ofBox.setAroundDetection(detection)
        val isOther = ofBox.centerX != start.centerX || ofBox.centerY != start.centerY ||
            ofBox.sidePx != start.sidePx || ofBox.rollDeg != start.rollDeg
        for (number in (if (isOther) -1 else 0) until WIDER.size) {
            if (best >= LAST_LOOKS_BELOW) break
            if (number < 0) other.setTo(ofBox) else scale(start, WIDER[number], other)
            val presence = lookIn(image, other, MOST_PASSES)
            if (presence >= PLAIN_PRESENCE) {
                best = presence
                take(prediction)
            }
        }
        return best
    }

    private fun take(prediction: Prediction) {
        prediction.copyFrom(mean)
        isSure = isLatestSure
    }

    /** Leaves what a square shows in [mean]; returns its presence. */
    private fun lookIn(image: PixelImage, region: CropRegion, mostPasses: Int): Float {
        square.setTo(region)
        model.run(image, square, passes[0])
        var count = 1
        while (count < mostPasses) {
            drawIn(passes[count - 1].points)
            model.run(image, square, passes[count], isMirrored = count % 2 == 1)
            count++
            val apart = Plausibility.movement(passes[count - 1].points, passes[count - 2].points)
            if (isHopeless(passes[count - 1]) || (apart < ALIKE && !isDoubted(count))) break
        }
        val latest = passes[count - 1]
        var presence = latest.presence
        if (presence.isNaN()) presence = plausibility.presence(image, square, latest.points)
        isLatestSure = presence >= SURE_PRESENCE && !isDoubted(count)
        var first = 0
        var end = count
        if (count > 2 && !isHopeless(latest)) {
            first = 2
            for ((number, side) in LAST_SIDES.withIndex()) {
                scale(square, side, scaled)
                model.run(image, scaled, passes[end], isMirrored = number == 0)
                end++
            }
        }
        average(latest, first, end)
        return presence
    }

    /** Moves [square] around landmarks found in it, further than the first pass has moved it. */
    private fun drawIn(points: FloatArray) {
        around.setAroundLandmarks(points, pose.inPlaneRollDeg(points))
        square.set(
            around.centerX + MORE_SHIFT * (around.centerX - square.centerX),
            around.centerY + MORE_SHIFT * (around.centerY - square.centerY),
            around.sidePx * (around.sidePx / square.sidePx).pow(MORE_SIDE),
            around.rollDeg,
        )
    }

    private fun scale(from: CropRegion, factor: Double, to: CropRegion) =
        to.set(from.centerX, from.centerY, from.sidePx * factor, from.rollDeg)

    private fun isDoubted(count: Int): Boolean = (0 until count).any { passes[it].presence < SURE_PRESENCE }

    private fun isHopeless(latest: Prediction): Boolean = latest.presence < HOPELESS_PRESENCE

    /** The mean of the latest pass and of those that see the same face; presence is the latest's. */
    private fun average(latest: Prediction, first: Int, end: Int) {
        mean.points.fill(0f)
        mean.expression.fill(0f)
        mean.visibility.fill(0f)
        var count = 0
        for (i in first until end) {
            if (Plausibility.movement(latest.points, passes[i].points) >= ONE_FACE) continue
            add(passes[i].points, mean.points)
            add(passes[i].expression, mean.expression)
            add(passes[i].visibility, mean.visibility)
            count++
        }
        for (i in mean.points.indices) mean.points[i] /= count
        for (i in mean.expression.indices) mean.expression[i] /= count
        for (i in mean.visibility.indices) mean.visibility[i] /= count
        mean.presence = latest.presence
        mean.hasVisibility = latest.hasVisibility
    }

    private fun add(values: FloatArray, sums: FloatArray) {
        for (i in values.indices) sums[i] += values[i]
    }
}
