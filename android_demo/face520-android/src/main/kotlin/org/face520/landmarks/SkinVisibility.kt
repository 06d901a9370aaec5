package org.face520.landmarks

/**
 * Which landmarks the camera can see, judged by the direction in which their skin faces.
 *
 * A landmark's normal is the sum of its triangles' normals, each as long as the triangle's area;
 * only its z matters. Port of `skin_visibility` in `edge_runtime/face_landmarks.py`.
 */
internal class SkinVisibility(layout: Layout) {
    private val triangles = layout.triangles
    private val normalZ = DoubleArray(layout.size)
    private val hasTriangle = BooleanArray(layout.size).also { for (corner in triangles) it[corner] = true }

    /** Fills [visibility] with 1 where the skin around a landmark faces the camera, else 0. */
    fun judge(points: FloatArray, visibility: FloatArray) {
        normalZ.fill(0.0)
        for (i in triangles.indices step 3) {
            val a = triangles[i] * 3
            val b = triangles[i + 1] * 3
            val c = triangles[i + 2] * 3
            // z of the cross product; negative toward the camera, since z points away from it.
            val z = (points[b] - points[a]) * (points[c + 1] - points[a + 1]) -
                (points[b + 1] - points[a + 1]) * (points[c] - points[a])
            normalZ[triangles[i]] += z.toDouble()
            normalZ[triangles[i + 1]] += z.toDouble()
            normalZ[triangles[i + 2]] += z.toDouble()
        }
        for (i in visibility.indices) visibility[i] = if (normalZ[i] < 0 || !hasTriangle[i]) 1f else 0f
    }
}
