package org.face520.overlay

/** What is drawn over a face. */
enum class OverlayStyle { POINTS, CONTOURS, MESH, MASK, MAKE_UP, NONE }
