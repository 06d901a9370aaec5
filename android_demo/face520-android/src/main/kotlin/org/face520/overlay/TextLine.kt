package org.face520.overlay

import kotlin.math.abs

private const val TEXT_COLOR = 0xFFFFFFFF.toInt()
private const val SHADOW_COLOR = 0xC0000000.toInt()

/** A line of text in the making, used again for every frame; String.format would allocate. */
internal class TextLine {
    private val letters = StringBuilder(128)

    fun begin(text: String): TextLine {
        letters.setLength(0)
        return text(text)
    }

    fun text(text: String): TextLine {
        letters.append(text)
        return this
    }

    /** Appends a number with up to two decimals. */
    fun number(value: Float, decimals: Int): TextLine {
        if (value.isNaN()) return text("-")
        val unit = if (decimals == 2) 100 else if (decimals == 1) 10 else 1
        val scaled = Math.round(abs(value) * unit)
        if (value < 0 && scaled > 0) letters.append('-')
        letters.append(scaled / unit)
        if (decimals > 0) letters.append('.')
        if (decimals == 2 && scaled % unit < 10) letters.append('0')
        if (decimals > 0) letters.append(scaled % unit)
        return this
    }

    /** Width when drawn, px. */
    fun width(sizePx: Float, painter: Painter): Float = painter.textWidth(letters, sizePx)

    /** Draws the line with a shadow; y is its baseline. */
    fun draw(x: Float, y: Float, sizePx: Float, painter: Painter) {
        val offset = sizePx * 0.06f
        painter.text(letters, x + offset, y + offset, sizePx, SHADOW_COLOR)
        painter.text(letters, x, y, sizePx, TEXT_COLOR)
    }

    /** Baseline of the line with a number, from 1, below the view's top. */
    fun baseline(number: Int, sizePx: Float): Float = sizePx * 1.35f * number
}
