package org.face520.landmarks

/**
 * A picture whose memory is used again: [argb] holds at least width * height pixels, rows from the
 * top, opaque; x right, y down, pixel centres at integers.
 */
class PixelImage(width: Int = 0, height: Int = 0) {
    var width = width
        private set
    var height = height
        private set
    var argb = IntArray(width * height)
        private set

    /** Takes another size; the pixels are then undefined. Allocates only to grow. */
    fun resize(width: Int, height: Int) {
        require(width >= 0 && height >= 0) { "An image cannot be $width x $height px." }
        if (argb.size < width * height) argb = IntArray(width * height)
        this.width = width
        this.height = height
    }
}
