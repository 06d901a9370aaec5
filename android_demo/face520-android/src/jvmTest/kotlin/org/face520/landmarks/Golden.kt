package org.face520.landmarks

import java.io.File
import java.nio.ByteBuffer
import java.nio.ByteOrder
import javax.imageio.ImageIO
import org.junit.Assert.assertEquals

/** The golden vectors that `python -m android_demo.golden` wrote, and what tests need to use them. */
internal object Golden {
    private val folder = File(System.getProperty("face520.golden") ?: "../../build/android/golden")

    val json: JsonObject by lazy {
        val file = File(folder, "golden.json")
        check(file.isFile) { "$file is absent. Run: python -m android_demo.golden ${folder.path}" }
        Json.parseObject(file.readText())
    }

    val layout: Layout by lazy { Layout.fromJson(File(json.string("layout")).readText()) }

    /** The released models, and one with made-up outputs. */
    val models: List<JsonObject> by lazy { json.children("models") + json.child("made_up_model") }

    val photo: PixelImage by lazy { picture("photo.png") }

    /** A PNG of the golden folder. */
    fun picture(name: String): PixelImage {
        val read = ImageIO.read(File(folder, name))
        val image = PixelImage(read.width, read.height)
        read.getRGB(0, 0, read.width, read.height, image.argb, 0, read.width)
        return image
    }

    /** A model file as the app maps it. */
    fun model(path: String): ByteBuffer {
        val bytes = File(path).readBytes()
        return ByteBuffer.allocateDirect(bytes.size).put(bytes).order(ByteOrder.nativeOrder())
    }

    fun region(stored: JsonObject) = CropRegion().apply {
        set(stored.double("center_x"), stored.double("center_y"), stored.double("side_px"), stored.double("roll_deg"))
    }

    /** An array with NaN for null. */
    fun floatsOrNaN(stored: JsonObject, name: String): FloatArray =
        stored.list(name).map { (it as Double?)?.toFloat() ?: Float.NaN }.toFloatArray()

    /** The face that a JSON object of the golden vectors stands for, without its pose. */
    fun face(stored: JsonObject) = Face(layout.size).apply {
        stored.floats("points").copyInto(points)
        stored.floats("visibility").copyInto(visibility)
        floatsOrNaN(stored, "expression").copyInto(expression)
        presence = stored.double("presence").toFloat()
    }

    /** Each expected value within a tolerance of the actual one. */
    fun assertClose(what: String, expected: FloatArray, actual: FloatArray, tolerance: Float) {
        assertEquals("$what: count", expected.size, actual.size)
        // NaN equals NaN here.
        for (i in expected.indices) assertEquals("$what, value $i", expected[i], actual[i], tolerance)
    }

    /** An angle within a tolerance; -180 and 180 degrees are the same. */
    fun assertAngle(what: String, expected: Double, actual: Double, tolerance: Double) {
        val turn = Math.floorMod(Math.round((actual - expected) * 1e6), 360_000_000L) / 1e6
        assertEquals(what, 0.0, minOf(turn, 360 - turn), tolerance)
    }

    fun assertPose(what: String, stored: JsonObject, face: Face, tolerance: Double) {
        val pose = stored.floats("pose")
        assertAngle("$what: yaw", pose[0].toDouble(), face.yawDeg.toDouble(), tolerance)
        assertAngle("$what: pitch", pose[1].toDouble(), face.pitchDeg.toDouble(), tolerance)
        assertAngle("$what: roll", pose[2].toDouble(), face.rollDeg.toDouble(), tolerance)
    }
}
