package org.face520.demo.live

import org.junit.Assert.assertEquals
import org.junit.Test

class FrameRateTest {
    @Test
    fun `steady frames give their rate, the first and a clock that jumps back none`() {
        val rate = FrameRate()
        assertEquals(0f, rate.at(1000.0), 0f)
        for (frame in 1..20) assertEquals(25f, rate.at(1000.0 + frame * 40), 1e-3f)
        assertEquals(0f, rate.at(10.0), 0f)
    }

    @Test
    fun `after a pause the rate is that of the frames since`() {
        val rate = FrameRate()
        for (frame in 1..50) rate.at(frame * 40.0)
        assertEquals(0f, rate.at(60_000.0), 0f)
        assertEquals(10f, rate.at(60_100.0), 1e-3f)
    }
}
