package org.face520.demo.live

import android.Manifest
import android.content.pm.PackageManager
import android.graphics.Bitmap
import android.graphics.Canvas
import android.graphics.Color
import android.graphics.Rect
import android.os.Bundle
import android.view.View
import android.widget.Button
import android.widget.CheckBox
import android.widget.RadioButton
import android.widget.RadioGroup
import java.util.concurrent.CountDownLatch
import java.util.concurrent.TimeUnit
import org.face520.android.RunningNetwork
import org.face520.demo.CameraPicture
import org.face520.demo.Golden
import org.face520.demo.Phone
import org.face520.demo.R
import org.face520.demo.Screen
import org.face520.demo.ScreenRunner
import org.face520.demo.camera.CameraChoice
import org.face520.demo.camera.FrameRotation
import org.face520.demo.inference.SettingsStore
import org.face520.landmarks.Stage
import org.face520.overlay.OverlayStyle
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import org.robolectric.annotation.GraphicsMode

private const val FRAMES = 4
private const val FRAME_MS = 33.0
private const val PHOTO_PX = 640 // in the camera's picture, which cuts it off at the sides or below
private const val LEFT_PX = -80 // of the photo in an upright picture
private val HEAD = Rect(110, 20, 350, 260)
private const val MODEL = "face520_small_int8.tflite"

/** Camera frames to landmarks on the screen, with the real networks, and what the screen says without them. */
@RunWith(ScreenRunner::class)
@GraphicsMode(GraphicsMode.Mode.NATIVE)
@Config(sdk = [35], qualifiers = "w411dp-h891dp-port-hdpi")
class LiveScreenTest {
    @After
    fun `nothing is left open`() {
        Screen.leaveAll()
        Phone.waitFor("all threads of the screens have ended") { Phone.threads("frames") == 0 }
        assertEquals("interpreters left open", 0, RunningNetwork.openCount)
        assertEquals("cameras left open", 0, Phone.openCameras())
    }

    private fun string(id: Int): String = Phone.app.getString(id)

    private fun openWithCamera(front: Boolean): Screen<LiveActivity> {
        Phone.allowCamera()
        Phone.addCamera(front, sensorDeg = if (front) 270 else 90)
        SettingsStore(Phone.app, listOf(MODEL)).chooseModel(MODEL)
        val screen = Screen.show<LiveActivity>()
        Phone.waitFor("the model is loaded") { screen.activity.pipeline!!.isReady }
        return screen
    }

    /** The photo over all of a camera picture; or its head twice, side by side in a wide one. */
    private fun upright(isLandscape: Boolean, two: Boolean = false): Bitmap {
        val w = if (isLandscape) 640 else 480
        val bitmap = Bitmap.createBitmap(w, 640 + 480 - w, Bitmap.Config.ARGB_8888)
        val canvas = Canvas(bitmap)
        canvas.drawColor(Color.DKGRAY)
        if (two) {
            for (left in listOf(10, w - 310)) canvas.drawBitmap(Phone.photo, HEAD, Rect(left, 90, left + 300, 390), null)
            return bitmap
        }
        val left = if (isLandscape) 0 else LEFT_PX
        canvas.drawBitmap(Phone.photo, null, Rect(left, 0, left + PHOTO_PX, PHOTO_PX), null)
        return bitmap
    }

    /** Gives the pipeline frames as its camera would. */
    private fun show(
        screen: Screen<LiveActivity>,
        front: Boolean,
        displayDeg: Int,
        two: Boolean = false,
        count: Int = FRAMES,
        firstMs: Double = FRAME_MS,
    ) {
        val pipeline = checkNotNull(screen.activity.pipeline)
        pipeline.displayDeg = displayDeg
        val camera = checkNotNull(CameraChoice.find(Phone.cameras, front))
        val rotation = FrameRotation.degrees(camera.sensorDeg, displayDeg, front)
        val seen = CameraPicture.turned(upright(displayDeg % 180 == 90, two), rotation)
        assertEquals("a camera's frame lies on its side", 640, seen.width)
        val latch = CountDownLatch(count)
        repeat(count) { number ->
            screen.activity.handler.post {
                pipeline.process(CameraPicture(seen, firstMs + number * FRAME_MS), camera)
                latch.countDown()
            }
        }
        assertTrue(latch.await(120, TimeUnit.SECONDS))
    }

