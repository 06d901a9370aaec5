package org.face520.overlay

import org.face520.landmarks.Face
import org.face520.landmarks.Faces
import org.face520.landmarks.Stage
import org.face520.landmarks.StageTimes

private const val CHIN = 8 // of the iBUG landmarks
private const val GAP = 0.8f // between two entries, in sizes of the text

/**
 * Figures over the preview: speed, faces and, on demand, all that is known of the first one and the time
 * of each stage. Entries that do not fit into a line begin the next. No allocation per frame.
 */
public class StatusText(private val words: StatusWords) {
    private val line = TextLine()
    private val stages = Stage.values()
    private var lines = 1
    private var x = 0f

    /** Where lines begin, px of the view; set before use, as the three below. */
    public var left: Float = 0f

    /** Where the first line begins, px of the view. */
    public var top: Float = 0f

    /** Where lines end, px of the view. */
    public var right: Float = 0f

    /** Size of the text, px. */
    public var sizePx: Float = 0f

    /** Draws the entries, with [details] all of them; returns their lower end, px. */
    public fun paint(
        faces: Faces,
        times: StageTimes,
        framesPerSecond: Float,
        runtime: String,
        details: Boolean,
        painter: Painter,
    ): Float {
        lines = 1
        x = left
        entry(line.begin("").number(framesPerSecond, 0).text(words.framesPerSecond), painter)
        entry(line.begin(words.frame).number(times.totalMs, 1).text(" ms"), painter)
        entry(line.begin(words.faces[minOf(faces.count, words.faces.size - 1)]), painter)
        val face = faces.first
        if (face != null) pose(face, painter)
        if (!details) return top + line.baseline(lines, sizePx)
        if (face != null) details(face, painter)
        newLine()
        for (i in stages.indices) {
            entry(line.begin(words.stages[i]).text(" ").number(times.ms(stages[i]), 1), painter)
        }
        newLine()
        entry(line.begin(runtime), painter)
        return top + line.baseline(lines, sizePx)
    }

    /** Writes each face's number under its chin, where there are several faces. */
    public fun paintNumbers(faces: Faces, mapping: ViewMapping, painter: Painter) {
        if (faces.count < 2) return
        for (i in 0 until faces.count) {
            val face = faces[i]
            line.begin("#").number(face.trackId.toFloat(), 0)
            val chinX = mapping.x(face.points[CHIN * 3])
            val chinY = mapping.y(face.points[CHIN * 3 + 1])
            line.draw(chinX - line.width(sizePx, painter) / 2, chinY + line.baseline(1, sizePx), sizePx, painter)
        }
    }

    private fun pose(face: Face, painter: Painter) {
        entry(line.begin(words.yaw).number(face.yawDeg, 0).text("°"), painter)
        entry(line.begin(words.pitch).number(face.pitchDeg, 0).text("°"), painter)
        entry(line.begin(words.roll).number(face.rollDeg, 0).text("°"), painter)
    }

    private fun details(face: Face, painter: Painter) {
        newLine()
        entry(line.begin(words.presence).number(face.presence, 2), painter)
        entry(line.begin(words.hidden).number(face.hiddenCount.toFloat(), 0), painter)
        percent(words.leftEye, face.openings.leftEye, painter)
        percent(words.rightEye, face.openings.rightEye, painter)
        percent(words.mouth, face.openings.mouth, painter)
        val blinking = face.blinking
        entry(line.begin(words.blinks).number(blinking.blinks.toFloat(), 0), painter)
        entry(line.begin(words.yawns).number(blinking.yawns.toFloat(), 0), painter)
        percent(words.perclos, blinking.perclos, painter)
        if (blinking.closedMs > 0) {
            entry(line.begin(words.closed).number(blinking.closedMs / 1000, 1).text(" s"), painter)
        }
    }

    private fun percent(name: String, share: Float, painter: Painter) =
        entry(line.begin(name).number(share * 100, 0).text(" %"), painter)

    private fun entry(entry: TextLine, painter: Painter) {
        val width = entry.width(sizePx, painter)
        if (x > left && x + width > right) newLine()
        // One that is longer than a line is written smaller.
        val share = if (width > right - left) (right - left) / width else 1f
        entry.draw(x, top + entry.baseline(lines, sizePx), sizePx * share, painter)
        x += width * share + GAP * sizePx
    }

    private fun newLine() {
        if (x == left) return
        lines++
        x = left
    }
}
