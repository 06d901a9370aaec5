package org.face520.landmarks

private const val KEYPOINT_VALUES = 12

/**
 * A face found in an image: BlazeFace's square from the brows to the chin, px, and a score 0 to 1.
 *
 * [keypoints]: x, y in px of right eye, left eye (the subject's), nose tip, mouth, right and left ear.
 * [isHint]: the detector itself would not call it a face; it counts where the landmark network is sure
 * that it is one.
 */
internal class FaceDetection(
    left: Float = 0f,
    top: Float = 0f,
    right: Float = 0f,
    bottom: Float = 0f,
    score: Float = 0f,
    val keypoints: FloatArray = FloatArray(KEYPOINT_VALUES),
) {
    var left = left
        internal set
    var top = top
        internal set
    var right = right
        internal set
    var bottom = bottom
        internal set
    var score = score
        internal set
    var isHint = false
        internal set
    val centerX: Double get() = (left.toDouble() + right) / 2
    val centerY: Double get() = (top.toDouble() + bottom) / 2

    internal fun setBox(left: Float, top: Float, right: Float, bottom: Float) {
        this.left = left
        this.top = top
        this.right = right
        this.bottom = bottom
    }
}

/** Detections whose memory is used again: those of a search are valid until the next one. */
internal class FaceDetections {
    private val all = ArrayList<FaceDetection>()

    /** How many there are. */
    var count = 0
        private set

    operator fun get(place: Int): FaceDetection = all[place]

    internal fun clear() {
        count = 0
    }

    /** One more, to be filled. */
    internal fun add(): FaceDetection {
        if (count == all.size) all.add(FaceDetection())
        return all[count++].apply { isHint = false }
    }
}
