package org.face520.overlay

import kotlin.math.max
import kotlin.math.min
import org.face520.landmarks.BLENDSHAPE_NAMES
import org.face520.landmarks.Face
import org.face520.landmarks.StrongestBlendshapes

private const val MOST = 6
private const val TRACK_COLOR = 0x80000000.toInt()
private const val BAR_COLOR = 0xFFFFC828.toInt()
private const val BAR_LENGTH = 7f // in sizes of the text

private const val WHOLE_LENGTH = 20f // of a bar and the longest name

/**
 * A face's strongest blendshapes: their names, each with a bar as long as its coefficient. No allocation
 * per frame. [unknown]: what to say where the model knows none.
 */
public class BlendshapeBars(private val unknown: String) {
    private val strongest = StrongestBlendshapes(MOST)
    private val line = TextLine()
    private val ends = FloatArray(4)

    /**
     * Draws them from [left] to [right], below [top], px; the text is smaller than [textPx] where the place is
     * narrow. Returns their lower end, px.
     */
    public fun paint(face: Face, left: Float, top: Float, right: Float, textPx: Float, painter: Painter): Float {
        val sizePx = min(textPx, (right - left) / WHOLE_LENGTH)
        strongest.find(face.expression)
        if (strongest.count == 0) {
            line.begin(unknown)
            line.draw(left, top + line.baseline(1, sizePx), sizePx, painter)
        }
        for (rank in 0 until strongest.count) {
            val place = strongest.place(rank)
            val y = top + line.baseline(rank + 1, sizePx)
            bar(left, y, 1f, sizePx, TRACK_COLOR, painter)
            bar(left, y, face.expression[place].coerceIn(0f, 1f), sizePx, BAR_COLOR, painter)
            line.begin(BLENDSHAPE_NAMES[place]).text(" ").number(face.expression[place], 2)
            line.draw(left + (BAR_LENGTH + 1) * sizePx, y, sizePx, painter)
        }
        return top + line.baseline(max(strongest.count, 1), sizePx)
    }

    private fun bar(left: Float, baseline: Float, share: Float, sizePx: Float, color: Int, painter: Painter) {
        ends[0] = left
        ends[1] = baseline - sizePx * 0.35f // the middle of small letters
        ends[2] = left + share * BAR_LENGTH * sizePx
        ends[3] = ends[1]
        painter.lines(ends, 1, sizePx * 0.4f, color)
    }
}
