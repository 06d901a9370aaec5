package org.face520.landmarks

import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test

class BlinkCounterTest {
    private val golden = Golden.json.child("counted_clip")
    private val timesMs = golden.floats("times_ms")

    @Test
    fun `blinks, yawns and closed eyes are counted as in Python`() {
        val counter = BlinkCounter(Golden.layout)
        val face = Face(Golden.layout.size)
        val expected = golden.floats("blinking")
        for (frame in timesMs.indices) {
            place(face, frame)
            counter.update(face, timesMs[frame].toDouble())
            val blinking = face.blinking
            assertEquals("blinks, frame $frame", expected[frame * 4].toInt(), blinking.blinks)
            assertEquals("yawns, frame $frame", expected[frame * 4 + 1].toInt(), blinking.yawns)
            assertEquals("closed, frame $frame", expected[frame * 4 + 2], blinking.closedMs, 0.1f)
            assertEquals("PERCLOS, frame $frame", expected[frame * 4 + 3], blinking.perclos, 1e-4f)
        }
        assertTrue("a clip in which something is counted", face.blinking.blinks > 5 && face.blinking.yawns == 1)
    }

    @Test
    fun `a new face begins at zero`() {
        val counter = BlinkCounter(Golden.layout)
        val face = Face(Golden.layout.size)
        for (frame in 0 until 200) {
            place(face, frame)
            counter.update(face, timesMs[frame].toDouble())
        }
        assertTrue(face.blinking.blinks > 0)
        counter.reset()
        place(face, 0)
        counter.update(face, 1e6)
        assertEquals(0, face.blinking.blinks)
        assertEquals(0f, face.blinking.perclos, 0f)
    }

    @Test
    fun `cameras faster than any phone's only cost memory`() {
        val history = OpeningHistory(60_000.0)
        for (frame in 0 until 20_000) history.add(frame * 5.0, 5.0, (frame % 100) / 100.0)
        assertEquals(60_000.0, history.spanMs, 5.0)
        assertEquals(0.745, history.percentile(0.75), 0.01)
        assertEquals(0.25, history.shareBelow(0.25), 0.001)
    }

    private fun place(face: Face, frame: Int) {
        golden.floats("points").copyInto(face.points)
        setApart(face, golden.ints("eye_pairs"), golden.list("eyes_px")[frame] as Double)
        setApart(face, golden.ints("mouth_pairs"), golden.list("lips_px")[frame] as Double)
        face.visibility.fill(1f)
        val seen = (golden.list("right_eye_seen")[frame] as Double).toFloat()
        for (landmark in Golden.layout.regions.getValue("right_eye")) face.visibility[landmark] = seen
    }

    private fun setApart(face: Face, pairs: IntArray, heightPx: Double) {
        for (i in pairs.indices step 2) {
            val above = pairs[i] * 3
            val below = pairs[i + 1] * 3
            for (axis in 0..2) face.points[below + axis] = face.points[above + axis]
            face.points[below + 1] += heightPx.toFloat()
        }
    }
}
