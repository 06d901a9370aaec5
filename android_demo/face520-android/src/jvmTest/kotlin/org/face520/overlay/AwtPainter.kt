package org.face520.overlay

import java.awt.BasicStroke
import java.awt.Color
import java.awt.Font
import java.awt.Graphics2D
import java.awt.RenderingHints
import java.awt.geom.Ellipse2D
import java.awt.geom.Line2D
import java.awt.geom.Path2D

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

    override fun triangles(corners: FloatArray, colors: IntArray, count: Int) {
        // Java2D blends no corners: each triangle in the colour of its first one.
        for (i in 0 until count) {
            graphics.color = Color(colors[i * 3], true)
            graphics.fill(Path2D.Float().apply { add(corners, i * 3, 3) })
        }
    }

    override fun area(points: FloatArray, loops: IntArray, color: Int) {
        val path = Path2D.Float(Path2D.WIND_EVEN_ODD)
        var first = 0
        for (count in loops) {
            path.add(points, first, count)
            first += count
        }
        graphics.color = Color(color, true)
        graphics.fill(path)
    }

    private fun Path2D.Float.add(points: FloatArray, first: Int, count: Int) {
        moveTo(points[first * 2], points[first * 2 + 1])
        for (i in first + 1 until first + count) lineTo(points[i * 2], points[i * 2 + 1])
        closePath()
    }

    override fun textWidth(text: CharSequence, sizePx: Float): Float {
        val font = Font(Font.SANS_SERIF, Font.PLAIN, 1).deriveFont(sizePx)
        return graphics.getFontMetrics(font).stringWidth(text.toString()).toFloat()
    }

    override fun text(text: CharSequence, x: Float, y: Float, sizePx: Float, color: Int) {
        graphics.color = Color(color, true)
        graphics.font = Font(Font.SANS_SERIF, Font.PLAIN, 1).deriveFont(sizePx)
        graphics.drawString(text.toString(), x, y)
    }
}
