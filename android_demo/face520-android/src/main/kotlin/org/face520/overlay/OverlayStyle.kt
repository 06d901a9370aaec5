package org.face520.overlay

/** What is drawn over a face. */
public enum class OverlayStyle {
    /** A disc on each landmark. */
    POINTS,

    /** Lines along brows, lids, nose, lips and jaw. */
    CONTOURS,

    /** The net of all landmarks. */
    MESH,

    /** A golden mask that leaves eyes and mouth free. */
    MASK,

    /** Lipstick, eye shadow, liner and blush. */
    MAKE_UP,

    /** Nothing. */
    NONE,
}
