package org.face520.overlay

import java.awt.image.BufferedImage
import java.io.File
import javax.imageio.ImageIO
import org.face520.landmarks.BLENDSHAPE_NAMES
import org.face520.landmarks.Face
import org.face520.landmarks.Golden
import org.face520.landmarks.PoseEstimator
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

    @Test
    fun `the status says what was measured, or that no face is in view`() {
        val painter = Recording()
        val face = face().apply { yawDeg = -12.4f; pitchDeg = 0.2f; rollDeg = 3.6f; presence = 0.987f }
        StatusText().paint(face, StageTimes(), 29.6f, "main int8 on CPU", 20f, painter)
        val open = painter.texts.filter { it.startsWith("open: left eye ") }
        assertTrue(painter.texts.toString(), open.isNotEmpty() && open[0].endsWith(" %"))
        assertTrue(painter.texts.toString(), "yaw -12  pitch 0  roll 4 deg" in painter.texts)
        assertTrue(painter.texts.toString(), "presence 0.99   30 frames/s" in painter.texts)
        StatusText().paint(null, StageTimes(), 0f, "main int8 on CPU", 20f, painter)
        assertTrue("No face in view" in painter.texts)
    }

    @Test
    fun `the strongest blendshapes are named, the strongest first, without those that are not known`() {
        val face = Face(Golden.layout.size)
        val painter = Recording()
        BlendshapeBars().paint(face, 100f, 20f, painter)
        assertEquals(listOf("This model knows no blendshapes"), painter.texts.distinct())
        for (i in face.expression.indices) face.expression[i] = 0.001f * i
        face.expression[0] = 1f // _neutral
        face.expression[BLENDSHAPE_NAMES.indexOf("jawOpen")] = 0.61f
        face.expression[BLENDSHAPE_NAMES.indexOf("eyeBlinkLeft")] = 0.9f
        face.expression[BLENDSHAPE_NAMES.indexOf("noseSneerRight")] = Float.NaN
        painter.texts.clear()
        BlendshapeBars().paint(face, 100f, 20f, painter)
        val expected = listOf(
            "eyeBlinkLeft 0.90", "jawOpen 0.61", "noseSneerLeft 0.05", "mouthUpperUpRight 0.05", "mouthUpperUpLeft 0.05",
            "mouthStretchRight 0.05",
        )
        assertEquals(expected, painter.texts.distinct())
        assertEquals(2 * expected.size, painter.lines)
    }

    @Test
    fun `a picture of the screen in each style`() {
        val styles = listOf(OverlayStyle.POINTS, OverlayStyle.CONTOURS, OverlayStyle.MESH)
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
        if (style == OverlayStyle.CONTOURS && knowsBlendshapes) BlendshapeBars().paint(face, 0f, TEXT_PX, painter)
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
}
