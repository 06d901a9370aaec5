package org.face520.overlay

import java.awt.BasicStroke
import java.awt.Color
import java.awt.Font
import java.awt.Graphics2D
import java.awt.RenderingHints
import java.awt.geom.Ellipse2D
import java.awt.geom.Line2D

/** Draws an overlay with Java2D, as the app's CanvasPainter does on a phone. */
class AwtPainter(private val graphics: Graphics2D) : Painter {
    init {
        graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON)
        graphics.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE)
    }

    override fun discs(centers: FloatArray, count: Int, radius: Float, color: Int) {
        graphics.color = Color(color, true)
        for (i in 0 until count) {
            val x = centers[i * 2] - radius
            val y = centers[i * 2 + 1] - radius
            graphics.fill(Ellipse2D.Float(x, y, radius * 2, radius * 2))
        }
    }

    override fun rings(centers: FloatArray, count: Int, radius: Float, width: Float, color: Int) {
        graphics.color = Color(color, true)
        graphics.stroke = BasicStroke(width)
        for (i in 0 until count) {
            val x = centers[i * 2] - radius
            val y = centers[i * 2 + 1] - radius
            graphics.draw(Ellipse2D.Float(x, y, radius * 2, radius * 2))
        }
    }

    override fun lines(ends: FloatArray, count: Int, width: Float, color: Int) {
        graphics.color = Color(color, true)
        graphics.stroke = BasicStroke(width, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND)
        for (i in 0 until count) {
            graphics.draw(Line2D.Float(ends[i * 4], ends[i * 4 + 1], ends[i * 4 + 2], ends[i * 4 + 3]))
        }
    }

    override fun text(text: CharSequence, x: Float, y: Float, sizePx: Float, color: Int) {
        graphics.color = Color(color, true)
        graphics.font = Font(Font.SANS_SERIF, Font.PLAIN, 1).deriveFont(sizePx)
        graphics.drawString(text.toString(), x, y)
    }
}
