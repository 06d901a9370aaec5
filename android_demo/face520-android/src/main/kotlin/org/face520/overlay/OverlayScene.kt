package org.face520.overlay

import kotlin.math.max
import org.face520.landmarks.Face
import org.face520.landmarks.IBUG68_COUNT
import org.face520.landmarks.Layout

private const val IBUG68_COLOR = 0xFFC828
private const val SKIN_COLOR = 0x46E1FF
private const val RIM_COLOR = 0x0A141E // dark rims keep light points visible on light skin
private const val HIDDEN_OPACITY = 0.5f
private const val HOLE = 0.55f // of a hidden landmark's disc
private const val MESH_OPACITY = 0.55f

/**
 * The landmarks of a face as discs and lines; colours and sizes of `edge_runtime/drawing.py`.
 *
 * Knows no toolkit, so the app and the tests draw the same. Buffers are reused: no allocation per face.
 */
public class OverlayScene(private val layout: Layout) {
    private val discs = FloatArray(layout.size * 2)
    private val lines = FloatArray(max(layout.meshEdges.size, layout.contourEdges.size) * 2)
    private val mask = MeshMask(layout)
    private val makeUp = MakeUp(layout)

    /**
     * Draws a face; sizes follow it. Landmarks that the camera does not see are faint rings, lines between
     * them faint.
     */
    public fun paint(face: Face, style: OverlayStyle, mapping: ViewMapping, painter: Painter) {
        val facePx = face.boxSidePx * mapping.scale
        when (style) {
            OverlayStyle.POINTS -> paintPoints(face, mapping, facePx, painter)
            OverlayStyle.CONTOURS -> {
                val width = max(0.007f * facePx, 1f)
                paintEdges(face, layout.contourEdges, mapping, width + max(2f, width), RIM_COLOR, 0.5f, painter)
                paintEdges(face, layout.contourEdges, mapping, width, IBUG68_COLOR, 1f, painter)
            }
            OverlayStyle.MESH ->
                paintEdges(face, layout.meshEdges, mapping, max(0.003f * facePx, 1f), SKIN_COLOR, MESH_OPACITY, painter)
            OverlayStyle.MASK -> mask.paint(face, mapping, painter)
            OverlayStyle.MAKE_UP -> makeUp.paint(face, mapping, painter)
            OverlayStyle.NONE -> Unit
        }
    }

    private fun paintPoints(face: Face, mapping: ViewMapping, facePx: Float, painter: Painter) {
        // Points lie about 1/25 of the face apart: these radii leave skin between them.
        val radius = max(0.006f * facePx, 0.8f)
        val rim = radius + max(0.003f * facePx, 0.4f)
        for (pass in 0 until 2) {
            val ibug = pass == 1
            val rgb = if (ibug) IBUG68_COLOR else SKIN_COLOR
            var count = collectPoints(face, false, ibug, mapping)
            val middle = radius * (1 + HOLE) / 2
            painter.rings(discs, count, middle, radius * (1 - HOLE), color(rgb, HIDDEN_OPACITY))
            count = collectPoints(face, true, ibug, mapping)
            painter.discs(discs, count, rim, color(RIM_COLOR, 0.7f))
            painter.discs(discs, count, radius, color(rgb, 1f))
        }
    }

    private fun collectPoints(face: Face, seen: Boolean, ibug: Boolean, mapping: ViewMapping): Int {
        var count = 0
        val first = if (ibug) 0 else IBUG68_COUNT
        val end = if (ibug) IBUG68_COUNT else face.size
        for (i in first until end) {
            if (face.isSeen(i) != seen) continue
            discs[count * 2] = mapping.x(face.points[i * 3])
            discs[count * 2 + 1] = mapping.y(face.points[i * 3 + 1])
            count++
        }
        return count
    }

    private fun paintEdges(
        face: Face,
        edges: IntArray,
        mapping: ViewMapping,
        width: Float,
        rgb: Int,
        opacity: Float,
        painter: Painter,
    ) {
        var count = collectEdges(face, edges, false, mapping)
        painter.lines(lines, count, width, color(rgb, opacity * HIDDEN_OPACITY))
        count = collectEdges(face, edges, true, mapping)
        painter.lines(lines, count, width, color(rgb, opacity))
    }

    /** Ends of the edges of which both landmarks are seen, or of the others. */
    private fun collectEdges(face: Face, edges: IntArray, seen: Boolean, mapping: ViewMapping): Int {
        var count = 0
        for (i in edges.indices step 2) {
            val one = edges[i]
            val other = edges[i + 1]
            if ((face.isSeen(one) && face.isSeen(other)) != seen) continue
            lines[count * 4] = mapping.x(face.points[one * 3])
            lines[count * 4 + 1] = mapping.y(face.points[one * 3 + 1])
            lines[count * 4 + 2] = mapping.x(face.points[other * 3])
            lines[count * 4 + 3] = mapping.y(face.points[other * 3 + 1])
            count++
        }
        return count
    }

    private fun color(rgb: Int, opacity: Float): Int = ((opacity * 255 + 0.5f).toInt() shl 24) or rgb
}
