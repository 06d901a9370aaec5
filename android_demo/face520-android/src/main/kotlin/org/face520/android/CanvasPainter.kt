package org.face520.android

import android.graphics.Canvas
import android.graphics.Paint
import android.graphics.Path
import org.face520.overlay.Painter

/** Draws an overlay on an Android canvas; for one thread, and without allocation. */
public class CanvasPainter : Painter {
    /** Where to draw; set before use. */
    public var canvas: Canvas = Canvas()
    private val stroke = Paint(Paint.ANTI_ALIAS_FLAG).apply { strokeCap = Paint.Cap.ROUND }
    private val ring = Paint(Paint.ANTI_ALIAS_FLAG).apply { style = Paint.Style.STROKE }
    private val filling = Paint(Paint.ANTI_ALIAS_FLAG)
    private val letters = Paint(Paint.ANTI_ALIAS_FLAG)
    private val path = Path()

    override fun discs(centers: FloatArray, count: Int, radius: Float, color: Int) {
        // A point with round cap is a disc of the stroke's width.
        stroke.color = color
        stroke.strokeWidth = radius * 2
        canvas.drawPoints(centers, 0, count * 2, stroke)
    }

    override fun rings(centers: FloatArray, count: Int, radius: Float, width: Float, color: Int) {
        ring.color = color
        ring.strokeWidth = width
        for (i in 0 until count) canvas.drawCircle(centers[i * 2], centers[i * 2 + 1], radius, ring)
    }

    override fun lines(ends: FloatArray, count: Int, width: Float, color: Int) {
        stroke.color = color
        stroke.strokeWidth = width
        canvas.drawLines(ends, 0, count * 4, stroke)
    }

    override fun triangles(corners: FloatArray, colors: IntArray, count: Int) {
        filling.color = -1
        canvas.drawVertices(
            Canvas.VertexMode.TRIANGLES, count * 6, corners, 0, null, 0, colors, 0, null, 0, 0, filling,
        )
    }

    override fun area(points: FloatArray, loops: IntArray, color: Int) {
        path.rewind()
        path.fillType = Path.FillType.EVEN_ODD
        var first = 0
        for (count in loops) {
            path.moveTo(points[first * 2], points[first * 2 + 1])
            for (i in first + 1 until first + count) path.lineTo(points[i * 2], points[i * 2 + 1])
            path.close()
            first += count
        }
        filling.color = color
        canvas.drawPath(path, filling)
    }

    override fun textWidth(text: CharSequence, sizePx: Float): Float {
        letters.textSize = sizePx
        return letters.measureText(text, 0, text.length)
    }

    override fun text(text: CharSequence, x: Float, y: Float, sizePx: Float, color: Int) {
        letters.color = color
        letters.textSize = sizePx
        canvas.drawText(text, 0, text.length, x, y, letters)
    }
}
