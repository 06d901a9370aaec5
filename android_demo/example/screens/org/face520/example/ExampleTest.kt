package org.face520.example

import android.graphics.Bitmap
import android.graphics.BitmapFactory
import android.os.Looper
import android.view.ViewGroup
import android.widget.TextView
import androidx.camera.core.ImageInfo
import androidx.camera.core.ImageProxy
import java.io.File
import java.nio.ByteBuffer
import org.face520.demo.CameraPicture
import org.json.JSONObject
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import org.robolectric.annotation.GraphicsMode

/** The example with the real networks, shrunk by the rules of the AAR. */
@RunWith(RobolectricTestRunner::class)
@GraphicsMode(GraphicsMode.Mode.NATIVE)
@Config(sdk = [35])
class ExampleTest {
    private val photo: Bitmap = BitmapFactory.decodeFile("edge_runtime/photos/astronaut.jpg")

    /** x and y of the landmarks that Python finds in the photo. */
    private fun expected(): List<Pair<Double, Double>> {
        val golden = File(checkNotNull(System.getProperty("face520.golden")), "screens.json").readText()
        val models = JSONObject(golden).getJSONArray("models")
        val main = (0 until models.length()).map { models.getJSONObject(it) }
            .first { it.getString("path").endsWith("face520_main_int8.tflite") }
        val points = main.getJSONObject("photo").getJSONArray("points")
        return (0 until points.length()).map { points.getJSONArray(it) }.map { it.getDouble(0) to it.getDouble(1) }
    }

    @Test
    fun `a photo gets a point on each landmark, and nowhere else`() {
        val drawn = withLandmarks(RuntimeEnvironment.getApplication(), photo)
        val points = expected()
        val hits = points.count { (x, y) -> drawn.getPixel(x.toInt(), y.toInt()) != photo.getPixel(x.toInt(), y.toInt()) }
        assertTrue("$hits of ${points.size} landmarks are drawn where Python finds them", hits > 0.95 * points.size)
        val radius = 8
        for (y in 0 until photo.height) for (x in 0 until photo.width) {
            if (drawn.getPixel(x, y) == photo.getPixel(x, y)) continue
            assertTrue("a point at $x, $y", points.any { (px, py) -> Math.hypot(px - x, py - y) < radius })
        }
    }

    @Test
    fun `the camera's frames are told of on the main thread, until the screen is left`() {
        val controller = Robolectric.buildActivity(ExampleActivity::class.java).setup()
        val activity = controller.get()
        val text = activity.findViewById<ViewGroup>(android.R.id.content).getChildAt(0) as TextView
        val seen = CameraPicture.turned(photo, ROTATION_DEG)
        val end = System.nanoTime() + 60_000_000_000
        var frames = 0
        while (!text.text.startsWith("1 face, yaw")) {
            assertTrue("not within a minute; the screen says '${text.text}'", System.nanoTime() < end)
            val frame = Proxy(CameraPicture(seen, ++frames * 33.0))
            activity.analyzer.analyze(frame)
            assertTrue("a frame that is not closed stops CameraX", frame.picture.isClosed)
            Thread.sleep(20)
            shadowOf(Looper.getMainLooper()).idle()
        }
        controller.pause().stop().destroy()
        assertEquals(0, Thread.getAllStackTraces().keys.count { it.name == "face520" && it.isAlive })
        val last = text.text
        activity.analyzer.analyze(Proxy(CameraPicture(seen, ++frames * 33.0)))
        shadowOf(Looper.getMainLooper()).idle()
        assertEquals(last, text.text)
    }

    private class Proxy(val picture: CameraPicture) : ImageProxy, ImageInfo {
        override fun getWidth() = picture.width

        override fun getHeight() = picture.height

        override fun getImageInfo(): ImageInfo = this

        override fun getTimestamp() = picture.timestamp

        override fun getRotationDegrees() = ROTATION_DEG

        override fun close() = picture.close()

        override fun getPlanes(): Array<ImageProxy.PlaneProxy> = Array(3) {
            val plane = picture.planes[it]
            object : ImageProxy.PlaneProxy {
                override fun getRowStride() = plane.rowStride

                override fun getPixelStride() = plane.pixelStride

                override fun getBuffer(): ByteBuffer = plane.buffer
            }
        }
    }

    private companion object {
        const val ROTATION_DEG = 90
    }
}
