package org.face520.landmarks

import org.junit.Assert.assertArrayEquals
import org.junit.Assert.assertTrue
import org.junit.Test

class FaceSmootherTest {
    private val golden = Golden.json.child("smoothed_clip")
    private val timesMs = golden.floats("times_ms")
    private val points = clip(golden, "points")
    private val expression = clip(golden, "expression")

    @Test
    fun `a face that blinks and speaks is smoothed as in Python`() {
        for (smoothing in listOf(Smoothing.SOFT, Smoothing.STRONG)) {
            val expected = golden.child(smoothing.name.lowercase())
            val smoother = FaceSmoother(Golden.layout)
            for (frame in timesMs.indices) {
                val prediction = prediction(frame)
                smoother.smooth(prediction, timesMs[frame].toDouble(), smoothing)
                val what = "$smoothing, frame $frame"
                Golden.assertClose("$what: points", clip(expected, "points")[frame], prediction.points, 5e-3f)
                Golden.assertClose("$what: expression", clip(expected, "expression")[frame], prediction.expression, 1e-4f)
            }
        }
    }

    @Test
    fun `a blink keeps its depth`() {
        for ((smoothing, share) in listOf(Smoothing.SOFT to 0.9f, Smoothing.STRONG to 0.75f)) {
            val smoother = FaceSmoother(Golden.layout)
            val raw = ArrayList<Float>()
            val calm = ArrayList<Float>()
            for (frame in 0 until 12) {
                val prediction = prediction(frame)
                raw.add(opening(prediction))
                smoother.smooth(prediction, timesMs[frame].toDouble(), smoothing)
                calm.add(opening(prediction))
            }
            val depth = raw[0] - raw.min()
            assertTrue("$smoothing keeps ${(calm[0] - calm.min()) / depth}", calm[0] - calm.min() >= share * depth)
        }
    }

    @Test
    fun `switched off or anew it changes nothing`() {
        val smoother = FaceSmoother(Golden.layout)
        smoother.smooth(prediction(0), 0.0, Smoothing.STRONG)
        val off = prediction(7)
        smoother.smooth(off, 33.0, Smoothing.OFF)
        assertArrayEquals(points[7], off.points, 0f)
        smoother.smooth(prediction(0), 66.0, Smoothing.STRONG)
        smoother.reset()
        val first = prediction(7)
        smoother.smooth(first, 99.0, Smoothing.STRONG)
        assertArrayEquals(points[7], first.points, 0f)
    }

    private fun opening(prediction: Prediction) = Openings(AspectRatios(prediction.points)).leftEye

    private fun prediction(frame: Int) = Prediction(Golden.layout.size).apply {
        this@FaceSmootherTest.points[frame].copyInto(points)
        this@FaceSmootherTest.expression[frame].copyInto(expression)
    }

    /** Frames of numbers, NaN for null. */
    private fun clip(stored: JsonObject, name: String): List<FloatArray> = stored.list(name).map { frame ->
        (frame as List<*>).flatMap { if (it is List<*>) it else listOf(it) }
            .map { (it as Double?)?.toFloat() ?: Float.NaN }.toFloatArray()
    }
}
