package org.face520.landmarks

import kotlin.math.abs
import kotlin.math.max

// Face sizes that an opening's height may differ from the smoothed one's before the filter opens,
// and Hz per face size beyond.
private const val STILL_HEIGHT = 0.006f
private const val HZ_PER_HEIGHT = 1e4f

// Face sizes that count as much as a coefficient of 1.
private const val COEFFICIENT_SIZE = 0.05f

/**
 * A face calmed over time, blinks and words left as fast as they are.
 *
 * The filter of everything around an eye or the mouth opens as soon as its opening leaves the
 * smoothed one. Port of `edge_runtime/tracking/face_smoother.py`, which tells why and how the
 * constants were measured.
 */
internal class FaceSmoother(layout: Layout) {
    /** An eye or the mouth: its pairs above and below, and what moves with them. */
    private class Part(val pairs: IntArray, val landmarks: IntArray, val coefficients: IntArray) {
        var calmHeight = 0f
    }

    private val parts = listOf(
        Part(LEFT_EYE_PAIRS, layout.landmarksOf("left_eye", "left_eye_surround"), coefficients("eye", end = "Left")),
        Part(RIGHT_EYE_PAIRS, layout.landmarksOf("right_eye", "right_eye_surround"), coefficients("eye", end = "Right")),
        Part(
            INNER_MOUTH_PAIRS,
            layout.landmarksOf("outer_lips", "inner_lips", "mouth_and_chin"),
            coefficients("mouth", "jaw"),
        ),
    )
    private val points = OneEuroFilter(layout.size)
    private val expression = OneEuroFilter(BLENDSHAPE_NAMES.size, axes = 1)
    private val cutoffOfPoints = FloatArray(layout.size)
    private val cutoffOfExpression = FloatArray(BLENDSHAPE_NAMES.size)
    private var hasCalm = false

    /** Forgets the face; the next one passes unchanged. */
    fun reset() {
        hasCalm = false
        points.reset()
        expression.reset()
    }

    /** Smooths points and expression in place, as [OneEuroFilter.filter] does; visibility stays as it is. */
    fun smooth(prediction: Prediction, timeMs: Double, smoothing: Smoothing) {
        if (smoothing == Smoothing.OFF) return reset()
        val facePx = FaceSize.sizePx(prediction.points)
        cutoffOfPoints.fill(0f)
        cutoffOfExpression.fill(0f)
        if (hasCalm) for (i in parts.indices) open(parts[i], prediction.points, facePx)
        points.filter(prediction.points, facePx, timeMs, smoothing, cutoffOfPoints)
        expression.filter(prediction.expression, 1 / COEFFICIENT_SIZE, timeMs, smoothing, cutoffOfExpression)
        for (i in parts.indices) parts[i].calmHeight = AspectRatios.meanHeight(prediction.points, parts[i].pairs)
        hasCalm = true
    }

    private fun open(part: Part, points: FloatArray, facePx: Float) {
        val change = abs(AspectRatios.meanHeight(points, part.pairs) - part.calmHeight) / facePx
        val cutoffHz = HZ_PER_HEIGHT * max(change - STILL_HEIGHT, 0f)
        for (landmark in part.landmarks) cutoffOfPoints[landmark] = max(cutoffOfPoints[landmark], cutoffHz)
        for (coefficient in part.coefficients) cutoffOfExpression[coefficient] = cutoffHz
    }

    private companion object {
        fun Layout.landmarksOf(vararg names: String): IntArray =
            names.flatMap { regions.getValue(it).toList() }.toIntArray()

        /** Places of the blendshapes whose names begin and end so. */
        fun coefficients(vararg begins: String, end: String = ""): IntArray = BLENDSHAPE_NAMES.indices.filter { place ->
            begins.any { BLENDSHAPE_NAMES[place].startsWith(it) } && BLENDSHAPE_NAMES[place].endsWith(end)
        }.toIntArray()
    }
}
