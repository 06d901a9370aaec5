package org.face520.landmarks

import kotlin.math.ceil
import kotlin.math.max
import kotlin.math.min

// Many windows find many things that are no face.
private const val CLOSER_LOOK_SCORE = 0.75f
private const val DETECTOR_MEAN = 127.5f
private const val UPSIDE_DOWN_DEG = 180.0

/**
 * Finds faces with BlazeFace; port of the class `BlazeFace` in `edge_runtime/detection/blazeface.py`.
 *
 * [closerLooks]: where no face is found, how often to look again through windows of half the size;
 * 1 costs 9 more runs on a square image, and one upside down after them, so a live view takes 0.
 * Throws [ModelFileException] for a network of another kind.
 */
class FaceDetector(
    private val network: Network,
    private val closerLooks: Int = 1,
    private val minScore: Float = 0.5f,
) {
    private val decoder = BlazeFaceDecoder()
    private val resampler = CropResampler()
    private val encoder = InputEncoder(network.input, DETECTOR_MEAN, DETECTOR_MEAN)
    private val pixels = IntArray(DETECTOR_SIZE_PX * DETECTOR_SIZE_PX)
    private val window = CropRegion()
    private val scoreOutput = network.outputs.indexOfFirst { it.shape == listOf(1, decoder.anchorCount, 1) }
    private val boxOutput = network.outputs.indexOfFirst { it.shape == listOf(1, decoder.anchorCount, 16) }
    private val logits = FloatArray(decoder.anchorCount)
    private val regressors = FloatArray(decoder.anchorCount * 16)
    private val scoreDecoder: OutputDecoder
    private val boxDecoder: OutputDecoder

    init {
        val isInputRight = network.input.shape == listOf(1, DETECTOR_SIZE_PX, DETECTOR_SIZE_PX, 3)
        if (scoreOutput < 0 || boxOutput < 0 || !isInputRight) {
            throw ModelFileException("The face detector is not the short-range BlazeFace of MediaPipe 0.10.21.")
        }
        scoreDecoder = OutputDecoder(network.outputs[scoreOutput])
        boxDecoder = OutputDecoder(network.outputs[boxOutput])
    }

    /** Faces in image px, the best score first; empty where there is none. */
    fun detect(image: PixelImage): List<FaceDetection> {
        var side = max(image.width, image.height).toDouble()
        for (look in 0..closerLooks) {
            if (look > 0 && side < DETECTOR_SIZE_PX) break
            val leastScore = if (look > 0) max(minScore, CLOSER_LOOK_SCORE) else minScore
            val found = detectThrough(image, side, leastScore)
            if (found.isNotEmpty()) return BlazeFaceDecoder.mergeOverlapping(found)
            side /= 2
        }
        if (closerLooks == 0) return emptyList()
        val whole = max(image.width, image.height).toDouble()
        val found = detectThrough(image, whole, max(minScore, CLOSER_LOOK_SCORE), UPSIDE_DOWN_DEG)
        return BlazeFaceDecoder.mergeOverlapping(found)
    }

    private fun detectThrough(
        image: PixelImage,
        side: Double,
        leastScore: Float,
        rollDeg: Double = 0.0,
    ): List<FaceDetection> {
        var found: ArrayList<FaceDetection>? = null
        val rows = windowCount(image.height, side)
        val columns = windowCount(image.width, side)
        for (row in 0 until rows) {
            for (column in 0 until columns) {
                val x = center(image.width, side, column, columns)
                window.set(x, center(image.height, side, row, rows), side, rollDeg)
                for (face in detectInWindow(image)) {
                    if (face.score < leastScore) continue
                    if (found == null) found = ArrayList()
                    found.add(inImage(face))
                }
            }
        }
        return found ?: emptyList()
    }

    private fun detectInWindow(image: PixelImage): List<FaceDetection> {
        resampler.extract(image, window, DETECTOR_SIZE_PX, pixels)
        encoder.encode(pixels, network.inputBuffer)
        network.run()
        scoreDecoder.decode(network.outputBuffers[scoreOutput], logits)
        boxDecoder.decode(network.outputBuffers[boxOutput], regressors)
        return decoder.decode(logits, regressors, minScore)
    }

    private fun windowCount(length: Int, side: Double): Int =
        if (length <= side) 1 else ceil((length - side) / (side / 2)).toInt() + 1

    /** Centre of one of several windows that together cover a length. */
    private fun center(length: Int, side: Double, index: Int, count: Int): Double {
        if (count == 1) return (length - 1) / 2.0
        val margin = (side - 1) / 2
        return margin + (length - 1 - 2 * margin) * index / (count - 1)
    }

    // A fraction f of S pixels lies at pixel f * S - 0.5: pixel centres are at integers.
    private fun inImage(face: FaceDetection): FaceDetection {
        // Upside down, the window's corners change places, and the box's with them.
        val turn = if (window.rollDeg == UPSIDE_DOWN_DEG) -window.sidePx else window.sidePx
        val x1 = (window.centerX + (face.left - 0.5) * turn).toFloat()
        val y1 = (window.centerY + (face.top - 0.5) * turn).toFloat()
        val x2 = (window.centerX + (face.right - 0.5) * turn).toFloat()
        val y2 = (window.centerY + (face.bottom - 0.5) * turn).toFloat()
        val keypoints = FloatArray(face.keypoints.size) {
            val center = if (it % 2 == 0) window.centerX else window.centerY
            (center + (face.keypoints[it] - 0.5) * turn).toFloat()
        }
        return FaceDetection(min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2), face.score, keypoints)
    }
}
