package org.face520.demo.live

import android.content.Context
import android.graphics.Bitmap
import android.graphics.Canvas
import android.graphics.Paint
import android.graphics.RectF
import android.os.Build
import android.util.AttributeSet
import android.view.View
import org.face520.android.CanvasPainter
import org.face520.landmarks.Layout
import org.face520.landmarks.Stage
import org.face520.overlay.OverlayScene
import org.face520.overlay.OverlayStyle
import org.face520.overlay.ViewMapping

/**
 * The latest frame with its overlay, over the whole view.
 *
 * The frame that was worked on is itself the preview, so that points lie on the picture they belong
 * to; a separate camera preview would run ahead of them.
 */
class OverlayView @JvmOverloads constructor(context: Context, attributes: AttributeSet? = null) :
    View(context, attributes) {
    var style = OverlayStyle.POINTS
        set(value) {
            field = value
            // Before Android 10 a graphics processor drew no triangles with colours of their own.
            val isSoft = value == OverlayStyle.MASK && Build.VERSION.SDK_INT < Build.VERSION_CODES.Q
            setLayerType(if (isSoft) LAYER_TYPE_SOFTWARE else LAYER_TYPE_NONE, null)
            invalidate()
        }

    /** Whether the first face's strongest blendshapes are written beside it. */
    var showsBlendshapes: Boolean
        get() = figures.showsBlendshapes
        set(value) {
            figures.showsBlendshapes = value
            invalidate()
        }

    /** Whether all figures are shown, or speed and pose alone. */
    var showsDetails: Boolean
        get() = figures.showsDetails
        set(value) {
            figures.showsDetails = value
            invalidate()
        }
    private var exchange: FrameExchange<Frame>? = null
    private var scene: OverlayScene? = null
    private var bitmap: Bitmap? = null
    private val painter = CanvasPainter()
    private val mapping = ViewMapping()

    /** The text over the picture. */
    internal val figures = FiguresPanel(resources, painter)
    private val target = RectF()
    private val smooth = Paint(Paint.FILTER_BITMAP_FLAG)

    /** Shows frames from an exchange; invalidate the view when there is a new one. */
    fun show(exchange: FrameExchange<Frame>, layout: Layout) {
        this.exchange = exchange
        scene = OverlayScene(layout)
    }

    /** Where text may stand, px of the view: clear of the system's bars and of the controls. */
    fun setClear(left: Int, top: Int, right: Int, bottom: Int) {
        figures.setClear(left, top, right, bottom)
        invalidate()
    }

    override fun onDraw(canvas: Canvas) {
        val frame = exchange?.latest() ?: return
        val scene = scene ?: return
        frame.times.start()
        mapping.set(frame.image.width, frame.image.height, width, height, frame.isMirrored, fills = true)
        drawImage(canvas, frame)
        painter.canvas = canvas
        for (i in 0 until frame.faces.count) scene.paint(frame.faces[i], style, mapping, painter)
        frame.times.replace(Stage.DRAW)
        figures.paint(canvas, frame, mapping)
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
