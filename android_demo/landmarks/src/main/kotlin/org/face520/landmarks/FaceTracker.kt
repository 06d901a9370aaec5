package org.face520.landmarks

import kotlin.math.hypot
import kotlin.math.max
import kotlin.math.min

private const val DOUBTS_OF_A_LOSS = 2
private const val SEARCH_MS = 200.0
private const val CHECK_MS = 200.0
private const val MEMORY_MS = 2000.0
private const val SMALLEST_SIDE_PX = 8.0

// A face that jumps this far between frames, or changes this much in size, may be another thing.
private const val JUMP_OF_SIDE = 0.25
private const val JUMP_IN_SIZE = 1.25

// A face found this near a lost one is the same person's: its blinks are counted on.
private const val SAME_PERSON_SIDES = 1.0
private const val SAME_PERSON_SIZE = 1.6

/**
 * Follows one face through a video: found once, then cropped by its own landmarks.
 *
 * A frame costs one run of the model, and the detector runs only while there is no face. No
 * allocation while a face is followed. The rules are those of `edge_runtime/tracking/face_tracker.py`, for one face.
 */
class FaceTracker(
    private val detector: FaceDetector,
    private val model: LandmarkModel,
    layout: Layout,
    private val stages: StageTimes,
) {
    private val pose = PoseEstimator(layout)
    private val plausibility = Plausibility(model, layout)
    private val firstLook = FirstLook(model, layout)
    private val smoother = FaceSmoother(layout)
    private val filler = FaceFiller(layout)
    private val blinks = BlinkCounter(layout)
    private val current = Prediction(layout.size) // unsmoothed
    private val calm = Prediction(layout.size)
    private val region = CropRegion()
    private val last = CropRegion()
    private val lost = CropRegion()
    private var presence = 0f
    private var hasFace = false
    private var checkedMs = 0.0
    private var seenMs = Double.NEGATIVE_INFINITY
    private var turnedMs = Double.NEGATIVE_INFINITY
    private var doubts = 0

    /** Forgets the face and the time: the next frame is searched, and may be another video's. */
    fun reset() {
        lose()
        seenMs = Double.NEGATIVE_INFINITY
        turnedMs = Double.NEGATIVE_INFINITY
    }

    /**
     * Fills [face] from the next frame, [timeMs] later than the last one; false when there is none.
     * [smoothing] may change from frame to frame.
     */
    fun track(image: PixelImage, timeMs: Double, smoothing: Smoothing, face: Face): Boolean {
        if (hasFace) follow(image, timeMs)
        if (!hasFace) find(image, timeMs)
        if (!hasFace) return false
        stages.start()
        calm.copyFrom(current)
        smoother.smooth(calm, timeMs, smoothing)
        stages.stop(Stage.SMOOTH)
        filler.fill(calm, presence, face)
        blinks.update(face, timeMs)
        stages.stop(Stage.DECODE)
        return true
    }

    private fun follow(image: PixelImage, timeMs: Double) {
        seenMs = timeMs
        last.setTo(region)
        model.run(image, last, current)
        moveRegion()
        var measured = current.presence
        val isDue = timeMs - checkedMs >= CHECK_MS
        val hasJumped = distanceInSides(region, last) > JUMP_OF_SIDE || changeInSize(region, last) > JUMP_IN_SIZE
        if (measured.isNaN() && (isDue || hasJumped || doubts > 0)) {
            measured = plausibility.presence(image, last, current.points)
        }
        if (!measured.isNaN()) judge(measured, timeMs)
        if (doubts >= DOUBTS_OF_A_LOSS || !liesIn(image)) lose()
    }

    private fun find(image: PixelImage, timeMs: Double) {
        stages.start()
        val detections = detector.detect(image)
        stages.stop(Stage.DETECT)
        // Something that looks like a face and is none would else cost eight runs in every frame.
        val mayTurn = timeMs - turnedMs >= SEARCH_MS
        for (detection in detections) {
            region.setAroundDetection(detection)
            val found = firstLook.look(image, region, current, mayTurn)
            if (!firstLook.isSure && mayTurn) turnedMs = timeMs
            moveRegion()
            if (found >= MIN_PRESENCE && liesIn(image)) return start(found, timeMs)
        }
    }

    private fun start(found: Float, timeMs: Double) {
        hasFace = true
        doubts = 0
        judge(found, timeMs)
        val isSamePerson = timeMs - seenMs <= MEMORY_MS &&
            distanceInSides(region, lost) < SAME_PERSON_SIDES && changeInSize(region, lost) < SAME_PERSON_SIZE
        if (!isSamePerson) blinks.reset()
        seenMs = timeMs
    }

    private fun lose() {
        if (hasFace) lost.setTo(region)
        hasFace = false
        doubts = 0
        smoother.reset()
    }

    /** Puts [region] around the latest landmarks, upright with the head. */
    private fun moveRegion() = region.setAroundLandmarks(current.points, pose.inPlaneRollDeg(current.points))

    private fun judge(measured: Float, timeMs: Double) {
        presence = measured
        checkedMs = timeMs
        doubts = if (measured < MIN_PRESENCE) doubts + 1 else 0
    }

    private fun liesIn(image: PixelImage): Boolean =
        region.sidePx >= SMALLEST_SIDE_PX &&
            region.centerX in -0.5..image.width - 0.5 &&
            region.centerY in -0.5..image.height - 0.5

    private companion object {
        /** Distance between two squares' centres, in sides of the smaller one. */
        fun distanceInSides(one: CropRegion, other: CropRegion): Double =
            hypot(one.centerX - other.centerX, one.centerY - other.centerY) / min(one.sidePx, other.sidePx)

        fun changeInSize(one: CropRegion, other: CropRegion): Double =
            max(one.sidePx / other.sidePx, other.sidePx / one.sidePx)
    }
}
