package org.face520.demo.live

import android.content.res.Resources
import android.graphics.Canvas
import android.graphics.Paint
import org.face520.demo.R
import org.face520.landmarks.Face
import org.face520.overlay.BlendshapeBars
import org.face520.overlay.Painter
import org.face520.overlay.StatusText
import org.face520.overlay.ViewMapping

private const val TEXT_SP = 14f
private const val LEAST_TEXT_DP = 8f
private const val SMALLER = 0.9f
private const val PANEL_COLOR = 0x99000000.toInt()

/**
 * Figures over the picture: speed and pose along its top, all that is known in a panel at its lower end,
 * where faces seldom are. The text is as large as the user has it, and smaller where it would not fit.
 * No allocation per frame.
 */
internal class FiguresPanel(resources: Resources, private val painter: Painter) {
    /** Whether all figures are shown, or speed and pose alone. */
    var showsDetails = false

    /** Whether the first face's strongest blendshapes are written below. */
    var showsBlendshapes = false

    private val density = resources.displayMetrics.density
    private val textPx = TEXT_SP * density * resources.configuration.fontScale
    private val status = StatusText(statusWords(resources))
    private val bars = BlendshapeBars(resources.getString(R.string.no_blendshapes))
    private val panel = Paint().apply { color = PANEL_COLOR }
    private val measuring = Measuring(painter)
    private var top = 0f
    private var bottom = 0f
    private var paintsDetails = false
    private var paintsBars = false

    /** Where all text began and ended when it was last drawn, px. */
    var textTop = 0f
        private set
    var textEnd = 0f
        private set

    /** Where text may stand, px of the view: clear of the system's bars and of the controls. */
    fun setClear(left: Int, top: Int, right: Int, bottom: Int) {
        status.left = left + textPx
        status.right = right - textPx
        this.top = top.toFloat()
        this.bottom = bottom.toFloat()
    }

    fun paint(canvas: Canvas, frame: Frame, mapping: ViewMapping) {
        status.sizePx = textPx
        status.paintNumbers(frame.faces, mapping, painter)
        status.top = top
        paintsDetails = showsDetails
        paintsBars = showsBlendshapes
        if (showsDetails || showsBlendshapes) placeBelow(canvas, frame) else drawPanel(canvas, paint(frame, measuring))
        textTop = status.top
        textEnd = paint(frame, painter) + status.sizePx / 2
    }

    /** Makes the text small enough, leaves out what has no room beside open settings, and draws the panel. */
    private fun placeBelow(canvas: Canvas, frame: Frame) {
        var end = fit(frame)
        if (isTooLow(end) && paintsBars) {
            paintsBars = false
            end = fit(frame)
        }
        if (isTooLow(end) && paintsDetails) {
            paintsDetails = false
            end = fit(frame)
        }
        status.top = maxOf(top, bottom - status.sizePx - (end - top))
        drawPanel(canvas, end)
    }

    /** Darkens the picture behind the text, down to the view's edge or up to it. */
    private fun drawPanel(canvas: Canvas, end: Float) {
        val isBelow = status.top > top
        val from = if (isBelow) status.top else 0f
        val to = if (isBelow) canvas.height.toFloat() else end + status.sizePx / 2
        canvas.drawRect(0f, from, canvas.width.toFloat(), to, panel)
    }

    /** Finds the largest text that has room; returns where it would end. */
    private fun fit(frame: Frame): Float {
        status.sizePx = textPx
        var end = paint(frame, measuring)
        while (isTooLow(end) && status.sizePx > LEAST_TEXT_DP * density) {
            status.sizePx *= SMALLER
            end = paint(frame, measuring)
        }
        return end
    }

    private fun isTooLow(end: Float): Boolean = end + status.sizePx > bottom

    /** Paints all text from [StatusText.top] down; returns where it ends. */
    private fun paint(frame: Frame, painter: Painter): Float {
        val end = status.paint(frame.faces, frame.times, frame.framesPerSecond, frame.runtime, paintsDetails, painter)
        val face: Face = frame.faces.first ?: return end
        return if (paintsBars) bars.paint(face, status.left, end, status.right, status.sizePx, painter) else end
    }

    /** Knows how wide text is, and draws none. */
    private class Measuring(painter: Painter) : Painter by painter {
        override fun lines(ends: FloatArray, count: Int, width: Float, color: Int) = Unit

        override fun text(text: CharSequence, x: Float, y: Float, sizePx: Float, color: Int) = Unit
    }
}
