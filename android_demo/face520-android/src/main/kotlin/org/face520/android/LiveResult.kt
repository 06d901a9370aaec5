package org.face520.android

import org.face520.landmarks.Faces
import org.face520.landmarks.Layout
import org.face520.landmarks.PixelImage
import org.face520.landmarks.StageTimes

/**
 * What [LiveFaceLandmarker] found in a frame. Valid until the callback returns, then written again: keep
 * `faces.toList()`.
 */
public class LiveResult internal constructor(
    /** The faces, the longest known first; points in px of [image]. */
    public val faces: Faces,
    /** The frame, upright. */
    public val image: PixelImage,
    /** What the landmarks are, and how they join. */
    public val layout: Layout,
    /** What the frame's time was spent on. */
    public val times: StageTimes,
    /** What runs the model. */
    public val runsOn: RunsOn,
) {
    /** The time that the frame was handed over with, ms. */
    public var timestampMs: Double = 0.0
        internal set
}
