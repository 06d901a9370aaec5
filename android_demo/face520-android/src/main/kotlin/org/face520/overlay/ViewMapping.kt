package org.face520.overlay

import kotlin.math.max
import kotlin.math.min

/** Where image px lie on the view: centred, the whole image or the whole view filled; mirrored for a selfie. */
public class ViewMapping {
    /** View px per image px. */
    public var scale: Float = 1f
        private set

    /** The image's left edge, px of the view. */
    public var left: Float = 0f
        private set

    /** The image's upper edge, px of the view. */
    public var top: Float = 0f
        private set

    /** The image's width on the view, px. */
    public var width: Float = 0f
        private set

    /** The image's height on the view, px. */
    public var height: Float = 0f
        private set

    /** Whether left and right change places. */
    public var mirrored: Boolean = false
        private set

    /** Sizes in px; an image or a view without pixels maps one to one. [fills]: what sticks out is cut off. */
    public fun set(
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

    /** Where an image's x lies, px of the view. */
    public fun x(imageX: Float): Float {
        val along = (imageX + 0.5f) * scale
        return left + if (mirrored) width - along else along
    }

    /** Where an image's y lies, px of the view. */
    public fun y(imageY: Float): Float = top + (imageY + 0.5f) * scale
}
