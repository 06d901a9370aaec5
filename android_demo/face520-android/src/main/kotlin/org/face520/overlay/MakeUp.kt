package org.face520.overlay

import org.face520.landmarks.Face
import org.face520.landmarks.Layout

private const val LIPSTICK = 0x96B0123A.toInt()
private const val SHADOW = 0x5A5B3C9E
private const val LINER = 0xC8140A14.toInt()
private const val BLUSH = 0x12E0405A
private const val BLUSH_DISCS = 5
private const val BLUSH_RADIUS = 0.1f // of the face
private const val LINER_WIDTH = 0.012f
private const val TOWARD_BROW = 0.62f
private const val PIECES = 4 // of a curve between two landmarks

// Along the upper lid from corner to corner, and the brow landmarks above them.
private val RIGHT_LID = intArrayOf(36, 37, 38, 39)
private val RIGHT_BROW = intArrayOf(17, 18, 20, 21)
private val LEFT_LID = intArrayOf(42, 43, 44, 45)
private val LEFT_BROW = intArrayOf(22, 23, 25, 26)

/** Lipstick, eye shadow, liner and blush that follow lips, lids and cheeks. No allocation per face. */
internal class MakeUp(layout: Layout) {
    private val outerLips = layout.regions.getValue("outer_lips")
    private val innerLips = layout.regions.getValue("inner_lips")
    private val rightCheek = layout.regions.getValue("right_cheek")
    private val leftCheek = layout.regions.getValue("left_cheek")
    private val points = FloatArray((outerLips.size + innerLips.size) * PIECES * 2)
    private val lips = intArrayOf(outerLips.size * PIECES, innerLips.size * PIECES)
    private val corners = FloatArray(RIGHT_LID.size * 4)
    private val shadow = intArrayOf(RIGHT_LID.size * 2 * PIECES)
    private val center = FloatArray(2)

    fun paint(face: Face, mapping: ViewMapping, painter: Painter) {
        blush(face, rightCheek, mapping, painter)
        blush(face, leftCheek, mapping, painter)
        eye(face, RIGHT_LID, RIGHT_BROW, mapping, painter)
        eye(face, LEFT_LID, LEFT_BROW, mapping, painter)
        if (!isSeen(face, outerLips)) return
        val outer = curve(face, outerLips, 0, mapping)
        curve(face, innerLips, outer, mapping)
        painter.area(points, lips, LIPSTICK)
    }

    private fun eye(face: Face, lid: IntArray, brow: IntArray, mapping: ViewMapping, painter: Painter) {
        if (!isSeen(face, lid)) return
        val count = lid.size
        for (i in 0 until count) {
            val x = mapping.x(face.points[lid[i] * 3])
            val y = mapping.y(face.points[lid[i] * 3 + 1])
            corners[i * 2] = x
            corners[i * 2 + 1] = y
            // Back along the brow's side; at the corners the shadow ends.
            val share = if (i == 0 || i == count - 1) TOWARD_BROW / 3 else TOWARD_BROW
            val back = 2 * count - 1 - i
            corners[back * 2] = x + share * (mapping.x(face.points[brow[i] * 3]) - x)
            corners[back * 2 + 1] = y + share * (mapping.y(face.points[brow[i] * 3 + 1]) - y)
        }
        smooth(corners, 2 * count, 0)
        painter.area(points, shadow, SHADOW)
        // The curve's first part runs along the lid; its pieces as lines from point to point.
        val pieces = (count - 1) * PIECES
        for (i in pieces - 1 downTo 0) {
            for (value in 3 downTo 0) points[i * 4 + value] = points[i * 2 + value]
        }
        painter.lines(points, pieces, LINER_WIDTH * face.boxSidePx * mapping.scale, LINER)
    }

    private fun blush(face: Face, cheek: IntArray, mapping: ViewMapping, painter: Painter) {
        if (!isSeen(face, cheek)) return
        var x = 0f
        var y = 0f
        for (landmark in cheek) {
            x += mapping.x(face.points[landmark * 3])
            y += mapping.y(face.points[landmark * 3 + 1])
        }
        center[0] = x / cheek.size
        center[1] = y / cheek.size
        val radius = BLUSH_RADIUS * face.boxSidePx * mapping.scale
        for (disc in 1..BLUSH_DISCS) painter.discs(center, 1, radius * disc / BLUSH_DISCS, BLUSH)
    }

    /** Collects a closed curve through landmarks from a place in [points] on; where it ends. */
    private fun curve(face: Face, landmarks: IntArray, from: Int, mapping: ViewMapping): Int {
        for (i in landmarks.indices) {
            ring[i * 2] = mapping.x(face.points[landmarks[i] * 3])
            ring[i * 2 + 1] = mapping.y(face.points[landmarks[i] * 3 + 1])
        }
        return smooth(ring, landmarks.size, from)
    }

    private val ring = FloatArray(outerLips.size * 2)

    /** A closed Catmull-Rom curve through [count] points, which it meets. */
    private fun smooth(through: FloatArray, count: Int, from: Int): Int {
        var to = from
        for (i in 0 until count) {
            val before = (i + count - 1) % count * 2
            val here = i * 2
            val next = (i + 1) % count * 2
            val after = (i + 2) % count * 2
            for (piece in 0 until PIECES) {
                val t = piece / PIECES.toFloat()
                for (axis in 0 until 2) {
                    val p0 = through[before + axis]
                    val p1 = through[here + axis]
                    val p2 = through[next + axis]
                    val p3 = through[after + axis]
                    val quadratic = 2 * p0 - 5 * p1 + 4 * p2 - p3
                    val cubic = 3 * (p1 - p2) + p3 - p0
                    points[to++] = p1 + 0.5f * t * (p2 - p0 + t * (quadratic + t * cubic))
                }
            }
        }
        return to
    }

    private fun isSeen(face: Face, landmarks: IntArray): Boolean {
        var sum = 0f
        for (landmark in landmarks) sum += face.visibility[landmark]
        return sum > 0.5f * landmarks.size
    }
}
