package org.face520.demo.live

/**
 * Three buffers between a thread that writes and one that shows: neither waits for the other, and
 * what is shown is always the latest whole one.
 */
class FrameExchange<T>(make: () -> T) {
    private var writing = make()
    private var ready = make()
    private var showing = make()
    private var isNew = false

    /** The buffer to write into; for the writing thread, until [publish]. */
    fun toWrite(): T = writing

    /** Hands the written buffer over. */
    @Synchronized
    fun publish() {
        val written = writing
        writing = ready
        ready = written
        isNew = true
    }

    /** The latest published buffer; for the showing thread, until the next call. Null before the first. */
    @Synchronized
    fun latest(): T? {
        if (isNew) {
            val next = ready
            ready = showing
            showing = next
            isNew = false
            hasShown = true
        }
        return if (hasShown) showing else null
    }

    private var hasShown = false
}