    @Test
    fun `a face is found however phone and camera are turned`() {
        Phone.addCamera(front = false, sensorDeg = 90)
        val screen = openWithCamera(front = true)
        for (front in listOf(true, false)) for (displayDeg in listOf(0, 90, 180, 270)) {
            show(screen, front, displayDeg)
            val frame = checkNotNull(screen.activity.exchange?.latest())
            val what = "front $front, display turned by $displayDeg"
            assertEquals("$what: faces", 1, frame.faces.count)
            val isLandscape = displayDeg % 180 == 90
            Golden.assertOnFace(
                what, MODEL, frame.faces[0].points, PHOTO_PX / 512f, if (isLandscape) 0f else LEFT_PX.toFloat(), 0f,
            )
        }
        screen.leave()
    }

    @Test
    fun `two faces are followed at once, each with its number`() {
        val screen = openWithCamera(front = false)
        show(screen, front = false, displayDeg = 90, two = true)
        val faces = checkNotNull(screen.activity.exchange?.latest()).faces
        assertEquals(listOf(0, 1), (0 until faces.count).map { faces[it].trackId })
        screen.picture("live_two")
        Phone.waitFor("the screen reader is told") {
            shadowOf(android.os.Looper.getMainLooper()).idleFor(3, TimeUnit.SECONDS)
            "2 faces" in screen.activity.findViewById<View>(R.id.overlay).contentDescription
        }
        screen.leave()
    }

    private fun choose(screen: Screen<LiveActivity>, style: OverlayStyle) {
        val chips = screen.activity.findViewById<RadioGroup>(R.id.styles)
        chips.getChildAt(style.ordinal).performClick()
    }

    /** Ticks boxes of the settings, which are opened for it and closed again. */
    private fun check(screen: Screen<LiveActivity>, vararg boxes: Int) {
        val settings = screen.activity.findViewById<View>(R.id.settings)
        settings.performClick()
        screen.layOut()
        for (id in boxes) {
            val box = screen.activity.findViewById<CheckBox>(id)
            box.performClick()
            assertTrue(box.isChecked)
        }
        settings.performClick()
    }

    private fun isWholeAndChecked(screen: Screen<LiveActivity>, style: OverlayStyle): Boolean {
        screen.layOut()
        val chip = screen.activity.findViewById<RadioGroup>(R.id.styles).getChildAt(style.ordinal) as RadioButton
        val visible = Rect()
        return chip.isChecked && chip.getGlobalVisibleRect(visible) && visible.width() == chip.width
    }

    @Test
    fun `what is drawn lies on the face`() {
        val screen = openWithCamera(front = false)
        show(screen, front = false, displayDeg = 0)
        val view = screen.activity.findViewById<OverlayView>(R.id.overlay)
        choose(screen, OverlayStyle.NONE)
        val plain = screen.picture("live_nothing")
        val image = checkNotNull(screen.activity.exchange?.latest()).image
        // The picture fills the screen's height and is cut off at both sides.
        val scale = view.height / image.height.toFloat()
        val left = (view.width - image.width * scale) / 2
        val top = screen.top(R.id.overlay)
        val face = Golden.box(MODEL, PHOTO_PX / 512f, LEFT_PX.toFloat(), 0f)
        for (style in OverlayStyle.values().filter { it != OverlayStyle.NONE }) {
            choose(screen, style)
            assertEquals(style, view.style)
            assertTrue("the chip of $style is whole, and lit", isWholeAndChecked(screen, style))
            val drawn = screen.picture("live_${style.name.lowercase()}")
            val changed = Screen.difference(plain, drawn) { x, y -> y > view.height / 8 && y < screen.top(R.id.sheet) }
            val box = Rect(
                (left + face.left * scale).toInt(), (top + face.top * scale).toInt(),
                (left + face.right * scale).toInt(), (top + face.bottom * scale).toInt(),
            )
            val margin = box.width() / 12
            assertTrue("$style changes $changed", changed.width() > box.width() / 2 && changed.height() > box.height() / 3)
            box.inset(-margin, -margin)
            assertTrue("$style changes $changed, the face is in $box", box.contains(changed))
        }
        screen.leave()
    }

