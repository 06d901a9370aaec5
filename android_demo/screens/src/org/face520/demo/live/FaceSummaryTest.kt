package org.face520.demo.live

import org.face520.demo.Phone
import org.face520.demo.ScreenRunner
import org.face520.landmarks.Faces
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.annotation.Config

/** What a screen reader is told of a frame. */
@RunWith(ScreenRunner::class)
@Config(sdk = [35])
class FaceSummaryTest {
    private fun said(count: Int, yawDeg: Float = 0f, pitchDeg: Float = 0f, presence: Float = 1f): String {
        val faces = Faces(1, 2)
        faces.count = count
        faces[0].yawDeg = yawDeg
        faces[0].pitchDeg = pitchDeg
        faces[0].presence = presence
        return FaceSummary(Phone.app.resources).of(faces)
    }

    @Test
    fun `how many faces, where the first one looks, and whether it is one`() {
        assertEquals("No face in view", said(0))
        assertEquals("1 face, looks into the camera", said(1, yawDeg = 5f, pitchDeg = -9f))
        assertEquals("2 faces, turned to the picture's left", said(2, yawDeg = -40f, pitchDeg = 20f))
        assertEquals("1 face, turned to the picture's right", said(1, yawDeg = 40f))
        assertEquals("1 face, looks up", said(1, yawDeg = 16f, pitchDeg = 30f))
        assertEquals("1 face, looks down", said(1, pitchDeg = -30f))
        assertEquals("1 face, hardly recognised", said(1, yawDeg = 40f, presence = 0.6f))
    }

    @Test
    @Config(qualifiers = "de")
    fun `in the phone's language, one face and several`() {
        assertTrue(said(1), said(1).startsWith("1 Gesicht, "))
        assertTrue(said(2), said(2).startsWith("2 Gesichter, "))
    }
}
