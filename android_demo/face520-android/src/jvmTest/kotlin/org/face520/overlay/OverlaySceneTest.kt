package org.face520.overlay

import java.awt.image.BufferedImage
import java.io.File
import javax.imageio.ImageIO
import org.face520.landmarks.BLENDSHAPE_NAMES
import org.face520.landmarks.Face
import org.face520.landmarks.Faces
import org.face520.landmarks.Golden
import org.face520.landmarks.PoseEstimator
import org.face520.landmarks.Stage
import org.face520.landmarks.StageTimes
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test

private const val SCREEN_WIDTH = 420
private const val SCREEN_HEIGHT = 560
private const val TEXT_PX = 15f

// The part of the photo that plays the camera's frame: left, top, width, height, px.
private val VIEW = intArrayOf(141, 20, 180, 240)

class OverlaySceneTest {
    private class Recording : Painter {
        var discs = 0
        var rings = 0
        var lines = 0
        val centers = HashSet<Pair<Float, Float>>()
        val texts = ArrayList<String>()
        val places = ArrayList<Pair<Float, Float>>()
        val areas = ArrayList<FloatArray>()
        var triangles = FloatArray(0)
        val triangleColors = HashSet<Int>()

        override fun triangles(corners: FloatArray, colors: IntArray, count: Int) {
            triangles = corners.copyOf(count * 6)
            triangleColors.addAll(colors.take(count * 3))
        }

        override fun area(points: FloatArray, loops: IntArray, color: Int) {
            areas.add(points.copyOf(loops.sum() * 2))
        }

        override fun textWidth(text: CharSequence, sizePx: Float): Float = text.length * sizePx / 2

        override fun discs(centers: FloatArray, count: Int, radius: Float, color: Int) {
            discs += count
            for (i in 0 until count) this.centers.add(centers[i * 2] to centers[i * 2 + 1])
        }

        override fun rings(centers: FloatArray, count: Int, radius: Float, width: Float, color: Int) {
            rings += count
        }

        override fun lines(ends: FloatArray, count: Int, width: Float, color: Int) {
            lines += count
        }

        override fun text(text: CharSequence, x: Float, y: Float, sizePx: Float, color: Int) {
            texts.add(text.toString())
            places.add(x to y)
        }
    }

    @Test
    fun `seen landmarks are discs with a rim where the mapping puts them, hidden ones rings`() {
        val painter = Recording()
        val mapping = ViewMapping().apply { set(512, 512, 1024, 2048, false) }
        val hidden = face().apply { for (i in 100 until 130) visibility[i] = 0.4f }
        OverlayScene(Golden.layout).paint(hidden, OverlayStyle.POINTS, mapping, painter)
        val seen = (0 until 520).count { hidden.isSeen(it) }
        assertTrue("$seen of 520 landmarks are seen", seen in 300..490)
        assertEquals(2 * seen, painter.discs)
        assertEquals(520 - seen, painter.rings)
        val nose = face()
        val expected = mapping.x(nose.points[30 * 3]) to mapping.y(nose.points[30 * 3 + 1])
        assertTrue(expected in painter.centers)
    }

    @Test
    fun `mesh and contours draw each edge once, none draws nothing`() {
        val layout = Golden.layout
        val mapping = ViewMapping().apply { set(512, 512, 512, 512, false) }
        for ((style, count) in mapOf(
            OverlayStyle.MESH to layout.meshEdges.size / 2,
            OverlayStyle.CONTOURS to layout.contourEdges.size,
            OverlayStyle.NONE to 0,
        )) {
            val painter = Recording()
            OverlayScene(layout).paint(face(), style, mapping, painter)
            assertEquals("$style", count, painter.lines)
        }
    }

    @Test
    fun `a selfie is mirrored and the picture's edges meet the view's`() {
        val mapping = ViewMapping().apply { set(480, 640, 960, 2000, true) }
        assertEquals(960f, mapping.x(-0.5f), 1e-4f)
        assertEquals(0f, mapping.x(479.5f), 1e-4f)
        assertEquals(360f, mapping.y(-0.5f), 1e-4f)
        assertEquals(1640f, mapping.y(639.5f), 1e-4f)
    }

    private fun status(width: Float, details: Boolean, found: Face?): Recording {
        val painter = Recording()
        val faces = if (found == null) Faces(Golden.layout.size, 1) else Faces(arrayOf(found)).apply { count = 1 }
        val status = StatusText(WORDS).apply { left = 10f; top = 5f; right = width; sizePx = 20f }
        status.paint(faces, StageTimes(), 29.6f, "main int8 on CPU", details, painter)
        return painter
    }