    @Test
    fun `all figures are whole, and the settings too`() {
        val screen = openWithCamera(front = true)
        show(screen, front = true, displayDeg = 0)
        check(screen, R.id.details, R.id.blendshapes)
        screen.picture("live_details")
        screen.activity.findViewById<View>(R.id.settings).performClick()
        assertEquals(emptyList<String>(), screen.faults())
        screen.picture("live_settings")
        screen.leave()
    }

    @Test
    fun `threads that XNNPACK ignores are not claimed`() {
        SettingsStore(Phone.app, listOf(MODEL)).threads = 2
        val screen = openWithCamera(front = true)
        show(screen, front = true, displayDeg = 0)
        val frame = checkNotNull(screen.activity.exchange?.latest())
        assertTrue(frame.runtime, frame.runtime.endsWith("1 thread"))
        screen.activity.findViewById<View>(R.id.settings).performClick()
        screen.layOut()
        assertTrue(screen.isShown(R.id.threads_ignored))
        screen.leave()
    }

    @Test
    fun `the first start explains itself and asks only when it is told to`() {
        Phone.addCamera(front = true, sensorDeg = 270)
        val screen = Screen.show<LiveActivity>()
        screen.picture("live_first_start")
        assertEquals(emptyList<String>(), screen.faults())
        assertEquals(string(R.string.welcome), screen.text(R.id.title))
        assertEquals(null, shadowOf(screen.activity).lastRequestedPermission)
        screen.activity.findViewById<View>(R.id.allow).performClick()
        val asked = checkNotNull(shadowOf(screen.activity).lastRequestedPermission)
        assertEquals(listOf(Manifest.permission.CAMERA), asked.requestedPermissions.toList())
        screen.leave()
    }

    private fun answer(screen: Screen<LiveActivity>, wantsExplanation: Boolean) {
        val permission = Manifest.permission.CAMERA
        shadowOf(Phone.app.packageManager).setShouldShowRequestPermissionRationale(permission, wantsExplanation)
        val denied = intArrayOf(PackageManager.PERMISSION_DENIED)
        screen.activity.onRequestPermissionsResult(1, arrayOf(permission), denied)
    }

    @Test
    fun `settings are opened only after the camera was refused for good`() {
        Phone.addCamera(front = true, sensorDeg = 270)
        val screen = Screen.show<LiveActivity>()
        val button = screen.activity.findViewById<Button>(R.id.allow)
        answer(screen, wantsExplanation = false) // the question was closed, not answered
        assertEquals(string(R.string.allow), button.text)
        button.performClick()
        val asked = checkNotNull(shadowOf(screen.activity).nextStartedActivity)
        assertEquals("asks again", "android.content.pm.action.REQUEST_PERMISSIONS", asked.action)
        answer(screen, wantsExplanation = true)
        assertEquals(string(R.string.allow), button.text)
        screen.picture("live_refused")
        answer(screen, wantsExplanation = false)
        assertEquals(string(R.string.open_settings), button.text)
        button.performClick()
        val opened = checkNotNull(shadowOf(screen.activity).nextStartedActivity)
        assertEquals(android.provider.Settings.ACTION_APPLICATION_DETAILS_SETTINGS, opened.action)
        screen.leave()
    }

    @Test
    fun `what is missing is said, each thing beside the others`() {
        Phone.allowCamera()
        val screen = Screen.show<LiveActivity>()
        Phone.waitFor("the message") { string(R.string.no_camera) == screen.text(R.id.message) }
        val notices = ArrayList<String>()
        val all = Notices { notices.add(it.text) }
        all[Matter.CAMERA] = "camera"
        all[Matter.MODEL] = "model"
        all[Matter.CAMERA] = null
        assertEquals(listOf("camera", "model\n\ncamera", "model"), notices)
        screen.leave()
    }

    @Test
    fun `a camera in use is named as such, and opened again after a pause`() {
        val screen = openWithCamera(front = true)
        Phone.waitFor("the camera is open") { Phone.openCameras() == 1 }
        Phone.takeCamera()
        Phone.waitFor("the message") { string(R.string.camera_in_use) == screen.text(R.id.message) }
        screen.picture("live_in_use")
        screen.controller.pause().resume()
        Phone.waitFor("the camera is open again") { Phone.openCameras() == 1 }
        assertFalse(screen.isShown(R.id.notice))
        screen.leave()
    }

