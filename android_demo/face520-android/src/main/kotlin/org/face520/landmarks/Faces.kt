package org.face520.landmarks

/** The faces of a frame, at most [capacity]; a video writes into the same instance again and again. */
class Faces internal constructor(private val all: Array<Face>) {
    constructor(landmarkCount: Int, capacity: Int) : this(Array(capacity) { Face(landmarkCount) })

    val capacity: Int get() = all.size

    /** How many there are; the others are left over from earlier frames. */
    var count = 0
        internal set

    /** The longest known face; null when there is none. */
    val first: Face? get() = if (count > 0) all[0] else null

    /** A face, the longest known first. */
    operator fun get(place: Int): Face = all[place]
}
