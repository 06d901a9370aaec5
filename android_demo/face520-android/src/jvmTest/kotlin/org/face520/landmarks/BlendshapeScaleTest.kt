package org.face520.landmarks

import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test

class BlendshapeScaleTest {
    private val jawOpen = BLENDSHAPE_NAMES.indexOf("jawOpen")
    private val mouthPucker = BLENDSHAPE_NAMES.indexOf("mouthPucker")

    @Test
    fun `a face at rest is 0, one that moves as far as it can is 1`() {
        val atRest = FloatArray(BLENDSHAPE_NAMES.size).also { it[mouthPucker] = 0.25f }
        val told = FloatArray(BLENDSHAPE_NAMES.size).also {
            it[mouthPucker] = 0.25f
            it[jawOpen] = 0.6f
        }
        val scale = BlendshapeScale(atRest, listOf("cheekPuff"))
        scale.read(told)
        assertEquals(0f, told[mouthPucker], 0f)
        assertEquals(0.6f, told[jawOpen], 0f)
        assertEquals("_neutral falls from 1 as anything moves", 0.4f, told[0], 1e-6f)
        assertTrue(told[BLENDSHAPE_NAMES.indexOf("cheekPuff")].isNaN())
        told[mouthPucker] = 1f
        scale.read(told)
        assertEquals(1f, told[mouthPucker], 0f)
        assertEquals(0f, told[0], 0f)
    }
}
