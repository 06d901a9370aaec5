package org.face520.demo.live

import android.content.Context
import android.graphics.Bitmap
import android.graphics.Canvas
import android.graphics.Paint
import android.graphics.RectF
import android.util.AttributeSet
import android.view.View
import org.face520.landmarks.Layout
import org.face520.landmarks.Stage
import org.face520.overlay.BlendshapeBars
import org.face520.overlay.OverlayScene
import org.face520.overlay.OverlayStyle
import org.face520.overlay.StatusText
import org.face520.overlay.ViewMapping

private const val TEXT_SP = 15f

/**
 * The latest frame with its overlay.
 *
 * The frame that was worked on is itself the preview, so that points lie on the picture they belong
 * to; a separate camera preview would run ahead of them.
 */
class OverlayView @JvmOverloads constructor(context: Context, attributes: AttributeSet? = null) :
    View(context, attributes) {
    var style = OverlayStyle.POINTS
        set(value) {
            field = value
            invalidate()
        }

    /** Whether the face's strongest blendshapes are written beside it. */
    var showsBlendshapes = false
        set(value) {
            field = value
            invalidate()
        }
    private var exchange: FrameExchange<Frame>? = null
    private var scene: OverlayScene? = null
    private var bitmap: Bitmap? = null
    private val painter = CanvasPainter()
    private val mapping = ViewMapping()
    private val status = StatusText()
    private val bars = BlendshapeBars()
    private val target = RectF()
    private val smooth = Paint(Paint.FILTER_BITMAP_FLAG)
    private val textPx = TEXT_SP * resources.displayMetrics.density * resources.configuration.fontScale

    /** Shows frames from an exchange; invalidate the view when there is a new one. */
    fun show(exchange: FrameExchange<Frame>, layout: Layout) {
        this.exchange = exchange
        scene = OverlayScene(layout)
    }

    override fun onDraw(canvas: Canvas) {
        val frame = exchange?.latest() ?: return
        val scene = scene ?: return
        frame.times.start()
        mapping.set(frame.image.width, frame.image.height, width, height, frame.isMirrored)
        drawImage(canvas, frame)
        painter.canvas = canvas
        if (frame.hasFace) scene.paint(frame.face, style, mapping, painter)
        frame.times.stop(Stage.DRAW)
        val face = if (frame.hasFace) frame.face else null
        val end = status.paint(face, frame.times, frame.framesPerSecond, frame.runtime, textPx, painter)
        if (showsBlendshapes && face != null) bars.paint(face, end, textPx, painter)
    }

    private fun drawImage(canvas: Canvas, frame: Frame) {
        val image = frame.image
        var bitmap = bitmap
        if (bitmap == null || bitmap.width != image.width || bitmap.height != image.height) {
            bitmap = Bitmap.createBitmap(image.width, image.height, Bitmap.Config.ARGB_8888)
            this.bitmap = bitmap
        }
        bitmap!!.setPixels(image.argb, 0, image.width, 0, 0, image.width, image.height)
        target.set(mapping.left, mapping.top, mapping.left + mapping.width, mapping.top + mapping.height)
        canvas.save()
        if (mapping.mirrored) canvas.scale(-1f, 1f, target.centerX(), target.centerY())
        canvas.drawBitmap(bitmap, null, target, smooth)
        canvas.restore()
    }
}
