package org.face520.android

import android.graphics.Bitmap
import android.os.Handler
import android.os.Looper
import java.util.concurrent.CopyOnWriteArrayList
import java.util.concurrent.CountDownLatch
import java.util.concurrent.Executor
import java.util.concurrent.Executors
import java.util.concurrent.TimeUnit
import org.face520.demo.CameraPicture
import org.face520.demo.Golden
import org.face520.demo.Phone
import org.face520.demo.ScreenRunner
import org.face520.landmarks.ModelFileException
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import org.robolectric.annotation.GraphicsMode

private val SMALL = FaceLandmarkerOptions(FaceLandmarkerOptions.SMALL)
private const val THREAD = "face520"

/** A camera's frames to callbacks, with the real networks: on which thread, how many, and that nothing stays. */
@RunWith(ScreenRunner::class)
@GraphicsMode(GraphicsMode.Mode.NATIVE)
@Config(sdk = [35])
class LiveFaceLandmarkerTest {
    private val photo: Bitmap = Phone.photo
    private val errors = CopyOnWriteArrayList<RuntimeException>()
    private val main = Executor { Handler(Looper.getMainLooper()).post(it) }

    @After
    fun `nothing is left open`() {
        assertEquals("interpreters left open", 0, RunningNetwork.openCount)
        assertEquals("threads left", 0, Phone.threads(THREAD))
    }

    private fun live(executor: Executor? = null, options: FaceLandmarkerOptions = SMALL, onResult: ResultListener) =
        LiveFaceLandmarker(Phone.app, options, executor, { errors.add(it) }, onResult)

    private fun frame(): YuvFrame = YuvFrame.of(CameraPicture(CameraPicture.turned(photo, 270), 0.0), 270)

    @Test
    fun `each frame's faces are delivered on the thread of its own`() {
        val seen = CopyOnWriteArrayList<String>()
        live {
            Golden.assertOnFace("live", SMALL.model, it.faces[0].points, 1f, 0f, 0f)
            seen.add("${Thread.currentThread().name} ${it.timestampMs} ${it.faces.count} ${it.image.width}")
        }.use { live ->
            for (number in 1..3) Phone.waitFor("frame $number is taken") { live.submit(frame(), number * 33.0) }
            Phone.waitFor("the last frame is done") { seen.size == 3 }
        }
        assertEquals(List(3) { "$THREAD ${(it + 1) * 33.0} 1 512" }, seen)
        assertEquals(emptyList<Exception>(), errors)
    }

    @Test
    fun `frames that come while one is in work are dropped`() {
        val inWork = CountDownLatch(1)
        val goOn = CountDownLatch(1)
        val times = CopyOnWriteArrayList<Double>()
        live {
            times.add(it.timestampMs)
            inWork.countDown()
            goOn.await(60, TimeUnit.SECONDS)
        }.use { live ->
            Phone.waitFor("the model is loaded") { live.isReady }
            assertTrue(live.submit(photo, 1.0))
            assertTrue(inWork.await(60, TimeUnit.SECONDS))
            repeat(5) { assertFalse(live.submit(frame(), 2.0 + it)) }
            goOn.countDown()
            Phone.waitFor("the next is taken") { live.submit(photo, 10.0) }
            Phone.waitFor("it is done") { times.size == 2 }
        }
        assertEquals(listOf(1.0, 10.0), times)
    }

    @Test
    fun `an executor gets the callbacks, and after close none`() {
        val threads = CopyOnWriteArrayList<Thread>()
        val live = live(main) { threads.add(Thread.currentThread()) }
        Phone.waitFor("a first frame is taken") { live.submit(photo, 1.0) }
        Phone.waitFor("it is done") { threads.size == 1 }
        assertEquals(Looper.getMainLooper().thread, threads[0])
        assertTrue("a second frame is taken", live.submit(photo, 2.0))
        live.close() // from the main thread, whose queue then holds the callback
        assertEquals(0, Phone.threads(THREAD))
        shadowOf(Looper.getMainLooper()).idle()
        assertEquals(1, threads.size)
        assertFalse("a frame after the end is dropped", live.submit(photo, 3.0))
        live.close()
    }

    @Test
    fun `an executor that was shut down first is no crash`() {
        val crashes = CopyOnWriteArrayList<Throwable>()
        val before = Thread.getDefaultUncaughtExceptionHandler()
        Thread.setDefaultUncaughtExceptionHandler { _, error -> crashes.add(error) }
        try {
            val executor = Executors.newSingleThreadExecutor()
            live(executor) { throw AssertionError("the executor runs nothing") }.use { live ->
                Phone.waitFor("the model is loaded") { live.isReady }
                executor.shutdown()
                assertTrue(live.submit(photo, 1.0))
            }
        } finally {
            Thread.setDefaultUncaughtExceptionHandler(before)
        }
        assertEquals(emptyList<Throwable>(), crashes)
    }

    @Test
    fun `it may be closed while the model is loaded, and in its own callback`() {
        live { throw AssertionError("no frame was handed over") }.close()
        assertEquals(0, RunningNetwork.openCount)
        var own: LiveFaceLandmarker? = null
        val isClosed = CountDownLatch(1)
        own = live {
            own!!.close()
            isClosed.countDown()
        }
        Phone.waitFor("a frame is taken") { own.submit(photo, 1.0) }
        assertTrue(isClosed.await(60, TimeUnit.SECONDS))
        Phone.waitFor("thread and interpreters are gone") { Phone.threads(THREAD) == 0 && RunningNetwork.openCount == 0 }
    }

    @Test
    fun `a model that is not there is told of once, where the results would come`() {
        var thread: Thread? = null
        val error = { it: RuntimeException ->
            errors.add(it)
            thread = Thread.currentThread()
        }
        LiveFaceLandmarker(Phone.app, FaceLandmarkerOptions("face520_large.tflite"), main, { error(it) }) {}.use { live ->
            Phone.waitFor("the error is told") { errors.size == 1 }
            repeat(3) { assertFalse(live.submit(photo, it.toDouble())) }
        }
        assertTrue(errors.single() is ModelFileException)
        assertEquals(Looper.getMainLooper().thread, thread)
    }

    @Test
    fun `a time that goes back is another video, and one that is none is refused`() {
        val ids = CopyOnWriteArrayList<Int>()
        live { ids.add(it.faces[0].trackId) }.use { live ->
            Phone.waitFor("a frame is taken") { live.submit(photo, 1000.0) }
            Phone.waitFor("the other video's is taken") { live.submit(photo, 5.0) }
            Phone.waitFor("both are done") { ids.size == 2 }
            assertThrows(IllegalArgumentException::class.java) { live.submit(photo, Double.NaN) }
        }
        assertEquals(listOf(0, 1), ids)
    }
}
