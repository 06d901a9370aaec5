package org.face520.landmarks

private const val NEUTRAL = 0 // place of _neutral

/**
 * From what a network puts out to blendshapes that are 0 at rest.
 *
 * [atRest]: what it says of faces at rest, empty for zeros; [unknown]: names of those that it does not
 * know. Port of `BlendshapeScale` in `edge_runtime/blendshapes.py`.
 */
internal class BlendshapeScale(atRest: FloatArray, unknown: List<String>) {
    private val atRest = FloatArray(BLENDSHAPE_NAMES.size) { place ->
        if (BLENDSHAPE_NAMES[place] in unknown) Float.NaN else atRest.getOrElse(place) { 0f }
    }
    private val knowsNeutral = !this.atRest[NEUTRAL].isNaN() && this.atRest.count { !it.isNaN() } > 1

    /** Turns a network's output into blendshapes in place: NaN of unknown ones, `_neutral` from the others. */
    fun read(expression: FloatArray) {
        var largest = 0f
        for (place in expression.indices) {
            val told = ((expression[place] - atRest[place]) / (1 - atRest[place])).coerceIn(0f, 1f)
            expression[place] = told
            if (place != NEUTRAL && told > largest) largest = told
        }
        expression[NEUTRAL] = if (knowsNeutral) 1 - largest else Float.NaN
    }
}
