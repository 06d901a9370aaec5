package org.face520.landmarks

/** A picture whose memory is used again; x right, y down, pixel centres at integers. Sizes in px. */
public class PixelImage(width: Int = 0, height: Int = 0) {
    /** Pixels of a row. */
    public var width: Int = width
        private set

    /** Rows. */
    public var height: Int = height
        private set

    /** Pixels as 0xAARRGGBB, opaque, rows from the top, at least [width] * [height]; another array after it grew. */
    public var argb: IntArray = IntArray(width * height)
        private set

    /** Takes another size; the pixels are then undefined. Allocates only to grow. */
    public fun resize(width: Int, height: Int) {
        require(width >= 0 && height >= 0) { "An image cannot be $width x $height px." }
        if (argb.size < width * height) argb = IntArray(width * height)
        this.width = width
        this.height = height
    }
}
