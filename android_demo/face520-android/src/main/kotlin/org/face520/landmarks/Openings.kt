package org.face520.landmarks

// Aspect ratios of closed and of wide open; edge_runtime/face_landmarks.py tells whose they are.
private const val EYE_CLOSED = 0.07f
private const val EYE_WIDE_OPEN = 0.42f
private const val MOUTH_CLOSED = 0.05f
private const val MOUTH_WIDE_OPEN = 0.82f

/**
 * How far each eye and the mouth are open: 0 closed, 1 wide open, not cut off at the ends.
 *
 * A linear scale of the aspect ratios. An eye that merely is open has about 0.6; people differ.
 */
public class Openings internal constructor(private val ratios: AspectRatios) {
    /** Of the person's left eye. */
    public val leftEye: Float get() = onScale(ratios.leftEye, EYE_CLOSED, EYE_WIDE_OPEN)

    /** Of the person's right eye. */
    public val rightEye: Float get() = onScale(ratios.rightEye, EYE_CLOSED, EYE_WIDE_OPEN)

    /** Of the mouth. */
    public val mouth: Float get() = onScale(ratios.mouth, MOUTH_CLOSED, MOUTH_WIDE_OPEN)

    private fun onScale(ratio: Float, closed: Float, wideOpen: Float): Float = (ratio - closed) / (wideOpen - closed)
}
