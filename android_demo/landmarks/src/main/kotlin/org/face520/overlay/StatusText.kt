package org.face520.overlay

import kotlin.math.abs
import org.face520.landmarks.Face
import org.face520.landmarks.Stage
import org.face520.landmarks.StageTimes

private const val TEXT_COLOR = 0xFFFFFFFF.toInt()
private const val SHADOW_COLOR = 0xC0000000.toInt()

/** Lines of text over the preview: pose, presence, speed, and what runs the model. */
class StatusText {
    private val line = StringBuilder(128)

    /** Draws four lines from the view's left top corner; [face] is null while none is in view. */
    fun paint(
        face: Face?,
        times: StageTimes,
        framesPerSecond: Float,
        runtime: String,
        sizePx: Float,
        painter: Painter,
    ) {
        val step = sizePx * 1.35f
        begin()
        if (face == null) {
            line.append("No face in view")
        } else {
            line.append("yaw ")
            number(face.yawDeg, 0).append("  pitch ")
            number(face.pitchDeg, 0).append("  roll ")
            number(face.rollDeg, 0).append(" deg")
        }
        draw(step, sizePx, painter)
        begin()
        line.append("presence ")
        if (face == null) line.append('-') else number(face.presence, 2)
        line.append("   ")
        number(framesPerSecond, 0).append(" frames/s")
        draw(step * 2, sizePx, painter)
        begin()
        line.append("invoke ")
        number(times.ms(Stage.INVOKE), 1).append(" ms, frame ")
        number(times.totalMs, 1).append(" ms")
        draw(step * 3, sizePx, painter)
        begin()
        line.append(runtime)
        draw(step * 4, sizePx, painter)
    }

    private fun begin() = line.setLength(0)

    private fun draw(y: Float, sizePx: Float, painter: Painter) {
        val x = sizePx * 0.75f
        val offset = sizePx * 0.06f
        painter.text(line, x + offset, y + offset, sizePx, SHADOW_COLOR)
        painter.text(line, x, y, sizePx, TEXT_COLOR)
    }

    /** Appends a number with up to two decimals; String.format would allocate. */
    private fun number(value: Float, decimals: Int): StringBuilder {
        if (value.isNaN()) return line.append('-')
        val unit = if (decimals == 2) 100 else if (decimals == 1) 10 else 1
        val scaled = Math.round(abs(value) * unit)
        if (value < 0 && scaled > 0) line.append('-')
        line.append(scaled / unit)
        if (decimals > 0) line.append('.')
        if (decimals == 2 && scaled % unit < 10) line.append('0')
        if (decimals > 0) line.append(scaled % unit)
        return line
    }
}
