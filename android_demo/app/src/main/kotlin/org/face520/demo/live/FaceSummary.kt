package org.face520.demo.live

import android.content.res.Resources
import kotlin.math.abs
import org.face520.demo.R
import org.face520.landmarks.Face
import org.face520.landmarks.Faces

private const val TURNED_DEG = 15f
private const val SURE_PRESENCE = 0.8f

/** What a frame shows, in a sentence for those who do not see it. */
class FaceSummary(private val resources: Resources) {
    fun of(faces: Faces): String {
        val face = faces.first ?: return resources.getString(R.string.described_none)
        val count = resources.getQuantityString(R.plurals.faces, faces.count, faces.count)
        return resources.getString(sentence(face), count)
    }

    private fun sentence(face: Face): Int = when {
        face.presence < SURE_PRESENCE -> R.string.described_unsure
        abs(face.yawDeg) >= abs(face.pitchDeg) && face.yawDeg < -TURNED_DEG -> R.string.described_left
        abs(face.yawDeg) >= abs(face.pitchDeg) && face.yawDeg > TURNED_DEG -> R.string.described_right
        face.pitchDeg > TURNED_DEG -> R.string.described_up
        face.pitchDeg < -TURNED_DEG -> R.string.described_down
        else -> R.string.described_straight
    }
}
