package org.face520.overlay

import org.face520.landmarks.Face
import org.face520.landmarks.Stage
import org.face520.landmarks.StageTimes

/** Lines of text over the preview: pose, openness, presence, speed, and what runs the model. */
class StatusText {
    private val line = TextLine()
    private var lines = 0

    /** Draws lines from the view's left top corner; [face] is null while none is in view. Returns their lower end, px. */
    fun paint(
        face: Face?,
        times: StageTimes,
        framesPerSecond: Float,
        runtime: String,
        sizePx: Float,
        painter: Painter,
    ): Float {
        lines = 0
        if (face == null) line.begin("No face in view") else pose(face)
        draw(sizePx, painter)
        if (face != null) {
            openness(face)
            draw(sizePx, painter)
            blinking(face)
            draw(sizePx, painter)
        }
        line.begin("presence ")
        if (face == null) line.text("-") else line.number(face.presence, 2)
        line.text("   ").number(framesPerSecond, 0).text(" frames/s")
        draw(sizePx, painter)
        line.begin("invoke ").number(times.ms(Stage.INVOKE), 1)
        line.text(" ms, frame ").number(times.totalMs, 1).text(" ms")
        draw(sizePx, painter)
        line.begin(runtime)
        draw(sizePx, painter)
        return line.baseline(lines, sizePx)
    }

    private fun pose(face: Face) {
        line.begin("yaw ").number(face.yawDeg, 0)
        line.text("  pitch ").number(face.pitchDeg, 0)
        line.text("  roll ").number(face.rollDeg, 0).text(" deg")
    }

    private fun openness(face: Face) {
        val openings = face.openings
        line.begin("open: left eye ").number(openings.leftEye * 100, 0)
        line.text(" %, right ").number(openings.rightEye * 100, 0)
        line.text(" %, mouth ").number(openings.mouth * 100, 0).text(" %")
    }

    private fun blinking(face: Face) {
        val blinking = face.blinking
        line.begin("blinks ").number(blinking.blinks.toFloat(), 0)
        line.text("  yawns ").number(blinking.yawns.toFloat(), 0)
        line.text("  PERCLOS ").number(blinking.perclos * 100, 0).text(" %")
        if (blinking.closedMs > 0) line.text("  closed ").number(blinking.closedMs / 1000, 1).text(" s")
    }

    private fun draw(sizePx: Float, painter: Painter) {
        lines++
        line.draw(sizePx * 0.75f, line.baseline(lines, sizePx), sizePx, painter)
    }
}
