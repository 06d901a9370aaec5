package org.face520.landmarks

/** The [most] strongest of a face's blendshapes, the strongest first; `_neutral` and unknown ones do not count. */
public class StrongestBlendshapes(private val most: Int) {
    private val places = IntArray(most)

    /** How many there are: 0 where the model knows none. */
    public var count: Int = 0
        private set

    /** Place of one of them in [BLENDSHAPE_NAMES] and in [Face.expression]. */
    public fun place(rank: Int): Int = places[rank]

    /** Looks for the strongest of a face's [Face.expression]. */
    public fun find(expression: FloatArray) {
        count = 0
        for (place in 1 until expression.size) {
            val value = expression[place]
            if (value.isNaN()) continue
            var rank = count
            while (rank > 0 && expression[places[rank - 1]] < value) rank--
            if (rank == most) continue
            if (count < most) count++
            for (later in count - 1 downTo rank + 1) places[later] = places[later - 1]
            places[rank] = place
        }
    }
}
