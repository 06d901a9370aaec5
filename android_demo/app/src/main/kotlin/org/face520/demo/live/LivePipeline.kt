package org.face520.demo.live

import android.content.Context
import android.media.Image
import android.os.Handler
import org.face520.android.FaceLandmarker
import org.face520.android.FaceLandmarkerOptions
import org.face520.android.YuvFrame
import org.face520.demo.camera.CameraChoice
import org.face520.demo.camera.FrameRotation
import org.face520.demo.inference.EngineText
import org.face520.landmarks.ModelFileException
import org.face520.landmarks.Smoothing

/**
 * Camera frame in, [Frame] out: upright RGB, tracked faces. Works on [handler]'s thread alone, which is the
 * camera's too and drops what it has no time for; the settings may be changed from any thread, and the
 * callbacks come on the handler's.
 */
class LivePipeline(
    private val context: Context,
    private val handler: Handler,
    private val exchange: FrameExchange<Frame>,
    private val onFrame: () -> Unit,
    private val onLoaded: (FaceLandmarker) -> Unit,
    private val onError: (String) -> Unit,
) {
    @Volatile var smoothing = Smoothing.SOFT

    @Volatile var displayDeg = 0
    private val rate = FrameRate()
    @Volatile private var landmarker: FaceLandmarker? = null
    private var description = ""
    private var lastMs = 0.0
    private var lastCamera: CameraChoice? = null

    /** Whether a model is loaded. */
    val isReady: Boolean get() = landmarker != null

    /** Loads a model and what runs it, in place of the old one. */
    fun configure(options: FaceLandmarkerOptions) {
        handler.post {
            if (landmarker?.options == options) return@post
            close()
            try {
                val loaded = FaceLandmarker.create(context, options)
                description = EngineText.of(context.resources, loaded)
                landmarker = loaded
                onLoaded(loaded)
            } catch (error: ModelFileException) {
                onError(error.message.orEmpty())
            } catch (error: IllegalStateException) {
                onError(error.message.orEmpty()) // its first run failed
            }
        }
    }

    /** Frees the model. */
    fun release() {
        handler.post { close() }
    }

    /** Works on a frame; call on the handler's thread. */
    fun process(image: Image, camera: CameraChoice) {
        val landmarker = landmarker ?: return
        val frame = exchange.toWrite()
        val rotation = FrameRotation.degrees(camera.sensorDeg, displayDeg, camera.isFront)
        // Cameras differ in what their clock counts from; only differences are used.
        val timeMs = image.timestamp / 1e6
        if (timeMs <= lastMs || camera !== lastCamera) landmarker.reset()
        lastMs = timeMs
        lastCamera = camera
        landmarker.smoothing = smoothing
        try {
            landmarker.track(YuvFrame.of(image, rotation), timeMs, frame.faces, frame.image)
        } catch (error: IllegalStateException) {
            close()
            return onError(error.message.orEmpty())
        }
        frame.isMirrored = camera.isFront
        frame.framesPerSecond = rate.at(timeMs)
        frame.runtime = description
        frame.times.copyFrom(landmarker.times)
        exchange.publish()
        onFrame()
    }

    private fun close() {
        landmarker?.close()
        landmarker = null
    }
}
