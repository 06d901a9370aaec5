package org.face520.overlay

import kotlin.math.min

/** Where image px lie on the view: the whole image, centred, as large as fits; mirrored for a selfie. */
class ViewMapping {
    var scale = 1f
        private set
    var left = 0f
        private set
    var top = 0f
        private set
    var width = 0f
        private set
    var height = 0f
        private set
    var mirrored = false
        private set

    /** Sizes in px; an image or a view without pixels maps one to one. */
    fun set(imageWidth: Int, imageHeight: Int, viewWidth: Int, viewHeight: Int, mirrored: Boolean) {
        val hasPixels = imageWidth > 0 && imageHeight > 0 && viewWidth > 0 && viewHeight > 0
        scale = if (hasPixels) min(viewWidth.toFloat() / imageWidth, viewHeight.toFloat() / imageHeight) else 1f
        width = imageWidth * scale
        height = imageHeight * scale
        left = (viewWidth - width) / 2
        top = (viewHeight - height) / 2
        this.mirrored = mirrored
    }

    // Pixel centres are at integers in the image, at halves on a view.
    fun x(imageX: Float): Float {
        val along = (imageX + 0.5f) * scale
        return left + if (mirrored) width - along else along
    }

    fun y(imageY: Float): Float = top + (imageY + 0.5f) * scale
}
