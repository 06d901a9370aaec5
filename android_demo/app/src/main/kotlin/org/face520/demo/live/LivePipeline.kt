package org.face520.demo.live

import android.content.res.Resources
import android.media.Image
import android.os.Handler
import org.face520.demo.camera.CameraChoice
import org.face520.demo.camera.FrameRotation
import org.face520.demo.inference.EngineSettings
import org.face520.demo.inference.EngineText
import org.face520.demo.inference.LandmarkEngine
import org.face520.demo.inference.ModelCatalog
import org.face520.landmarks.FaceTracker
import org.face520.landmarks.Layout
import org.face520.landmarks.ModelFileException
import org.face520.landmarks.Smoothing
import org.face520.landmarks.Stage
import org.face520.landmarks.YuvConverter
import org.face520.landmarks.YuvPlane

/**
 * Camera frame in, [Frame] out: upright RGB, tracked faces. Works on [handler]'s thread alone; the
 * settings may be changed from any thread, and the callbacks come on the handler's.
 */
class LivePipeline(
    private val handler: Handler,
    private val resources: Resources,
    private val catalog: ModelCatalog,
    private val layout: Layout,
    private val exchange: FrameExchange<Frame>,
    private val onFrame: () -> Unit,
    private val onLoaded: (LandmarkEngine) -> Unit,
    private val onError: (String) -> Unit,
) {
    @Volatile var smoothing = Smoothing.SOFT

    @Volatile var displayDeg = 0
    private val converter = YuvConverter()
    private val rate = FrameRate()
    @Volatile private var engine: LandmarkEngine? = null
    private var tracker: FaceTracker? = null
    private var description = ""
    private var lastMs = 0.0
    private var lastCamera: CameraChoice? = null

    /** Whether a model is loaded. */
    val isReady: Boolean get() = engine != null

    /** Loads a model and what runs it, in place of the old one. */
    fun configure(settings: EngineSettings) {
        handler.post {
            if (engine?.settings == settings) return@post
            close()
            try {
                val loaded = LandmarkEngine.load(catalog, layout, settings)
                tracker = loaded.tracker(MOST_FACES)
                description = EngineText.of(resources, loaded)
                engine = loaded
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
        val engine = engine ?: return
        val tracker = tracker ?: return
        val frame = exchange.toWrite()
        val stages = engine.stages
        stages.reset()
        stages.start()
        val rotation = FrameRotation.degrees(camera.sensorDeg, displayDeg, camera.isFront)
        val planes = image.planes
        converter.convert(
            image.width, image.height, plane(planes[0]), plane(planes[1]), plane(planes[2]), rotation, frame.image,
        )
        stages.stop(Stage.CONVERT)
        // Cameras differ in what their clock counts from; only differences are used.
        val timeMs = image.timestamp / 1e6
        if (timeMs <= lastMs || camera !== lastCamera) tracker.reset()
        lastMs = timeMs
        lastCamera = camera
        try {
            tracker.track(frame.image, timeMs, smoothing, frame.faces)
        } catch (error: IllegalStateException) {
            close()
            return onError(error.message.orEmpty())
        }
        frame.isMirrored = camera.isFront
        frame.framesPerSecond = rate.at(timeMs)
        frame.runtime = description
        frame.times.copyFrom(stages)
        exchange.publish()
        onFrame()
    }

    // Camera2 itself makes new plane objects for each frame; these three wrap them.
    private fun plane(plane: Image.Plane) = YuvPlane(plane.buffer, plane.rowStride, plane.pixelStride)

    private fun close() {
        engine?.close()
        engine = null
        tracker = null
    }
}
