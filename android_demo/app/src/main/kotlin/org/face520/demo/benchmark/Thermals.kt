package org.face520.demo.benchmark

/** What the system says of heat; null where it does not say. */
interface Thermals {
    /** Battery temperature, degrees Celsius: the only one that every phone lets an app read. */
    fun celsius(): Double?

    /** PowerManager's thermal status, 0 (none) to 6 (shutdown). */
    fun status(): Int?
}
