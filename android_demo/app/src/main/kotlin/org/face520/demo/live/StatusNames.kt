package org.face520.demo.live

import android.content.res.Resources
import org.face520.demo.R
import org.face520.demo.inference.MOST_FACES
import org.face520.landmarks.Stage
import org.face520.overlay.StatusWords

/** The figures' names in the user's language. */
internal fun statusWords(resources: Resources): StatusWords {
    fun name(id: Int): String = resources.getString(id) + " "
    return StatusWords(
        faces = List(MOST_FACES + 1) {
            if (it == 0) {
                resources.getString(R.string.no_face_in_view)
            } else {
                resources.getQuantityString(R.plurals.faces, it, it)
            }
        },
        framesPerSecond = " " + resources.getString(R.string.status_fps),
        frame = name(R.string.status_frame),
        presence = name(R.string.status_presence),
        hidden = name(R.string.status_hidden),
        yaw = name(R.string.status_yaw),
        pitch = name(R.string.status_pitch),
        roll = name(R.string.status_roll),
        leftEye = name(R.string.status_left_eye),
        rightEye = name(R.string.status_right_eye),
        mouth = name(R.string.status_mouth),
        blinks = name(R.string.status_blinks),
        yawns = name(R.string.status_yawns),
        perclos = name(R.string.status_perclos),
        closed = name(R.string.status_closed),
        stages = Stage.values().map { resources.getString(nameOf(it)) },
    )
}

private fun nameOf(stage: Stage): Int = when (stage) {
    Stage.CONVERT -> R.string.stage_convert
    Stage.DETECT -> R.string.stage_detect
    Stage.CROP -> R.string.stage_crop
    Stage.QUANTIZE -> R.string.stage_quantize
    Stage.INVOKE -> R.string.stage_invoke
    Stage.DECODE -> R.string.stage_decode
    Stage.SMOOTH -> R.string.stage_smooth
    Stage.DRAW -> R.string.stage_draw
}
