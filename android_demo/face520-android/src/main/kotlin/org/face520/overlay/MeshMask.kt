package org.face520.overlay

import kotlin.math.max
import kotlin.math.sqrt
import org.face520.landmarks.Face
import org.face520.landmarks.Layout

private const val GOLD = 0xE8B84A
private const val OPACITY = 0.93f
private const val LEAST_LIGHT = 0.22f
private const val GLOSS = 0.55f
private const val GLOSS_DOUBLINGS = 5 // the cosine to the power of 32

// Where the light comes from, and halfway from there to the viewer: x right, y down, z away.
private val LIGHT = unit(-0.45f, -0.6f, -0.66f)
private val HALFWAY = unit(-0.45f, -0.6f, -1.66f)

/**
 * A golden mask over the mesh, lit from above: it moves with brows, lids and lips, and leaves eyes and
 * mouth free, since the mesh has no triangles there. No allocation per face.
 */
internal class MeshMask(private val layout: Layout) {
    private val normals = FloatArray(layout.size * 3)
    private val shades = IntArray(layout.size)
    private val corners = FloatArray(layout.triangles.size * 2)
    private val colors = IntArray(layout.triangles.size)

    fun paint(face: Face, mapping: ViewMapping, painter: Painter) {
        addUpNormals(face.points)
        for (i in 0 until layout.size) shades[i] = shade(i * 3)
        painter.triangles(corners, colors, collect(face.points, mapping))
    }

    /** Normals as long as their triangles are large, toward the viewer where z is negative. */
    private fun addUpNormals(points: FloatArray) {
        normals.fill(0f)
        val triangles = layout.triangles
        for (i in 0..triangles.size - 1 step 3) {
            val a = triangles[i] * 3
            val b = triangles[i + 1] * 3
            val c = triangles[i + 2] * 3
            val ux = points[b] - points[a]
            val uy = points[b + 1] - points[a + 1]
            val uz = points[b + 2] - points[a + 2]
            val vx = points[c] - points[a]
            val vy = points[c + 1] - points[a + 1]
            val vz = points[c + 2] - points[a + 2]
            for (corner in i..i + 2) {
                val at = triangles[corner] * 3
                normals[at] += uy * vz - uz * vy
                normals[at + 1] += uz * vx - ux * vz
                normals[at + 2] += ux * vy - uy * vx
            }
        }
    }

    private fun shade(at: Int): Int {
        val x = normals[at]
        val y = normals[at + 1]
        val z = normals[at + 2]
        val length = max(sqrt(x * x + y * y + z * z), 1e-6f)
        val light = LEAST_LIGHT + (1 - LEAST_LIGHT) * max(0f, (x * LIGHT[0] + y * LIGHT[1] + z * LIGHT[2]) / length)
        var gloss = max(0f, (x * HALFWAY[0] + y * HALFWAY[1] + z * HALFWAY[2]) / length)
        for (doubling in 0 until GLOSS_DOUBLINGS) gloss *= gloss
        val white = 255 * GLOSS * gloss
        val red = minOf(255f, (GOLD shr 16) * light + white).toInt()
        val green = minOf(255f, (GOLD shr 8 and 255) * light + white).toInt()
        val blue = minOf(255f, (GOLD and 255) * light + white).toInt()
        return ((OPACITY * 255).toInt() shl 24) or (red shl 16) or (green shl 8) or blue
    }

    /** Collects the triangles that face the viewer; how many. */
    private fun collect(points: FloatArray, mapping: ViewMapping): Int {
        val triangles = layout.triangles
        var count = 0
        for (i in 0..triangles.size - 1 step 3) {
            val a = triangles[i] * 3
            val b = triangles[i + 1] * 3
            val c = triangles[i + 2] * 3
            val z = (points[b] - points[a]) * (points[c + 1] - points[a + 1]) -
                (points[b + 1] - points[a + 1]) * (points[c] - points[a])
            if (z >= 0) continue
            for (corner in 0 until 3) {
                val landmark = triangles[i + corner]
                val to = count * 3 + corner
                corners[to * 2] = mapping.x(points[landmark * 3])
                corners[to * 2 + 1] = mapping.y(points[landmark * 3 + 1])
                colors[to] = shades[landmark]
            }
            count++
        }
        return count
    }
}

private fun unit(x: Float, y: Float, z: Float): FloatArray {
    val length = sqrt(x * x + y * y + z * z)
    return floatArrayOf(x / length, y / length, z / length)
}
