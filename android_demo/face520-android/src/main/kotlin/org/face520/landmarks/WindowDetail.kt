package org.face520.landmarks

import kotlin.math.max
import kotlin.math.min

// Levels that a window without anything in it spans, and what changes slowly.
private const val FLAT_LEVELS = 14
private const val SLOW_PX = 9

/**
 * Tells a window with something in it from a wall or a sky. Port of `_has_detail` in
 * `edge_runtime/detection/far_search.py`.
 */
internal class WindowDetail {
    private val side = DETECTOR_SIZE_PX / 2
    private val half = IntArray(side * side)
    private val sums = IntArray(side * side) // of SLOW_PX pixels in a row
    private val reach = SLOW_PX / 2

    /** Whether a crop of the detector's size, ARGB, shows anything but what changes slowly across it. */
    fun isIn(pixels: IntArray): Boolean {
        var least = 255
        var most = -255
        for (shift in 0..16 step 8) {
            halve(pixels, shift)
            sumRows()
            // Without the edge, which may lie half a pixel outside of the image.
            for (row in 1 until side - 1) for (column in 1 until side - 1) {
                val detail = half[row * side + column] - slow(row, column)
                least = min(least, detail)
                most = max(most, detail)
            }
        }
        return most - least >= FLAT_LEVELS
    }

    private fun halve(pixels: IntArray, shift: Int) {
        for (row in 0 until side) for (column in 0 until side) {
            val at = 2 * (row * DETECTOR_SIZE_PX + column)
            val below = at + DETECTOR_SIZE_PX
            val sum = (pixels[at] shr shift and 0xff) + (pixels[at + 1] shr shift and 0xff) +
                (pixels[below] shr shift and 0xff) + (pixels[below + 1] shr shift and 0xff)
            half[row * side + column] = (sum + 2) shr 2
        }
    }

    private fun sumRows() {
        for (row in 0 until side) for (column in 0 until side) {
            var sum = 0
            for (x in column - reach..column + reach) sum += half[row * side + reflected(x)]
            sums[row * side + column] = sum
        }
    }

    /** The mean of SLOW_PX x SLOW_PX pixels, rounded. */
    private fun slow(row: Int, column: Int): Int {
        var sum = 0
        for (y in row - reach..row + reach) sum += sums[reflected(y) * side + column]
        return (2 * sum + SLOW_PX * SLOW_PX) / (2 * SLOW_PX * SLOW_PX)
    }

    private fun reflected(place: Int): Int = if (place < 0) -place else if (place < side) place else 2 * side - 2 - place
}
