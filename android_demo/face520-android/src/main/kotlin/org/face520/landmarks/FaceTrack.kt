package org.face520.landmarks

import kotlin.math.hypot
import kotlin.math.max
import kotlin.math.min

private const val SMALLEST_SIDE_PX = 8.0

// A face that jumps this far between frames, or changes this much in size, may be another thing.
private const val JUMP_OF_SIDE = 0.25
private const val JUMP_IN_SIZE = 1.25

/** Of presence; below, something may cover the face and spoil its shape and size. */
internal const val SURE_OF_SHAPE = 0.9f

/**
 * One face followed from frame to frame; [predicted] is the latest answer, unsmoothed, and [sure] the
 * latest one of which the network was sure, that a later face is compared with. An instance is used
 * again for another face. Port of `edge_runtime/tracking/face_track.py`.
 */
internal class FaceTrack(layout: Layout) {
    val predicted = Prediction(layout.size)
    val region = CropRegion()
    val sure = Prediction(layout.size)
    var sureMs = 0.0
    val smoother = FaceSmoother(layout)
    var blinks = BlinkCounter(layout)
    var id = 0
    var presence = 0f
    var checkedMs = 0.0 // when presence was last measured
    var seenMs = 0.0
    var doubts = 0 // frames in a row without a face
    var isHidden = false // it lies on a larger face

    /** Begins anew with a face just found. */
    fun start(found: Prediction, presence: Float, around: CropRegion, timeMs: Double) {
        predicted.copyFrom(found)
        region.setTo(around)
        sure.copyFrom(found)
        sureMs = timeMs
        this.presence = presence
        checkedMs = timeMs
        seenMs = timeMs
        doubts = 0
        smoother.reset()
        blinks.reset()
    }

    /** Takes the square around a new frame's landmarks; true when it is suspiciously far from the last, [before]. */
    fun move(around: CropRegion, before: CropRegion, timeMs: Double): Boolean {
        region.setTo(around)
        seenMs = timeMs
        return distanceInSides(region, before) > JUMP_OF_SIDE || changeInSize(region, before) > JUMP_IN_SIZE
    }

    /** Takes a new measurement of presence. */
    fun judge(measured: Float, timeMs: Double) {
        presence = measured
        checkedMs = timeMs
        if (measured >= SURE_OF_SHAPE) {
            sure.copyFrom(predicted)
            sureMs = timeMs
        }
        doubts = if (measured < MIN_PRESENCE) doubts + 1 else 0
    }

    companion object {
        /** Whether a face's centre is in the picture, and the face is not too small. */
        fun liesIn(image: PixelImage, region: CropRegion): Boolean =
            region.sidePx >= SMALLEST_SIDE_PX && region.sidePx < Double.POSITIVE_INFINITY &&
                region.centerX >= -0.5 && region.centerX <= image.width - 0.5 &&
                region.centerY >= -0.5 && region.centerY <= image.height - 0.5

        /** Distance between two squares' centres, in sides of the smaller one. */
        fun distanceInSides(one: CropRegion, other: CropRegion): Double =
            hypot(one.centerX - other.centerX, one.centerY - other.centerY) / min(one.sidePx, other.sidePx)

        /** How many times larger the larger one is. */
        fun changeInSize(one: CropRegion, other: CropRegion): Double =
            max(one.sidePx / other.sidePx, other.sidePx / one.sidePx)
    }
}
