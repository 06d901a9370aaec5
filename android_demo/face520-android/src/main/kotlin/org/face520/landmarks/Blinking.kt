package org.face520.landmarks

/**
 * What a face's eyes and mouth did in a video so far; [BlinkCounter] counts.
 *
 * [closedMs]: how long the eyes have been closed now, 0 while they are open. [perclos]: share of the
 * last minute in which they were at least 70 % closed.
 */
class Blinking {
    var blinks = 0
    var yawns = 0
    var closedMs = 0f
    var perclos = 0f
}
