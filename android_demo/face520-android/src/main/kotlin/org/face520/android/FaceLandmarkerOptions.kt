package org.face520.android

import org.face520.landmarks.SMALLEST_FACE_PX
import org.face520.landmarks.Smoothing

private const val MIN_SMALLEST_FACE_PX = 8.0 // below, the landmarks are a guess

/**
 * What a [FaceLandmarker] works with.
 *
 * [model]: name of a face520 model in the app's assets, [MAIN] or [SMALL] of this library or one of your
 * own. [maxFaces]: the best that many are kept; in a video, each costs a run of the model per frame.
 * [accelerator]: what is to run the model; [FaceLandmarker.runsOn] says what does. [threads]: for it to
 * use, as far as it can. [smoothing]: of videos. [smallestFacePx]: faces narrower than this are not looked
 * for, and a width beyond the picture's leaves the search for small ones out. Throws
 * IllegalArgumentException for numbers that mean nothing. Port of `FaceLandmarkerOptions` in
 * `edge_runtime/face_landmarker.py`.
 */
public data class FaceLandmarkerOptions @JvmOverloads constructor(
    public val model: String = MAIN,
    public val maxFaces: Int = 1,
    public val accelerator: Accelerator = Accelerator.XNNPACK,
    public val threads: Int = 1,
    public val smoothing: Smoothing = Smoothing.SOFT,
    public val smallestFacePx: Double = SMALLEST_FACE_PX,
) {
    init {
        require(maxFaces >= 1) { "maxFaces is $maxFaces: at least one face must be wanted." }
        require(threads >= 1) { "threads is $threads: at least one must work." }
        require(smallestFacePx >= MIN_SMALLEST_FACE_PX) {
            "smallestFacePx is $smallestFacePx: it must be $MIN_SMALLEST_FACE_PX or more."
        }
    }

    public companion object {
        /** The most exact model, in 8 bits: one and two thirds of main's work. */
        public const val LARGE: String = "face520_large_int8.tflite"

        /** The exact model, in 8 bits. */
        public const val MAIN: String = "face520_main_int8.tflite"

        /** The quick model, in 8 bits: a third of the work. */
        public const val SMALL: String = "face520_small_int8.tflite"
    }
}
