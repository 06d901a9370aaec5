package org.face520.landmarks

/**
 * What the network says of one square; a video writes into the same instance again and again.
 *
 * [points]: x, y, z of each landmark in image px, z 0 at their mean. [presence]: probability of a
 * face, NaN for a model without that output. [expression]: 0 to 1, NaN where the value means nothing
 * or the model has none. [visibility]: probability that the camera sees the landmark; undefined
 * unless [hasVisibility].
 */
internal class Prediction(val landmarkCount: Int) {
    val points = FloatArray(landmarkCount * 3)
    var presence = Float.NaN
    val expression = FloatArray(BLENDSHAPE_NAMES.size) { Float.NaN }
    val visibility = FloatArray(landmarkCount)
    var hasVisibility = false

    /** Whether any blendshape is known. */
    val hasExpression: Boolean get() = expression.any { !it.isNaN() }

    /** Takes over the values of another one with as many landmarks. */
    fun copyFrom(other: Prediction) {
        other.points.copyInto(points)
        presence = other.presence
        other.expression.copyInto(expression)
        other.visibility.copyInto(visibility)
        hasVisibility = other.hasVisibility
    }
}