    @Test
    fun `the status says what was measured, and how many faces are in view`() {
        val face = face().apply { yawDeg = -12.4f; pitchDeg = 0.2f; rollDeg = 3.6f; presence = 0.987f }
        val all = status(4000f, true, face).texts
        for (entry in listOf("30 fps", "1 face", "yaw -12°", "pitch 0°", "roll 4°", "presence 0.99", "main int8 on CPU")) {
            assertTrue("$entry is not among $all", entry in all)
        }
        assertTrue("hidden ${face.hiddenCount}" in all)
        assertTrue("INVOKE 0.0" in all)
        assertTrue("main int8 on CPU" !in status(4000f, false, face).texts)
        assertTrue("no face" in status(4000f, false, null).texts)
    }

    @Test
    fun `several faces bear their numbers, one alone does not`() {
        val faces = Faces(arrayOf(face().apply { trackId = 0 }, face().apply { trackId = 7 }))
        val mapping = ViewMapping().apply { set(512, 512, 512, 512, false) }
        val status = StatusText(WORDS).apply { sizePx = 20f }
        val numbers = (1..2).map { count ->
            val painter = Recording()
            faces.count = count
            status.paintNumbers(faces, mapping, painter)
            painter.texts.distinct()
        }
        assertEquals(listOf(emptyList<String>(), listOf("#0", "#7")), numbers)
    }

    @Test
    fun `entries that do not fit into a line begin the next, none is cut`() {
        val painter = status(200f, true, face())
        for ((place, text) in painter.places.zip(painter.texts)) {
            val end = place.first + painter.textWidth(text, 20f)
            assertTrue("$text ends at $end", end <= 202f) // its shadow lies beside it
        }
        assertTrue(painter.places.map { it.second }.distinct().size > 5)
    }

    @Test
    fun `the mask covers the skin that faces the camera and leaves eyes and mouth free`() {
        val painter = Recording()
        val face = face()
        val mapping = ViewMapping().apply { set(512, 512, 512, 512, false) }
        OverlayScene(Golden.layout).paint(face, OverlayStyle.MASK, mapping, painter)
        assertTrue("${painter.triangles.size / 6} triangles", painter.triangles.size / 6 in 500..Golden.layout.triangles.size / 3)
        assertTrue("it is lit", painter.triangleColors.size > 100)
        val nose = floatArrayOf(mapping.x(face.points[90]), mapping.y(face.points[91] + 1f))
        assertTrue("the tip of the nose", isCovered(painter.triangles, nose))
        for ((name, corners) in mapOf("left eye" to (42 to 45), "right eye" to (36 to 39))) {
            val middle = FloatArray(2) { (face.points[corners.first * 3 + it] + face.points[corners.second * 3 + it]) / 2 }
            assertTrue(name, !isCovered(painter.triangles, floatArrayOf(mapping.x(middle[0]), mapping.y(middle[1]))))
        }
    }

    private fun isCovered(triangles: FloatArray, point: FloatArray): Boolean = (0 until triangles.size / 6).any { number ->
        val sides = (0 until 3).map { corner ->
            val a = number * 6 + corner * 2
            val b = number * 6 + (corner + 1) % 3 * 2
            (triangles[b] - triangles[a]) * (point[1] - triangles[a + 1]) -
                (triangles[b + 1] - triangles[a + 1]) * (point[0] - triangles[a])
        }
        sides.all { it >= 0 } || sides.all { it <= 0 }
    }

    @Test
    fun `make-up lies on lips and lids, and not on an eye that the camera does not see`() {
        val mapping = ViewMapping().apply { set(512, 512, 512, 512, false) }
        val face = face().apply { visibility.fill(1f) }
        val painter = Recording()
        OverlayScene(Golden.layout).paint(face, OverlayStyle.MAKE_UP, mapping, painter)
        assertEquals("two shadows and the lips", 3, painter.areas.size)
        val corner = listOf(mapping.x(face.points[48 * 3]), mapping.y(face.points[48 * 3 + 1]))
        val lips = painter.areas.last().toList().chunked(2)
        assertTrue("the curve meets the mouth's corner", corner in lips)
        for (landmark in 36..41) face.visibility[landmark] = 0f
        val hidden = Recording()
        OverlayScene(Golden.layout).paint(face, OverlayStyle.MAKE_UP, mapping, hidden)
        assertEquals(2, hidden.areas.size)
    }

    @Test
    fun `a picture that fills the view is cut off evenly`() {
        val mapping = ViewMapping().apply { set(480, 640, 960, 2000, mirrored = false, fills = true) }
        assertEquals(0f, mapping.y(-0.5f), 1e-3f)
        assertEquals(2000f, mapping.y(639.5f), 1e-3f)
        assertEquals(480f, mapping.x(239.5f), 1e-3f)
        assertTrue(mapping.x(-0.5f) < 0)
    }

