package org.face520.landmarks

import kotlin.math.abs
import kotlin.math.ceil
import kotlin.math.max

internal const val SMALLEST_FACE_PX = 20.0
private const val FACE_IN_INPUT_PX = 14.0
private const val OVERLAP_PX = 34.0
private const val SECOND_LOOK_WIDTHS = 4.0
private const val SECOND_LOOK_SCORE = 0.8f

/**
 * Finds faces from [smallestFacePx] of width up, wherever they are in an image: BlazeFace, window by
 * window. Port of `edge_runtime/detection/far_search.py`, which tells where the constants are from.
 */
internal class FarSearch(private val detector: FaceDetector, val smallestFacePx: Double = SMALLEST_FACE_PX) {
    private val around = CropRegion()
    private val again = FaceDetections()
    private val detail = WindowDetail()

    /** The squares to look through, the widest first, all narrower than the image is long: 26 in 640x480 for faces of 20 px. */
    fun windows(width: Int, height: Int): List<CropRegion> {
        val levels = ArrayList<List<CropRegion>>()
        var side = smallestFacePx * DETECTOR_SIZE_PX / FACE_IN_INPUT_PX
        while (side < max(width, height)) {
            val columns = centers(width, side)
            levels.add(centers(height, side).flatMap { y -> columns.map { x -> CropRegion().apply { set(x, y, side) } } })
            side *= 2
        }
        return levels.asReversed().flatten()
    }

    /** Adds to [found] what may be faces in a square, the best score first. */
    fun lookThrough(image: PixelImage, window: CropRegion, found: FaceDetections) =
        detector.detectIn(image, window, found, detail)

    /** What is found there with the detection in the middle, until the next look; null where it is no face. */
    fun lookAgain(image: PixelImage, detection: FaceDetection): FaceDetection? {
        val width = detection.right.toDouble() - detection.left
        around.set(detection.centerX, detection.centerY, SECOND_LOOK_WIDTHS * width)
        again.clear()
        detector.detectIn(image, around, again)
        var nearest: FaceDetection? = null
        for (i in 0 until again.count) {
            val one = again[i]
            val isNearer = nearest == null || distance(one, detection) < distance(nearest, detection)
            if (one.score >= SECOND_LOOK_SCORE && isNearer) nearest = one
        }
        return nearest
    }

    private fun distance(one: FaceDetection, other: FaceDetection): Double =
        abs(one.centerX - other.centerX) + abs(one.centerY - other.centerY)

    /** Middles of the windows along a side of the image. */
    private fun centers(length: Int, side: Double): List<Double> {
        if (length <= side) return listOf((length - 1) / 2.0)
        val stride = side * (1 - OVERLAP_PX / DETECTOR_SIZE_PX)
        val count = ceil((length - side) / stride).toInt() + 1
        val step = (length - side) / (count - 1)
        return List(count) { (side - 1) / 2 + it * step }
    }
}
