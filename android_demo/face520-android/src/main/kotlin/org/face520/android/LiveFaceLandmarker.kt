package org.face520.android

import android.content.Context
import android.graphics.Bitmap
import java.util.concurrent.Executor
import java.util.concurrent.Executors
import java.util.concurrent.RejectedExecutionException
import org.face520.landmarks.Faces
import org.face520.landmarks.ModelFileException
import org.face520.landmarks.PixelImage
import org.face520.landmarks.Smoothing

/** Hears of each frame's faces. */
public fun interface ResultListener {
    /** [result] is valid until this returns. */
    public fun onResult(result: LiveResult)
}

/** Hears why there are no results, and none will come. */
public fun interface ErrorListener {
    /** [error]: [ModelFileException] for the model, IllegalStateException for the interpreter; its message is for a person. */
    public fun onError(error: RuntimeException)
}

/**
 * Follows faces in a camera's frames, on a thread of its own, which loads the model too: this constructor
 * returns at once.
 *
 * One frame is worked on at a time; what comes while it is, from [submit] to the end of [onResult], is
 * dropped, as is what comes before the model is loaded. [onResult] and [onError] are called by
 * [executor], or where none is given on that own thread, "face520". [onError] is called once at most.
 * [submit] is for one thread at a time, the camera's; [close] may be called from any.
 */
public class LiveFaceLandmarker @JvmOverloads constructor(
    context: Context,
    private val options: FaceLandmarkerOptions = FaceLandmarkerOptions(),
    private val executor: Executor? = null,
    private val onError: ErrorListener,
    private val onResult: ResultListener,
) : AutoCloseable {
    private val assetsOwner = context.applicationContext ?: context
    @Volatile private var thread: Thread? = null
    private val worker = Executors.newSingleThreadExecutor { work -> Thread(work, "face520").also { thread = it } }
    private val lock = Any()
    private val converter = UprightConverter()
    private val image = PixelImage()
    private var landmarker: FaceLandmarker? = null // the worker's
    private var result: LiveResult? = null // the worker's
    private var lastMs = Double.NEGATIVE_INFINITY // the worker's
    private var isBusy = true // while the model is loaded, and for good after an error
    private var isClosed = false

    /** How much faces are smoothed; may be set from any thread. */
    @Volatile public var smoothing: Smoothing = options.smoothing

    init {
        worker.execute { load() }
    }

    /** Whether a frame would be taken now: the model is loaded, and the frame before is done. */
    public val isReady: Boolean get() = synchronized(lock) { !isBusy && !isClosed }

    /**
     * Takes a camera's frame, and copies it: it may be closed afterwards. False where it is dropped.
     * [timestampMs]: of the camera; a time that is not later than the last one's means another video, in
     * which faces are looked for anew.
     */
    public fun submit(frame: YuvFrame, timestampMs: Double): Boolean =
        take(timestampMs) { converter.convert(frame, image) }

    /**
     * The same with a bitmap, to be turned clockwise by [rotationDeg], 0, 90, 180 or 270, to stand upright.
     * Throws IllegalArgumentException for other turns, and for a recycled bitmap.
     */
    @JvmOverloads
    public fun submit(bitmap: Bitmap, timestampMs: Double, rotationDeg: Int = 0): Boolean =
        take(timestampMs) { converter.convert(bitmap, rotationDeg, image) }

    /**
     * Waits for the frame in work, or the loading, then lets go of interpreters and thread. No callback
     * begins after it has returned, unless by an executor of yet another thread. In a callback on the own
     * thread it returns at once, and all goes after that one.
     */
    override fun close() {
        synchronized(lock) {
            if (isClosed) return
            isClosed = true
            worker.execute { landmarker?.close() }
            worker.shutdown()
        }
        if (Thread.currentThread() === thread) return
        try {
            thread?.join() // it ends with the last of the work
        } catch (error: InterruptedException) {
            Thread.currentThread().interrupt() // the work ends without being waited for
        }
    }

    private inline fun take(timestampMs: Double, convert: () -> Unit): Boolean {
        require(timestampMs.isFinite()) { "A frame's time cannot be $timestampMs ms." }
        if (!isReady) return false
        convert()
        synchronized(lock) {
            if (isClosed) return false
            isBusy = true
            worker.execute { track(timestampMs) }
        }
        return true
    }

    private fun load() = guarded {
        val loaded = FaceLandmarker.create(assetsOwner, options)
        landmarker = loaded
        val faces = Faces(loaded.layout.size, options.maxFaces)
        result = LiveResult(faces, image, loaded.layout, loaded.times, loaded.runsOn)
        free()
    }

    private fun track(timestampMs: Double) {
        val landmarker = landmarker ?: return
        val result = result ?: return
        if (timestampMs <= lastMs) landmarker.reset()
        lastMs = timestampMs
        val isFound = guarded {
            landmarker.smoothing = smoothing
            landmarker.track(image, timestampMs, result.faces)
            result.timestampMs = timestampMs
        }
        if (isFound) {
            deliver {
                onResult.onResult(result)
                free()
            }
        }
    }

    /** Whether it went well; errors of the model and of the interpreter go to the listener, and end the work. */
    private inline fun guarded(work: () -> Unit): Boolean {
        try {
            work()
            return true
        } catch (error: ModelFileException) {
            deliver { onError.onError(error) }
        } catch (error: IllegalStateException) {
            deliver { onError.onError(error) }
        }
        return false
    }

    private fun deliver(call: () -> Unit) {
        val work = Runnable { if (!synchronized(lock) { isClosed }) call() }
        if (executor == null) return work.run()
        try {
            executor.execute(work)
        } catch (error: RejectedExecutionException) {
            // It was shut down before this landmarker was closed: nobody listens any more.
        }
    }

    private fun free() = synchronized(lock) { isBusy = false }
}
