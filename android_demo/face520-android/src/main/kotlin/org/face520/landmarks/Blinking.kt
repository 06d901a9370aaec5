package org.face520.landmarks

/** What a face's eyes and mouth did in a video so far. */
public class Blinking internal constructor() {
    /** Blinks so far. */
    public var blinks: Int = 0
        internal set

    /** Yawns so far. */
    public var yawns: Int = 0
        internal set

    /** How long the eyes have been closed now, ms; 0 while they are open. */
    public var closedMs: Float = 0f
        internal set

    /** Share of the last minute, 0 to 1, in which the eyes were at least 70 % closed. */
    public var perclos: Float = 0f
        internal set

    internal fun copyFrom(other: Blinking) {
        blinks = other.blinks
        yawns = other.yawns
        closedMs = other.closedMs
        perclos = other.perclos
    }
}
