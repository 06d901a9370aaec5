package org.face520.landmarks

/** Landmarks of iBUG/300W-LP that lead every layout, in their standard order. */
const val IBUG68_COUNT = 68

/** A line to draw through landmarks; a closed one returns to its start. */
class Contour(val name: String, val indices: IntArray, val closed: Boolean)

/**
 * What each landmark is, and how landmarks join to a mesh; read from `layout520.json`.
 *
 * [mirror]: of each landmark, its counterpart on the other side. [triangles]: corners, three indices each.
 * [regions]: landmarks of named parts of the face.
 * [meanShape]: the mean face, size * 3 values x, y, z.
 */
class Layout(
    val reference: String,
    val size: Int,
    val mirror: IntArray,
    val triangles: IntArray,
    val contours: List<Contour>,
    val regions: Map<String, IntArray>,
    val meanShape: FloatArray,
) {
    /** Ends of each mesh edge once: pairs of indices. */
    val meshEdges: IntArray = edgesOf(triangles)

    /** Ends of each piece of the contours: pairs of indices. */
    val contourEdges: IntArray = contours.flatMap { line ->
        val next = if (line.closed) line.indices.drop(1) + line.indices[0] else line.indices.drop(1)
        line.indices.toList().zip(next).flatMap { listOf(it.first, it.second) }
    }.toIntArray()

    companion object {
        /** Parses `layout520.json`. Throws [JsonException]. */
        fun fromJson(text: String): Layout {
            val stored = Json.parseObject(text)
            val meanShape = stored.floats("mean_shape")
            return Layout(
                reference = "${stored.string("name")}/${stored.int("version")}",
                size = meanShape.size / 3,
                mirror = stored.ints("mirror"),
                triangles = stored.ints("triangles"),
                contours = stored.children("contours").map {
                    Contour(it.string("name"), it.ints("indices"), it.boolean("closed"))
                },
                regions = stored.child("regions").run { names.associateWith(::ints) },
                meanShape = meanShape,
            )
        }

        private fun edgesOf(triangles: IntArray): IntArray {
            val edges = LinkedHashSet<Long>()
            for (corner in triangles.indices) {
                val one = triangles[corner]
                val other = triangles[if (corner % 3 == 2) corner - 2 else corner + 1]
                edges.add((minOf(one, other).toLong() shl 32) or maxOf(one, other).toLong())
            }
            return edges.flatMap { listOf((it shr 32).toInt(), it.toInt()) }.toIntArray()
        }
    }
}
