package org.face520.demo.live

import org.junit.Assert.assertEquals
import org.junit.Assert.assertNotSame
import org.junit.Assert.assertNull
import org.junit.Assert.assertSame
import org.junit.Test

class FrameExchangeTest {
    private class Box(var value: Int = 0)

    @Test
    fun `nothing is shown before the first frame`() = assertNull(FrameExchange { Box() }.latest())

    @Test
    fun `the latest frame is shown, and stays until the next one`() {
        val exchange = FrameExchange { Box() }
        for (value in 1..3) {
            exchange.toWrite().value = value
            exchange.publish()
        }
        val shown = exchange.latest()
        assertEquals(3, shown?.value)
        assertSame(shown, exchange.latest())
    }

    @Test
    fun `the buffer that is shown is never written`() {
        val exchange = FrameExchange { Box() }
        exchange.publish()
        val shown = exchange.latest()
        repeat(5) {
            assertNotSame(shown, exchange.toWrite())
            exchange.publish()
        }
    }
}
