package org.face520.landmarks

/**
 * How much the landmarks of a video are smoothed, by a One-Euro filter.
 *
 * [minCutoffHz]: of a still face. [beta]: Hz added per face size that a landmark moves in 1 s
 * faster than noise does. The settings of `edge_runtime/tracking/one_euro.py`.
 */
public enum class Smoothing(internal val minCutoffHz: Float, internal val beta: Float) {
    /** Points as the network gives them. */
    OFF(0f, 0f),

    /** A still face stands still, a quick one is not late. */
    SOFT(1f, 25f),

    /** Calmer, and later when the face moves. */
    STRONG(0.4f, 12f),
}
