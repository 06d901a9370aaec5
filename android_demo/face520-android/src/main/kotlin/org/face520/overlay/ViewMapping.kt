package org.face520.overlay

import kotlin.math.max
import kotlin.math.min

/** Where image px lie on the view: centred, the whole image or the whole view filled; mirrored for a selfie. */
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

    /** Sizes in px; an image or a view without pixels maps one to one. [fills]: what sticks out is cut off. */
    fun set(
        imageWidth: Int,
        imageHeight: Int,
        viewWidth: Int,
        viewHeight: Int,
        mirrored: Boolean,
        fills: Boolean = false,
    ) {
        val hasPixels = imageWidth > 0 && imageHeight > 0 && viewWidth > 0 && viewHeight > 0
        val across = viewWidth.toFloat() / imageWidth
        val down = viewHeight.toFloat() / imageHeight
        scale = if (!hasPixels) 1f else if (fills) max(across, down) else min(across, down)
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
