package org.face520.landmarks

import kotlin.math.ceil
import kotlin.math.cos
import kotlin.math.max
import kotlin.math.min
import kotlin.math.sin

// Many windows find many things that are no face.
private const val CLOSER_LOOK_SCORE = 0.75f
private const val HINT_SCORE = 0.4f // in parts of the least score
private const val MOST_HINTS = 2
private const val AFAR_OVER_PICTURE = 1.6
private const val DETECTOR_MEAN = 127.5f
private const val UPSIDE_DOWN_DEG = 180.0

/**
 * Finds faces with BlazeFace; port of the class `BlazeFace` in `edge_runtime/detection/blazeface.py`.
 *
 * [closerLooks]: where no face is found, how often to look again through windows of half the size;
 * 1 costs 9 more runs on a square image, and one upside down after them. Throws [ModelFileException]
 * for a network of another kind. What is found is valid until the next call; none allocates, but for
 * more faces than ever before.
 */
internal class FaceDetector(
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
    private val inWindow = FaceDetections()
    private val inWindows = FaceDetections()
    private val faces = FaceDetections()
    private var along = 0.0 // of the window's side, along the image's axes
    private var across = 0.0

    init {
        val isInputRight = network.input.shape == listOf(1, DETECTOR_SIZE_PX, DETECTOR_SIZE_PX, 3)
        if (scoreOutput < 0 || boxOutput < 0 || !isInputRight) {
            throw ModelFileException("The face detector is not the short-range BlazeFace of MediaPipe 0.10.21.")
        }
        scoreDecoder = OutputDecoder(network.outputs[scoreOutput])
        boxDecoder = OutputDecoder(network.outputs[boxOutput])
    }

    /** Faces in image px, the best score first; empty where there is none. */
    fun detect(image: PixelImage): FaceDetections {
        val whole = max(image.width, image.height).toDouble()
        var side = whole
        for (look in 0..closerLooks) {
            if (look > 0 && side < DETECTOR_SIZE_PX) break
            detectThrough(image, side, if (look > 0) max(minScore, CLOSER_LOOK_SCORE) else minScore)
            if (faces.count > 0) return faces
            side /= 2
        }
        // One face in five that is upside down is found only the other way up.
        if (closerLooks > 0) detectThrough(image, whole, max(minScore, CLOSER_LOOK_SCORE), UPSIDE_DOWN_DEG)
        return faces
    }

    /** The same by a single run of the network, without closer looks. */
    fun detectWhole(image: PixelImage): FaceDetections {
        detectThrough(image, max(image.width, image.height).toDouble(), minScore)
        return faces
    }

    /** What may be a face and scores too little for [detect]. */
    fun hints(image: PixelImage): FaceDetections = lookClosely(image, 1.0, minScore)

    /** What may be a face that fills the image or leaves it. */
    fun fromAfar(image: PixelImage): FaceDetections =
        lookClosely(image, AFAR_OVER_PICTURE, Float.POSITIVE_INFINITY)

    private fun lookClosely(image: PixelImage, overPicture: Double, below: Float): FaceDetections {
        val side = max(image.width, image.height) * overPicture
        window.set((image.width - 1) / 2.0, (image.height - 1) / 2.0, side)
        extract(image, window)
        inWindows.clear()
        decode(HINT_SCORE * minScore)
        for (i in 0 until inWindow.count) {
            if (inWindow[i].score < below && inWindows.count < MOST_HINTS) addInImage(inWindow[i], window)
        }
        faces.clear()
        decoder.merge(inWindows, faces)
        for (i in 0 until faces.count) faces[i].isHint = true
        return faces
    }

    /** Adds to [found] the faces in a square of the image, none where [detail] is given and the square has none. */
    internal fun detectIn(image: PixelImage, region: CropRegion, found: FaceDetections, detail: WindowDetail? = null) {
        extract(image, region)
        if (detail != null && !detail.isIn(pixels)) return
        inWindows.clear()
        decode(minScore)
        for (i in 0 until inWindow.count) addInImage(inWindow[i], region)
        decoder.merge(inWindows, found)
    }

    private fun detectThrough(image: PixelImage, side: Double, leastScore: Float, rollDeg: Double = 0.0) {
        inWindows.clear()
        val rows = windowCount(image.height, side)
        val columns = windowCount(image.width, side)
        for (row in 0 until rows) {
            for (column in 0 until columns) {
                val x = center(image.width, side, column, columns)
                window.set(x, center(image.height, side, row, rows), side, rollDeg)
                extract(image, window)
                decode(minScore)
                for (i in 0 until inWindow.count) if (inWindow[i].score >= leastScore) addInImage(inWindow[i], window)
            }
        }
        faces.clear()
        decoder.merge(inWindows, faces)
    }

    private fun extract(image: PixelImage, region: CropRegion) =
        resampler.extract(image, region, DETECTOR_SIZE_PX, pixels)

    /** Leaves in [inWindow] what the network finds in [pixels]. */
    private fun decode(leastScore: Float) {
        encoder.encode(pixels, network.inputBuffer)
        network.run()
        scoreDecoder.decode(network.outputBuffers[scoreOutput], logits)
        boxDecoder.decode(network.outputBuffers[boxOutput], regressors)
        decoder.decode(logits, regressors, leastScore, inWindow)
    }

    private fun windowCount(length: Int, side: Double): Int =
        if (length <= side) 1 else ceil((length - side) / (side / 2)).toInt() + 1

    /** Centre of one of several windows that together cover a length. */
    private fun center(length: Int, side: Double, index: Int, count: Int): Double {
        if (count == 1) return (length - 1) / 2.0
        val margin = (side - 1) / 2
        return margin + (length - 1 - 2 * margin) * index / (count - 1)
    }

    /** Adds to [inWindows] a face of a window, in px of the image. */
    private fun addInImage(face: FaceDetection, window: CropRegion) {
        // A fraction f of S pixels lies at pixel f * S - 0.5: pixel centres are at integers.
        val turn = Math.toRadians(window.rollDeg)
        along = window.sidePx * cos(turn)
        across = window.sidePx * sin(turn)
        val x1 = xInImage(window, face.left, face.top)
        val y1 = yInImage(window, face.left, face.top)
        val x2 = xInImage(window, face.right, face.bottom)
        val y2 = yInImage(window, face.right, face.bottom)
        val moved = inWindows.add()
        // In a turned window, the box's corners may change places.
        moved.setBox(min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2))
        moved.score = face.score
        for (i in 0 until face.keypoints.size / 2) {
            val x = face.keypoints[i * 2]
            val y = face.keypoints[i * 2 + 1]
            moved.keypoints[i * 2] = xInImage(window, x, y)
            moved.keypoints[i * 2 + 1] = yInImage(window, x, y)
        }
    }

    private fun xInImage(window: CropRegion, x: Float, y: Float): Float =
        (window.centerX + along * (x - 0.5) - across * (y - 0.5)).toFloat()

    private fun yInImage(window: CropRegion, x: Float, y: Float): Float =
        (window.centerY + across * (x - 0.5) + along * (y - 0.5)).toFloat()
}
