package org.face520.demo.live

import android.graphics.Bitmap
import android.graphics.Canvas
import android.graphics.Rect
import java.util.concurrent.CountDownLatch
import java.util.concurrent.TimeUnit
import org.face520.demo.CameraPicture
import org.face520.demo.Golden
import org.face520.demo.Phone
import org.face520.demo.R
import org.face520.demo.Screen
import org.face520.demo.ScreenRunner
import org.face520.demo.camera.CameraChoice
import org.face520.demo.camera.FrameRotation
import org.face520.demo.inference.ModelCatalog
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.annotation.Config
import org.robolectric.annotation.GraphicsMode

private const val FRAMES = 4
private const val FRAME_MS = 33.0
private const val PHOTO_PX = 480 // in the camera's picture
private const val MARGIN_PX = 80

/** Camera frames to landmarks on the screen, with the real networks. */
@RunWith(ScreenRunner::class)
@GraphicsMode(GraphicsMode.Mode.NATIVE)
@Config(sdk = [35], qualifiers = "w411dp-h891dp-port-420dpi")
class LiveScreenTest {
    private val model = "face520_small_int8.tflite"

    /** The photo in the middle of an upright camera picture. */
    private fun upright(isLandscape: Boolean): Bitmap {
        val wide = Bitmap.createBitmap(PHOTO_PX + 2 * MARGIN_PX, PHOTO_PX, Bitmap.Config.ARGB_8888)
        val bitmap = if (isLandscape) wide else Bitmap.createBitmap(wide.height, wide.width, Bitmap.Config.ARGB_8888)
        val left = if (isLandscape) MARGIN_PX else 0
        val top = if (isLandscape) 0 else MARGIN_PX
        Canvas(bitmap).drawBitmap(Phone.photo, null, Rect(left, top, left + PHOTO_PX, top + PHOTO_PX), null)
        return bitmap
    }

    private fun show(screen: Screen<LiveActivity>, front: Boolean, displayDeg: Int) {
        val pipeline = checkNotNull(screen.activity.pipeline)
        pipeline.displayDeg = displayDeg
        val camera = checkNotNull(CameraChoice.find(Phone.cameras, front))
        val rotation = FrameRotation.degrees(camera.sensorDeg, displayDeg, front)
        val seen = CameraPicture.turned(upright(isLandscape = displayDeg % 180 == 90), rotation)
        assertEquals("a camera's frame lies on its side", 640, seen.width)
        val latch = CountDownLatch(FRAMES)
        repeat(FRAMES) { number ->
            screen.activity.handler.post {
                pipeline.process(CameraPicture(seen, (number + 1) * FRAME_MS), camera)
                latch.countDown()
            }
        }
        assertTrue(latch.await(120, TimeUnit.SECONDS))
    }

    @Test
    fun `a face is found however phone and camera are turned`() {
        Phone.allowCamera()
        Phone.addCamera(front = true, sensorDeg = 270)
        Phone.addCamera(front = false, sensorDeg = 90)
        org.face520.demo.inference.SettingsStore(Phone.app, listOf(model)).chooseModel(model)
        val screen = Screen.open<LiveActivity>()
        val pipeline = checkNotNull(screen.activity.pipeline)
        Phone.waitFor("the model is loaded") { pipeline.isReady }
        for (front in listOf(true, false)) for (displayDeg in listOf(0, 90, 180, 270)) {
            show(screen, front, displayDeg)
            val frame = checkNotNull(screen.activity.exchange?.latest())
            val what = "front $front, display turned by $displayDeg"
            assertTrue("$what: no face", frame.hasFace)
            val isLandscape = displayDeg % 180 == 90
            Golden.assertOnFace(
                what, model, frame.face.points, PHOTO_PX / 512f,
                if (isLandscape) MARGIN_PX.toFloat() else 0f, if (isLandscape) 0f else MARGIN_PX.toFloat(),
            )
        }
        screen.leave()
    }

    @Test
    fun `landmarks are drawn on the face and nowhere else`() {
        Phone.allowCamera()
        Phone.addCamera(front = false, sensorDeg = 90)
        val screen = Screen.open<LiveActivity>()
        Phone.waitFor("the model is loaded") { checkNotNull(screen.activity.pipeline).isReady }
        show(screen, front = false, displayDeg = 0)
        val view = screen.activity.findViewById<OverlayView>(R.id.overlay)
        for (style in org.face520.overlay.OverlayStyle.values()) {
            view.style = style
            screen.picture("live_${style.name.lowercase()}")
        }
        screen.leave()
    }

    @Test
    fun `without permission the screen asks and explains`() {
        Phone.addCamera(front = true, sensorDeg = 270)
        val screen = Screen.open<LiveActivity>()
        screen.picture("live_permission")
        assertEquals(Phone.app.getString(R.string.camera_permission), screen.text(R.id.message))
        assertTrue(screen.isShown(R.id.allow))
        screen.leave()
    }

    @Test
    fun `without a camera the screen says so`() {
        Phone.allowCamera()
        val screen = Screen.open<LiveActivity>()
        Phone.waitFor("the message") { screen.text(R.id.message) == Phone.app.getString(R.string.no_camera) }
        screen.leave()
    }
}
