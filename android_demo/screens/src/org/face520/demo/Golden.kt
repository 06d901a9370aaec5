package org.face520.demo

import android.graphics.RectF
import java.io.File
import javax.imageio.ImageIO
import org.face520.landmarks.Json
import org.face520.landmarks.JsonObject
import org.junit.Assert.assertTrue

/** What the Python runtime says of the same models; `python -m android_demo.golden` wrote it. */
internal object Golden {
    private val folder = File(checkNotNull(System.getProperty("face520.golden")))

    val models: List<JsonObject> by lazy {
        Json.parseObject(File(folder, "screens.json").readText()).children("models")
    }

    /** The model with that file name. */
    fun model(file: String): JsonObject = models.first { File(it.string("path")).name == file }

    /** Pixels of a PNG of the golden folder. */
    fun pixels(name: String): IntArray {
        val read = ImageIO.read(File(folder, name))
        return read.getRGB(0, 0, read.width, read.height, null, 0, read.width)
    }

    /**
     * Landmarks x, y, z, ... within a share of the face's size, on average, of those that Python finds in
     * the photo drawn [scale] times as large at [left], [top] px.
     */
    fun assertOnFace(what: String, file: String, points: FloatArray, scale: Float, left: Float, top: Float) {
        val expected = model(file).child("photo").floats("points")
        var distance = 0.0
        for (i in expected.indices step 3) {
            // Pixel centres are at integers.
            val x = (expected[i] + 0.5f) * scale - 0.5f + left
            val y = (expected[i + 1] + 0.5f) * scale - 0.5f + top
            distance += Math.hypot((points[i] - x).toDouble(), (points[i + 1] - y).toDouble())
        }
        val faceSize = (expected.filterIndexed { i, _ -> i % 3 == 0 }.let { it.max() - it.min() }) * scale
        val share = distance / (expected.size / 3) / faceSize
        assertTrue("$what: landmarks lie ${"%.3f".format(share)} face widths beside the face", share < 0.03)
    }

    /** The box of the landmarks that Python finds in the photo drawn [scale] times as large at [left], [top] px. */
    fun box(file: String, scale: Float, left: Float, top: Float): RectF {
        val points = model(file).child("photo").floats("points")
        val x = points.filterIndexed { i, _ -> i % 3 == 0 }
        val y = points.filterIndexed { i, _ -> i % 3 == 1 }
        return RectF(x.min() * scale + left, y.min() * scale + top, x.max() * scale + left, y.max() * scale + top)
    }
}
