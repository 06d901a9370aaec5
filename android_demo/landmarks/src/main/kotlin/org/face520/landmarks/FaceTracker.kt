package org.face520.landmarks

import kotlin.math.hypot
import kotlin.math.max
import kotlin.math.min

private const val DOUBTS_OF_A_LOSS = 2
private const val CHECK_MS = 200.0
private const val SEARCH_MS = 200.0
private const val SMALLEST_SIDE_PX = 8.0

// A face that jumps this far between frames, or changes this much in size, may be another thing.
private const val JUMP_OF_SIDE = 0.25
private const val JUMP_IN_SIZE = 1.25

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
    private val visibility = Visibility(layout)
    private val firstLook = FirstLook(model, layout)
    private val plausibility = Plausibility(model, layout)
    private val filter = OneEuroFilter(layout.size)
    private val current = Face(layout.size) // unsmoothed
    private val region = CropRegion()
    private val last = CropRegion()
    private var hasFace = false
    private var checkedMs = 0.0
    private var turnedMs = Double.NEGATIVE_INFINITY
    private var doubts = 0

    /** Forgets the face: the next frame is searched. */
    fun reset() {
        hasFace = false
        doubts = 0
        filter.reset()
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
        face.copyFrom(current)
        filter.filter(face.points, current.sizePx, timeMs, smoothing)
        stages.stop(Stage.SMOOTH)
        pose.estimate(face)
        visibility.judge(face)
        stages.stop(Stage.DECODE)
        return true
    }

    private fun follow(image: PixelImage, timeMs: Double) {
        last.set(region.centerX, region.centerY, region.sidePx, region.rollDeg)
        var presence = model.run(image, last, current.points)
        moveRegion()
        val isDue = timeMs - checkedMs >= CHECK_MS
        if (presence.isNaN() && (isDue || hasJumped() || doubts > 0)) {
            presence = plausibility.presence(image, last, current)
        }
        if (!presence.isNaN()) judge(presence, timeMs)
        if (doubts >= DOUBTS_OF_A_LOSS || !liesIn(image)) reset()
    }

    private fun find(image: PixelImage, timeMs: Double) {
        stages.start()
        val detections = detector.detect(image)
        stages.stop(Stage.DETECT)
        if (detections.isEmpty()) return
        // Something that looks like a face and is none would else cost eight runs in every frame.
        val mayTurn = timeMs - turnedMs >= SEARCH_MS || timeMs < turnedMs
        val isSure = firstLook.look(image, detections[0], current, mayTurn)
        if (!isSure && mayTurn) turnedMs = timeMs
        judge(current.presence, timeMs)
        moveRegion()
        hasFace = doubts == 0 && liesIn(image)
        if (!hasFace) reset()
    }

    /** Puts [region] around the latest landmarks, upright with the head. */
    private fun moveRegion() = region.setAroundLandmarks(current.points, pose.inPlaneRollDeg(current.points))

    private fun judge(presence: Float, timeMs: Double) {
        current.presence = presence
        checkedMs = timeMs
        doubts = if (presence < MIN_PRESENCE) doubts + 1 else 0
    }

    private fun hasJumped(): Boolean {
        val distance = hypot(region.centerX - last.centerX, region.centerY - last.centerY)
        val sizeChange = region.sidePx / last.sidePx
        return distance / min(region.sidePx, last.sidePx) > JUMP_OF_SIDE ||
            max(sizeChange, 1 / sizeChange) > JUMP_IN_SIZE
    }

    private fun liesIn(image: PixelImage): Boolean =
        region.sidePx >= SMALLEST_SIDE_PX &&
            region.centerX in -0.5..image.width - 0.5 &&
            region.centerY in -0.5..image.height - 0.5
}
