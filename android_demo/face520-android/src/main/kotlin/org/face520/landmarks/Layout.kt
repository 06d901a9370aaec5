package org.face520.landmarks

/** Landmarks of iBUG/300W-LP that lead every layout, in their standard order. */
public const val IBUG68_COUNT: Int = 68

/** A line to draw through the landmarks [indices]; a [closed] one returns to its start. [name]: of the part of the face. */
public class Contour internal constructor(public val name: String, public val indices: IntArray, public val closed: Boolean)

/**
 * What each landmark is, and how landmarks join to a mesh; read from `layout520.json`.
 *
 * [reference]: name and version. [size]: landmarks. [mirror]: of each landmark, its counterpart on the
 * other side. [triangles]: corners, three indices each. [contours]: lines to draw. [regions]: landmarks of
 * named parts of the face. [meanShape]: the mean face, size * 3 values x, y, z, the face's size as unit.
 */
public class Layout internal constructor(
    public val reference: String,
    public val size: Int,
    public val mirror: IntArray,
    public val triangles: IntArray,
    public val contours: List<Contour>,
    public val regions: Map<String, IntArray>,
    public val meanShape: FloatArray,
) {
    /** Ends of each mesh edge once: pairs of indices. */
    public val meshEdges: IntArray = edgesOf(triangles)

    /** Ends of each piece of the contours: pairs of indices. */
    public val contourEdges: IntArray = contours.flatMap { line ->
        val next = if (line.closed) line.indices.drop(1) + line.indices[0] else line.indices.drop(1)
        line.indices.toList().zip(next).flatMap { listOf(it.first, it.second) }
    }.toIntArray()

    internal companion object {
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
