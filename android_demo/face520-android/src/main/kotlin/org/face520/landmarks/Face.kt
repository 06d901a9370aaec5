package org.face520.landmarks

/** Where a face's visibility comes from. */
public enum class VisibilitySource {
    /** An output of the network. */
    NETWORK,

    /** The direction of the skin, for a model without that output. */
    SKIN,
}

/**
 * One face in an image; a video writes into the same instance again and again, so keep a [copy].
 *
 * Pose in degrees, 0 looking straight into the camera. Left is the person's left. [size]: landmarks.
 */
public class Face(public val size: Int) {
    /** x, y, z of each landmark: px of the image, x right, y down, pixel centres at integers, z away and 0 at the mean. */
    public val points: FloatArray = FloatArray(size * 3)

    /**
     * Of each landmark, the probability that the camera sees it; where [visibilityFrom] is SKIN, 1 where
     * the skin faces the camera and 0 where it is turned away.
     */
    public val visibility: FloatArray = FloatArray(size)

    /** Where [visibility] comes from. */
    public var visibilityFrom: VisibilitySource = VisibilitySource.SKIN
        internal set

    /** Coefficients of [BLENDSHAPE_NAMES], 0 at rest to 1; NaN where the model does not know one. */
    public val expression: FloatArray = FloatArray(BLENDSHAPE_NAMES.size) { Float.NaN }

    /** Height over width of eyes and mouth. */
    public val aspectRatios: AspectRatios = AspectRatios(points)

    /** How far eyes and mouth are open. */
    public val openings: Openings = Openings(aspectRatios)

    /** Probability that this is a face, 0 to 1. */
    public var presence: Float = 0f
        internal set

    /** Turn of the head, degrees; > 0 to the image's right. */
    public var yawDeg: Float = 0f
        internal set

    /** Nod of the head, degrees; > 0 looks up. */
    public var pitchDeg: Float = 0f
        internal set

    /** Tilt of the head, degrees; > 0 clockwise as seen. */
    public var rollDeg: Float = 0f
        internal set

    /** The face's number in a video, from 0, never given twice; -1 in a photo. */
    public var trackId: Int = -1
        internal set

    /** What eyes and mouth did so far; of a video alone. */
    public val blinking: Blinking = Blinking()

    /** Longer side of the tight box of the 68 iBUG landmarks, px. */
    public val boxSidePx: Float get() = FaceSize.boxSidePx(points)

    /** How many landmarks the camera does not see, as far as is known. */
    public val hiddenCount: Int
        get() {
            var count = 0
            for (i in 0 until size) if (!isSeen(i)) count++
            return count
        }

    /** Whether the camera sees a landmark, as far as is known. */
    public fun isSeen(landmark: Int): Boolean = visibility[landmark] > 0.5f

    /** A face of its own with the values of now: what to hand to another thread, or keep. */
    public fun copy(): Face = Face(size).also { it.copyFrom(this) }

    /** Takes over all values of a face with as many landmarks. */
    public fun copyFrom(other: Face) {
        other.points.copyInto(points)
        other.visibility.copyInto(visibility)
        visibilityFrom = other.visibilityFrom
        other.expression.copyInto(expression)
        presence = other.presence
        yawDeg = other.yawDeg
        pitchDeg = other.pitchDeg
        rollDeg = other.rollDeg
        trackId = other.trackId
        blinking.copyFrom(other.blinking)
    }
}
