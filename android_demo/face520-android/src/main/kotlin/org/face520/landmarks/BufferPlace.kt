package org.face520.landmarks

import java.nio.Buffer

// Since Android 14 ByteBuffer has methods of its own for these, which a phone with an older one lacks; those of
// Buffer all have.

/** Moves to a place. */
internal fun Buffer.goTo(place: Int) {
    position(place)
}

/** Moves to the start, with all of the capacity to be read or written. */
internal fun Buffer.restart() {
    clear()
}
