package org.face520.landmarks

import kotlin.math.ceil
import kotlin.math.max

// Many windows find many things that are no face.
private const val CLOSER_LOOK_SCORE = 0.75f
private const val DETECTOR_MEAN = 127.5f

/**
 * Finds faces with BlazeFace; port of the class `BlazeFace` in `edge_runtime/detection/blazeface.py`.
 *
 * [closerLooks]: where no face is found, how often to look again through windows of half the size;
 * 1 costs 9 more runs on a square image, so a live view takes 0. Throws [ModelFileException] for a
 * network of another kind.
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
        return emptyList()
    }

    private fun detectThrough(image: PixelImage, side: Double, leastScore: Float): List<FaceDetection> {
        var found: ArrayList<FaceDetection>? = null
        val rows = windowCount(image.height, side)
        val columns = windowCount(image.width, side)
        for (row in 0 until rows) {
            for (column in 0 until columns) {
                window.set(center(image.width, side, column, columns), center(image.height, side, row, rows), side)
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
        val left = window.centerX - window.sidePx / 2
        val top = window.centerY - window.sidePx / 2
        return FaceDetection(
            (left + face.left * window.sidePx).toFloat(),
            (top + face.top * window.sidePx).toFloat(),
            (left + face.right * window.sidePx).toFloat(),
            (top + face.bottom * window.sidePx).toFloat(),
            face.score,
        )
    }
}
