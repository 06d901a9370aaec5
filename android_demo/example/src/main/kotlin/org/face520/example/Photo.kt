package org.face520.example

import android.content.Context
import android.graphics.Bitmap
import android.graphics.Canvas
import org.face520.android.CanvasPainter
import org.face520.android.FaceLandmarker
import org.face520.android.FaceLandmarkerOptions
import org.face520.overlay.OverlayScene
import org.face520.overlay.OverlayStyle
import org.face520.overlay.ViewMapping

/** A copy of the photo with a point on each landmark of its faces; takes a second, so not on the main thread. */
fun withLandmarks(context: Context, photo: Bitmap): Bitmap {
    val picture = photo.copy(Bitmap.Config.ARGB_8888, true)
    FaceLandmarker.create(context, FaceLandmarkerOptions(maxFaces = 10)).use { landmarker ->
        val scene = OverlayScene(landmarker.layout)
        val oneToOne = ViewMapping() // of a view in which the picture fills less or more, set() its sizes
        val painter = CanvasPainter().apply { canvas = Canvas(picture) }
        for (face in landmarker.detect(photo)) scene.paint(face, OverlayStyle.POINTS, oneToOne, painter)
    }
    return picture
}