    @Test
    fun `the strongest blendshapes are named, the strongest first, without those that are not known`() {
        val face = Face(Golden.layout.size)
        val painter = Recording()
        BlendshapeBars("unknown").paint(face, 10f, 100f, 1000f, 20f, painter)
        assertEquals(listOf("unknown"), painter.texts.distinct())
        for (i in face.expression.indices) face.expression[i] = 0.001f * i
        face.expression[0] = 1f // _neutral
        face.expression[BLENDSHAPE_NAMES.indexOf("jawOpen")] = 0.61f
        face.expression[BLENDSHAPE_NAMES.indexOf("eyeBlinkLeft")] = 0.9f
        face.expression[BLENDSHAPE_NAMES.indexOf("noseSneerRight")] = Float.NaN
        painter.texts.clear()
        BlendshapeBars("unknown").paint(face, 10f, 100f, 1000f, 20f, painter)
        val expected = listOf(
            "eyeBlinkLeft 0.90", "jawOpen 0.61", "noseSneerLeft 0.05", "mouthUpperUpRight 0.05", "mouthUpperUpLeft 0.05",
            "mouthStretchRight 0.05",
        )
        assertEquals(expected, painter.texts.distinct())
        assertEquals(2 * expected.size, painter.lines)
    }

    @Test
    fun `a picture of the screen in each style`() {
        val styles = listOf(OverlayStyle.POINTS, OverlayStyle.CONTOURS, OverlayStyle.MESH, OverlayStyle.MASK, OverlayStyle.MAKE_UP)
        val sheet = BufferedImage(SCREEN_WIDTH * styles.size, SCREEN_HEIGHT, BufferedImage.TYPE_INT_RGB)
        for ((number, style) in styles.withIndex()) {
            val screen = screen(style)
            assertTrue("$style changes the picture", differs(screen, screen(OverlayStyle.NONE)))
            sheet.createGraphics().drawImage(screen, number * SCREEN_WIDTH, 0, null)
        }
        val folder = System.getProperty("face520.pictures") ?: return
        ImageIO.write(sheet, "png", File(folder, "overlay.png"))
    }

    private fun screen(style: OverlayStyle): BufferedImage {
        val photo = Golden.photo
        val frame = BufferedImage(photo.width, photo.height, BufferedImage.TYPE_INT_RGB)
        frame.setRGB(0, 0, photo.width, photo.height, photo.argb, 0, photo.width)
        val (left, top, width, height) = VIEW
        val face = face()
        for (i in face.points.indices) if (i % 3 < 2) face.points[i] -= VIEW[i % 3].toFloat()
        val mapping = ViewMapping().apply { set(width, height, SCREEN_WIDTH, SCREEN_HEIGHT, false) }
        val screen = BufferedImage(SCREEN_WIDTH, SCREEN_HEIGHT, BufferedImage.TYPE_INT_RGB)
        val graphics = screen.createGraphics()
        val painter = AwtPainter(graphics)
        graphics.setRenderingHint(
            java.awt.RenderingHints.KEY_INTERPOLATION, java.awt.RenderingHints.VALUE_INTERPOLATION_BICUBIC,
        )
        graphics.drawImage(
            frame.getSubimage(left, top, width, height),
            mapping.left.toInt(), mapping.top.toInt(), mapping.width.toInt(), mapping.height.toInt(), null,
        )
        OverlayScene(Golden.layout).paint(face, style, mapping, painter)
        val knowsBlendshapes = !face.expression[1].isNaN()
        if (style == OverlayStyle.CONTOURS && knowsBlendshapes) BlendshapeBars("").paint(face, TEXT_PX, 0f, SCREEN_WIDTH.toFloat(), TEXT_PX, painter)
        graphics.dispose()
        return screen
    }

    private fun differs(one: BufferedImage, other: BufferedImage): Boolean =
        (0 until one.width).any { x -> (0 until one.height).any { y -> one.getRGB(x, y) != other.getRGB(x, y) } }

    /** The face that the Python runtime finds in the photo. */
    private fun face(): Face {
        val face = Golden.face(Golden.json.children("models").last().child("detection").children("faces")[0])
        PoseEstimator(Golden.layout).estimate(face)
        return face
    }

    companion object {
        /** English, and short. */
        val WORDS = StatusWords(
            faces = listOf("no face", "1 face", "2 faces"), framesPerSecond = " fps", frame = "frame ", presence = "presence ",
            hidden = "hidden ", yaw = "yaw ", pitch = "pitch ", roll = "roll ", leftEye = "left eye ", rightEye = "right eye ",
            mouth = "mouth ", blinks = "blinks ", yawns = "yawns ", perclos = "PERCLOS ", closed = "closed ",
            stages = Stage.values().map { it.name },
        )
    }
}
