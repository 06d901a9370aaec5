package org.face520.landmarks

/** The faces of a frame, at most [capacity]; a video writes into the same instance again and again. */
public class Faces internal constructor(private val all: Array<Face>) {
    /** Room for [capacity] faces of [landmarkCount] landmarks, 520 in this version. */
    public constructor(landmarkCount: Int, capacity: Int) : this(Array(capacity) { Face(landmarkCount) })

    /** How many faces there can be. */
    public val capacity: Int get() = all.size

    /** How many there are; the others are left over from earlier frames. */
    public var count: Int = 0
        internal set

    /** The longest known face; null when there is none. */
    public val first: Face? get() = if (count > 0) all[0] else null

    /** A face, the longest known first; [place] below [count]. */
    public operator fun get(place: Int): Face = all[place]

    /** Copies of the faces that there are now, for another thread or for later. */
    public fun toList(): List<Face> = List(count) { all[it].copy() }
}
