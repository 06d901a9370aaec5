package org.face520.landmarks

/**
 * How much a track is smoothed; the settings of `edge_runtime/tracking/one_euro.py`.
 *
 * [minCutoffHz]: of a still face. [beta]: Hz added per face size that a landmark moves in 1 s
 * faster than noise does.
 */
enum class Smoothing(val minCutoffHz: Float, val beta: Float) {
    OFF(0f, 0f),
    SOFT(1f, 25f),
    STRONG(0.4f, 12f),
}
