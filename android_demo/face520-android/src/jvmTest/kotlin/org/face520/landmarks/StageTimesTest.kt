package org.face520.landmarks

import org.junit.Assert.assertEquals
import org.junit.Test

class StageTimesTest {
    @Test
    fun `a stage adds up over a frame, a repeated one counts once`() {
        var now = 0L
        val times = StageTimes { now }
        repeat(2) {
            times.start()
            now += 2_000_000
            times.stop(Stage.CROP)
        }
        for (ms in listOf(5, 3)) { // drawn, and drawn again
            times.start()
            now += ms * 1_000_000L
            times.replace(Stage.DRAW)
        }
        assertEquals(4f, times.ms(Stage.CROP), 1e-6f)
        assertEquals(3f, times.ms(Stage.DRAW), 1e-6f)
        assertEquals(7f, times.totalMs, 1e-6f)
    }
}
