package org.face520.landmarks

import kotlin.math.max
import kotlin.math.min

private const val WINDOW_MS = 60_000.0

// What the constants mean, and where they are from, is told in edge_runtime/tracking/blink_counter.py.
private const val OPEN_SHARE = 0.75
private const val LEARNING_MS = 3000.0
private const val ORDINARY_EYE = 0.63
private const val LEAST_EYE = ORDINARY_EYE / 2
private const val CLOSED = 0.4
private const val REOPENED = 0.6
private const val PERCLOS_CLOSED = 0.3
private const val LONGEST_BLINK_MS = 500.0
private const val YAWNING = 0.4
private const val YAWN_OVER = 0.25
private const val SHORTEST_YAWN_MS = 1500.0
private const val LONGEST_STEP_MS = 500.0

/**
 * Counts blinks and yawns of one face, and how long its eyes were closed, measured against the person's
 * own open eyes. Port of `edge_runtime/tracking/blink_counter.py`; no allocation per frame.
 */
internal class BlinkCounter(layout: Layout) {
    private val leftEye = layout.regions.getValue("left_eye")
    private val rightEye = layout.regions.getValue("right_eye")
    private val seen = OpeningHistory(WINDOW_MS)
    private var lastMs = Double.NaN
    private var closedSinceMs = Double.NaN
    private var mouthSinceMs = Double.NaN
    private var hasYawned = false
    private var blinks = 0
    private var yawns = 0

    /** Forgets the face. */
    fun reset() {
        seen.clear()
        lastMs = Double.NaN
        closedSinceMs = Double.NaN
        mouthSinceMs = Double.NaN
        blinks = 0
        yawns = 0
    }

    /** Sets what is known after the next frame's face, at a time later than the last one. */
    fun update(face: Face, timeMs: Double) {
        val stepMs = if (lastMs.isNaN()) 0.0 else timeMs - lastMs
        if (stepMs > LONGEST_STEP_MS) {
            closedSinceMs = Double.NaN
            mouthSinceMs = Double.NaN
        }
        lastMs = timeMs
        val opening = eyeOpening(face)
        seen.add(timeMs, min(stepMs, LONGEST_STEP_MS), opening)
        val openEye = if (seen.spanMs < LEARNING_MS) ORDINARY_EYE else max(seen.percentile(OPEN_SHARE), LEAST_EYE)
        takeEyes(opening / openEye, timeMs)
        takeMouth(face.openings.mouth.toDouble(), timeMs)
        face.blinking.blinks = blinks
        face.blinking.yawns = yawns
        face.blinking.closedMs = if (closedSinceMs.isNaN()) 0f else (timeMs - closedSinceMs).toFloat()
        face.blinking.perclos = seen.shareBelow(PERCLOS_CLOSED * openEye).toFloat()
    }

    /** [share]: of the open eye. */
    private fun takeEyes(share: Double, timeMs: Double) {
        if (closedSinceMs.isNaN()) {
            if (share < CLOSED) closedSinceMs = timeMs
        } else if (share > REOPENED) {
            if (timeMs - closedSinceMs <= LONGEST_BLINK_MS) blinks++
            closedSinceMs = Double.NaN
        }
    }

    private fun takeMouth(opening: Double, timeMs: Double) {
        if (mouthSinceMs.isNaN()) {
            if (opening > YAWNING) {
                mouthSinceMs = timeMs
                hasYawned = false
            }
        } else if (opening < YAWN_OVER) {
            mouthSinceMs = Double.NaN
        } else if (!hasYawned && timeMs - mouthSinceMs >= SHORTEST_YAWN_MS) {
            yawns++
            hasYawned = true
        }
    }

    /** Opening of the eyes, each counted as far as the camera sees it. */
    private fun eyeOpening(face: Face): Double {
        val left = meanVisibility(face, leftEye)
        val right = meanVisibility(face, rightEye)
        val openings = face.openings
        if (left + right <= 0.1) return (openings.leftEye.toDouble() + openings.rightEye) / 2
        return (left * openings.leftEye + right * openings.rightEye) / (left + right)
    }

    private fun meanVisibility(face: Face, landmarks: IntArray): Double {
        var sum = 0.0
        for (landmark in landmarks) sum += face.visibility[landmark]
        return sum / landmarks.size
    }
}
