package org.face520.landmarks

/** Where a face's visibility comes from: an output of the network, or the direction of the skin. */
enum class VisibilitySource { NETWORK, SKIN }

/**
 * One face in an image; a video writes into the same instance again and again.
 *
 * [points]: x, y, z of each landmark in px of the image, x right, y down, pixel centres at integers,
 * z away from the camera and 0 at the mean. [visibility]: the network's probability that the camera
 * sees the landmark; where the model has no such output ([visibilityFrom] SKIN) 1 where the skin
 * faces the camera, 0 where it is turned away. [expression]: coefficients of [BLENDSHAPE_NAMES], 0 at
 * rest to 1, NaN where the model does not know one. [presence]: 0 to 1. Pose in degrees, 0 looking
 * straight into the camera: [yawDeg] > 0 turns to the image's right, [pitchDeg] > 0 looks up,
 * [rollDeg] > 0 tilts clockwise as seen. In a video, [trackId] is the face's number, -1 elsewhere, and
 * [blinking] what eyes and mouth did so far.
 */
class Face(val size: Int) {
    val points = FloatArray(size * 3)
    val visibility = FloatArray(size)
    var visibilityFrom = VisibilitySource.SKIN
    val expression = FloatArray(BLENDSHAPE_NAMES.size) { Float.NaN }
    val aspectRatios = AspectRatios(points)
    val openings = Openings(aspectRatios)
    var presence = 0f
    var yawDeg = 0f
    var pitchDeg = 0f
    var rollDeg = 0f
    var trackId = -1
    val blinking = Blinking()

    /** Longer side of the tight box of the 68 iBUG landmarks, px. */
    val boxSidePx: Float get() = FaceSize.boxSidePx(points)

    /** How many landmarks the camera does not see, as far as is known. */
    val hiddenCount: Int
        get() {
            var count = 0
            for (i in 0 until size) if (!isSeen(i)) count++
            return count
        }

    /** Whether the camera sees a landmark, as far as is known. */
    fun isSeen(landmark: Int): Boolean = visibility[landmark] > 0.5f
}
