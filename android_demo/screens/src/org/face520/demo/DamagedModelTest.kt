package org.face520.demo

import android.app.Activity
import android.content.Intent
import android.view.View
import android.widget.Spinner
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

/** A model that does not load is named on every screen; the detector, loaded before it, is closed. */
@RunWith(DamagedModelRunner::class)
@GraphicsMode(GraphicsMode.Mode.NATIVE)
@Config(sdk = [35], qualifiers = "w411dp-h891dp-port-hdpi")
class DamagedModelTest {
    @After
    fun `nothing is left open`() {
        Screen.leaveAll()
        Phone.waitFor("all interpreters are closed") { RunningNetwork.openCount == 0 }
        assertEquals("cameras left open", 0, Phone.openCameras())
    }

    @Test
    fun `live says which, and goes on with another one`() {
        Phone.allowCamera()
        Phone.addCamera(front = true, sensorDeg = 270)
        val screen = Screen.show<LiveActivity>()
        Phone.waitFor("the message") { DAMAGED_MODEL in screen.text(R.id.message) }
        assertTrue("found out by LiteRT: ${screen.text(R.id.message)}", "LiteRT" in screen.text(R.id.message))
        assertEquals(0, RunningNetwork.openCount)
        screen.picture("live_damaged_model")
        assertEquals(emptyList<String>(), screen.faults())
        screen.activity.findViewById<View>(R.id.settings).performClick()
        screen.layOut()
        val models = screen.activity.findViewById<Spinner>(R.id.model)
        models.setSelection((0 until models.count).first { models.getItemAtPosition(it) == "small int8" })
        screen.layOut()
        Phone.waitFor("the other one is loaded") { screen.activity.pipeline!!.isReady }
        assertFalse("the message is gone", screen.isShown(R.id.notice))
        assertEquals("detector and model", 2, RunningNetwork.openCount)
        screen.leave()
    }

    @Test
    fun photo() {
        val screen = Screen.show<PhotoActivity>()
        val photo = Phone.addPhoto(File("edge_runtime/photos/astronaut.jpg"))
        screen.activity.take(Activity.RESULT_OK, Intent().setData(photo))
        Phone.waitFor("the message") { DAMAGED_MODEL in screen.text(R.id.text) }
        assertFalse(screen.activity.findViewById<View>(R.id.share).isEnabled)
        assertEquals(0, RunningNetwork.openCount)
        screen.leave()
    }

    @Test
    fun benchmark() {
        val screen = Screen.show<BenchmarkActivity>()
        screen.activity.findViewById<View>(R.id.run).performClick()
        Phone.waitFor("the message") { DAMAGED_MODEL in screen.text(R.id.result) }
        assertTrue(screen.activity.findViewById<View>(R.id.run).isEnabled)
        assertFalse(screen.activity.findViewById<View>(R.id.share).isEnabled)
        screen.leave()
    }
}
