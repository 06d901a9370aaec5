package org.face520.landmarks

import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Test

class FarSearchTest {
    private val far = FarSearch(FaceDetector(RecordedNetwork.detector()))

    @Test
    fun `the windows are Python's`() {
        for (golden in Golden.json.children("windows")) {
            val (width, height) = golden.ints("size").toList()
            val expected = golden.list("squares").map { one -> (one as List<*>).map { it as Double } }
            val windows = far.windows(width, height)
            assertEquals("$width x $height", expected.size, windows.size)
            for ((one, window) in expected.zip(windows)) {
                assertEquals(one[0], window.centerX, 1e-9)
                assertEquals(one[1], window.centerY, 1e-9)
                assertEquals(one[2], window.sidePx, 1e-9)
            }
        }
        assertTrue(Golden.json.children("windows").any { it.list("squares").isEmpty() })
    }

    @Test
    fun `a sweep takes its time, never more than three windows a frame, and comes round`() {
        val rolling = RollingSearch(far)
        val windows = far.windows(640, 480)
        val taken = ArrayList<CropRegion>()
        for (number in 0..60) {
            val count = rolling.count(640, 480, number * 1000.0 / 30, isCalm = false)
            assertTrue("$count in frame $number", count <= 3)
            repeat(count) { taken.add(rolling.take()) }
        }
        // The first frame's is due at once; the last of two seconds may fall on the frame after them.
        assertTrue("${taken.size} in two seconds", taken.size - windows.size in 0..1)
        for ((place, window) in taken.withIndex()) assertEquals(windows[place % windows.size].centerX, window.centerX, 0.0)
        assertEquals("a pause is not made up for", 3, rolling.count(640, 480, 9000.0, isCalm = true))
        repeat(3) { rolling.take() }
        assertTrue(rolling.count(640, 480, 9033.0, isCalm = true) <= 1)
        assertEquals("too small for any", 0, rolling.count(180, 100, 9066.0, isCalm = true))
    }

    @Test
    fun `shapes are compared as in Python`() {
        val shape = FaceShape(Golden.layout, PoseEstimator(Golden.layout))
        val answers = ArrayList<Boolean>()
        for ((number, golden) in Golden.json.children("shapes").withIndex()) {
            val (one, other) = List(2) { prediction(golden, it) }
            assertEquals("pair $number", golden.double("distance"), shape.distance(one.points, other.points), 1e-5)
            val mayBeOne = shape.mayBeOnePerson(one, other)
            assertEquals("pair $number", golden.boolean("may_be_one"), mayBeOne)
            answers.add(mayBeOne)
        }
        assertTrue("both answers", answers.any { it } && answers.any { !it })
        assertFalse("a model without expression", prediction(Golden.json.children("shapes").last(), 1).hasExpression)
    }

    private fun prediction(golden: JsonObject, place: Int) = Prediction(Golden.layout.size).apply {
        floats(golden.list("points")[place]).copyInto(points)
        floats(golden.list("expression")[place]).copyInto(expression)
    }

    /** Numbers of a list, nested or not; NaN for null. */
    private fun floats(stored: Any?): FloatArray {
        val flat = (stored as List<*>).flatMap { if (it is List<*>) it else listOf(it) }
        return flat.map { (it as Double?)?.toFloat() ?: Float.NaN }.toFloatArray()
    }
}
