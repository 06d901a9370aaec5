package org.face520.demo.benchmark

import android.content.Intent
import android.view.View
import java.io.File
import org.face520.android.RunningNetwork
import org.face520.demo.Phone
import org.face520.demo.R
import org.face520.demo.Screen
import org.face520.demo.ScreenRunner
import org.face520.landmarks.Json
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.annotation.Config
import org.robolectric.annotation.GraphicsMode

private const val MODEL = "face520_small_int8.tflite"

@RunWith(ScreenRunner::class)
@GraphicsMode(GraphicsMode.Mode.NATIVE)
@Config(sdk = [35], qualifiers = "w411dp-h891dp-port-hdpi")
class BenchmarkScreenTest {
    private val folder: File get() = Phone.app.getExternalFilesDir(null)!!

    @After
    fun `nothing is left open`() {
        Screen.leaveAll()
        Phone.waitFor("all interpreters are closed") { RunningNetwork.openCount == 0 }
    }

    private fun request(model: String, threads: Int, seconds: Float): Screen<BenchmarkActivity> {
        val intent = Intent().putExtra("run", true).putExtra("model", model)
        intent.putExtra("threads", threads).putExtra("sustained_seconds", seconds)
        return Screen(Robolectric.buildActivity(BenchmarkActivity::class.java, intent).setup())
    }

    private fun run(screen: Screen<BenchmarkActivity>) = screen.activity.findViewById<View>(R.id.run).performClick()

    @Test
    fun `a request over adb leaves a whole report, with the threads that really ran`() {
        val screen = request(MODEL, threads = 2, seconds = 0f)
        val report = File(folder, "benchmark.json")
        Phone.waitFor("the report") { report.isFile }
        val latency = Json.parseObject(report.readText()).children("latency").single()
        assertEquals(MODEL, latency.string("model"))
        assertEquals(1, latency.int("threads"))
        Phone.waitFor("the screen shows it") { screen.activity.findViewById<View>(R.id.share).isEnabled }
        screen.picture("benchmark_result")
        assertEquals(emptyList<String>(), screen.faults())
        screen.controller.recreate()
        assertTrue("kept when the phone is turned", screen.activity.findViewById<View>(R.id.share).isEnabled)
        File(Phone.app.cacheDir, "shared").apply { deleteRecursively() }.writeText("in the folder's way")
        screen.activity.findViewById<View>(R.id.share).performClick()
        val expected = Phone.app.getString(R.string.share_failed, "").trim()
        assertTrue(screen.text(R.id.result), screen.text(R.id.result).startsWith(expected))
        screen.leave()
    }

    @Test
    fun `a request is held within what a phone can do`() {
        val intent = Intent().putExtra("run", true).putExtra("model", MODEL)
        intent.putExtra("threads", Int.MAX_VALUE).putExtra("sustained_seconds", Float.POSITIVE_INFINITY)
        val request = checkNotNull(BenchmarkRequest.of(intent))
        assertEquals(Runtime.getRuntime().availableProcessors(), request.options.threads)
        assertEquals(600.0, request.sustainedSeconds, 0.0)
        intent.putExtra("threads", -3).putExtra("sustained_seconds", Float.NaN)
        val least = checkNotNull(BenchmarkRequest.of(intent))
        assertEquals(1, least.options.threads)
        assertEquals(0.0, least.sustainedSeconds, 0.0)
    }

    @Test
    fun `no other app can start a benchmark`() {
        val name = android.content.ComponentName(Phone.app, BenchmarkActivity::class.java)
        assertEquals("android.permission.DUMP", Phone.app.packageManager.getActivityInfo(name, 0).permission)
    }

    @Test
    fun `a request for what is no model of the app is refused with the reason`() {
        for (model in listOf("../../etc/passwd", "layout520.json", "blazeface_short_range.tflite")) {
            val screen = request(model, threads = 1, seconds = 0f)
            val reason = File(folder, "benchmark_error.txt")
            assertTrue(reason.readText(), model in reason.readText())
            assertEquals(reason.readText(), screen.text(R.id.result))
            reason.delete()
            screen.leave()
        }
    }

    @Test
    fun `made anew in the middle of a run, as for another language, the screen says that it was broken off`() {
        val screen = Screen.show<BenchmarkActivity>()
        run(screen)
        Phone.waitFor("it runs") { RunningNetwork.openCount == 2 }
        screen.controller.recreate()
        assertEquals(Phone.app.getString(R.string.benchmark_broken_off), screen.text(R.id.result))
        assertFalse(screen.activity.findViewById<View>(R.id.share).isEnabled)
        assertTrue(screen.activity.findViewById<View>(R.id.run).isEnabled)
        screen.leave()
    }

    @Test
    fun `left and opened again, one benchmark runs at a time, and the one broken off is shown as such`() {
        val first = Screen.show<BenchmarkActivity>()
        run(first)
        Phone.waitFor("it runs") { RunningNetwork.openCount == 2 }
        first.controller.pause().stop()
        val second = Screen.show<BenchmarkActivity>()
        run(second)
        var most = 0
        Phone.waitFor("the first one is broken off") {
            most = maxOf(most, RunningNetwork.openCount)
            first.text(R.id.result) == Phone.app.getString(R.string.benchmark_broken_off)
        }
        assertFalse(first.activity.findViewById<View>(R.id.share).isEnabled)
        Phone.waitFor("the second one runs") { RunningNetwork.openCount == 2 }
        assertEquals("a detector and a landmark model at most", 2, maxOf(most, RunningNetwork.openCount))
        assertEquals(1, Phone.threads("benchmark"))
        first.controller.destroy()
        second.leave()
    }
}
