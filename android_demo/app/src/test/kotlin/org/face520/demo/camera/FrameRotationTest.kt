package org.face520.demo.camera

import org.junit.Assert.assertEquals
import org.junit.Test

class FrameRotationTest {
    @Test
    fun `a usual phone in its four positions`() {
        // Back cameras are mounted a quarter turn off, front cameras three quarters.
        assertEquals(listOf(90, 0, 270, 180), listOf(0, 90, 180, 270).map { FrameRotation.degrees(90, it, false) })
        assertEquals(listOf(270, 0, 90, 180), listOf(0, 90, 180, 270).map { FrameRotation.degrees(270, it, true) })
    }

    @Test
    fun `a tablet whose sensor stands upright`() {
        assertEquals(0, FrameRotation.degrees(0, 0, false))
        assertEquals(270, FrameRotation.degrees(0, 90, false))
    }
}
