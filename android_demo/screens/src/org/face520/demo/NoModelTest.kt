package org.face520.demo

import android.app.Activity
import android.content.Intent
import android.view.View
import java.io.File
import org.face520.android.RunningNetwork
import org.face520.demo.benchmark.BenchmarkActivity
import org.face520.demo.live.LiveActivity
import org.face520.demo.photo.PhotoActivity
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.annotation.Config
import org.robolectric.annotation.GraphicsMode

/** Every screen of an app that was built without a landmark model says so, and opens nothing. */
@RunWith(NoModelRunner::class)
@GraphicsMode(GraphicsMode.Mode.NATIVE)
@Config(sdk = [35], qualifiers = "w411dp-h891dp-port-hdpi")
class NoModelTest {
    @After
    fun `nothing is left open`() {
        Screen.leaveAll()
        for (thread in listOf("frames", "photo")) {
            Phone.waitFor("the thread $thread has ended") { Phone.threads(thread) == 0 }
        }
        assertEquals("interpreters left open", 0, RunningNetwork.openCount)
        assertEquals("cameras left open", 0, Phone.openCameras())
    }

    private val missing: String get() = Phone.app.getString(R.string.model_missing)

    @Test
    fun `live, with a camera that may be used, which is not opened`() {
        Phone.allowCamera()
        Phone.addCamera(front = true, sensorDeg = 270)
        val screen = Screen.show<LiveActivity>()
        screen.picture("live_no_model")
        assertEquals(missing, screen.text(R.id.message))
        assertFalse("nothing to allow", screen.isShown(R.id.allow))
        assertEquals(0, Phone.openCameras())
        screen.activity.findViewById<View>(R.id.settings).performClick()
        assertEquals(emptyList<String>(), screen.faults())
        screen.controller.pause().resume().recreate()
        assertEquals(missing, screen.text(R.id.message))
        screen.leave()
    }

    @Test
    @Config(qualifiers = "w320dp-h533dp-port-hdpi", fontScale = 2f)
    fun `live, with the largest text on a small phone`() {
        val screen = Screen.show<LiveActivity>()
        assertTrue(screen.isShown(R.id.message))
        assertEquals(emptyList<String>(), screen.faults())
        screen.leave()
    }

    @Test
    fun photo() {
        val screen = Screen.show<PhotoActivity>()
        val photo = Phone.addPhoto(File("edge_runtime/photos/astronaut.jpg"))
        screen.activity.take(Activity.RESULT_OK, Intent().setData(photo))
        screen.picture("photo_no_model")
        assertEquals(missing, screen.text(R.id.text))
        assertFalse("still busy", screen.isShown(R.id.busy))
        assertFalse(screen.activity.findViewById<View>(R.id.share).isEnabled)
        screen.leave()
    }

    @Test
    fun benchmark() {
        val screen = Screen.show<BenchmarkActivity>()
        screen.activity.findViewById<View>(R.id.run).performClick()
        assertEquals(missing, screen.text(R.id.result))
        assertTrue("it can be asked again", screen.activity.findViewById<View>(R.id.run).isEnabled)
        screen.leave()
    }
}
