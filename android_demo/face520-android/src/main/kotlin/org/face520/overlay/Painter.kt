package org.face520.overlay

/**
 * What can draw an overlay: Android's Canvas in the app, Java2D in the tests.
 *
 * Coordinates and sizes in px of the view, x right, y down; colours as 0xAARRGGBB. Arrays belong to
 * the caller and are overwritten after the call.
 */
public interface Painter {
    /** Filled discs around [count] centres x, y. */
    public fun discs(centers: FloatArray, count: Int, radius: Float, color: Int)

    /** Rings around [count] centres x, y; [radius] that of the middle of a line [width] wide. */
    public fun rings(centers: FloatArray, count: Int, radius: Float, width: Float, color: Int)

    /** [count] lines, each from x, y to x, y, with round ends. */
    public fun lines(ends: FloatArray, count: Int, width: Float, color: Int)

    /** [count] triangles, corners x, y one after the other, each corner of its own colour, blended in between. */
    public fun triangles(corners: FloatArray, colors: IntArray, count: Int)

    /** The inside of closed lines through points x, y, without that of lines in it; [loops]: points of each line. */
    public fun area(points: FloatArray, loops: IntArray, color: Int)

    /** Width of a line of text, px. */
    public fun textWidth(text: CharSequence, sizePx: Float): Float

    /** A line of text; y is its baseline. */
    public fun text(text: CharSequence, x: Float, y: Float, sizePx: Float, color: Int)
}