    @Test
    fun `left while its thread is busy, the screen opens no camera and keeps none`() {
        Phone.allowCamera()
        Phone.addCamera(front = true, sensorDeg = 270)
        val screen = Screen(org.robolectric.Robolectric.buildActivity(LiveActivity::class.java).create().start())
        val busy = CountDownLatch(1)
        screen.activity.handler.post { busy.await() } // as a model that loads for a while
        screen.controller.resume()
        screen.leave()
        busy.countDown()
    }

    @Test
    fun `left while the camera opens, the screen closes it`() {
        Phone.allowCamera()
        Phone.addCamera(front = true, sensorDeg = 270)
        val screen = Screen(org.robolectric.Robolectric.buildActivity(LiveActivity::class.java).create().start())
        val opened = CountDownLatch(1)
        val left = CountDownLatch(1)
        screen.controller.resume()
        // Queued after the opening, before what the camera answers is worked on.
        screen.activity.handler.post {
            opened.countDown()
            left.await()
        }
        assertTrue(opened.await(60, TimeUnit.SECONDS))
        screen.leave()
        left.countDown()
    }

    @Test
    fun `killed in the background, the screen comes back as it was, with its camera`() {
        val screen = openWithCamera(front = true)
        choose(screen, OverlayStyle.MESH)
        screen.activity.findViewById<View>(R.id.settings).performClick()
        val state = Bundle()
        screen.controller.pause().stop().saveInstanceState(state)
        screen.leave()
        Phone.waitFor("its thread has ended") { Phone.threads("frames") == 0 }
        val later = Screen(org.robolectric.Robolectric.buildActivity(LiveActivity::class.java).setup(state))
        Phone.waitFor("the model is loaded") { later.activity.pipeline!!.isReady }
        Phone.waitFor("the camera is open") { Phone.openCameras() == 1 }
        assertEquals(OverlayStyle.MESH, later.activity.findViewById<OverlayView>(R.id.overlay).style)
        assertTrue("the settings are open", later.isShown(R.id.settings_panel))
        show(later, front = true, displayDeg = 0)
        assertEquals(1, later.activity.exchange?.latest()?.faces?.count)
        later.leave()
    }

    @Test
    fun `drawing a frame again adds no time to it`() {
        val screen = openWithCamera(front = false)
        show(screen, front = false, displayDeg = 0)
        choose(screen, OverlayStyle.MESH)
        val times = checkNotNull(screen.activity.exchange?.latest()).times
        val before = times.totalMs - times.ms(Stage.DRAW)
        screen.layOut()
        screen.draw()
        val once = times.ms(Stage.DRAW)
        assertEquals("the other stages", before, times.totalMs - once, 1e-3f)
        repeat(20) { screen.draw() }
        assertTrue("$once ms, then ${times.ms(Stage.DRAW)} ms", times.ms(Stage.DRAW) < 10 * once)
        screen.leave()
    }

    @Test
    @Config(qualifiers = "w320dp-h533dp-port-hdpi", fontScale = 2f)
    fun `all figures in the largest text stay clear of the controls on a small phone`() {
        val screen = openWithCamera(front = true)
        show(screen, front = true, displayDeg = 0)
        check(screen, R.id.details, R.id.blendshapes)
        screen.picture("live_details_largest_text")
        val figures = screen.activity.findViewById<OverlayView>(R.id.overlay).figures
        assertTrue("${figures.textEnd} of ${screen.top(R.id.sheet)}", figures.textEnd in 1f..screen.top(R.id.sheet).toFloat())
        assertTrue("clear of the system's bar", figures.textTop >= screen.top(R.id.overlay))
        screen.activity.findViewById<View>(R.id.settings).performClick()
        screen.picture("live_details_settings_largest_text")
        assertTrue("also above the settings", figures.textEnd <= screen.top(R.id.sheet))
        screen.leave()
    }

    @Test
    fun `turned, paused and killed, the screen goes on with the user's settings`() {
        val screen = openWithCamera(front = true)
        SettingsStore(Phone.app, listOf(MODEL)).style = OverlayStyle.MASK
        screen.controller.pause().resume()
        Phone.waitFor("the model is loaded again") { screen.activity.pipeline!!.isReady }
        screen.controller.recreate()
        assertEquals(OverlayStyle.MASK, screen.activity.findViewById<OverlayView>(R.id.overlay).style)
        Phone.waitFor("the model is loaded once more") { screen.activity.pipeline!!.isReady }
        screen.leave()
    }
}
