package org.face520.android

import android.content.Context
import android.graphics.Bitmap
import org.face520.landmarks.Face
import org.face520.landmarks.FaceDetector
import org.face520.landmarks.FaceTracker
import org.face520.landmarks.Faces
import org.face520.landmarks.FarSearch
import org.face520.landmarks.LandmarkModel
import org.face520.landmarks.Layout
import org.face520.landmarks.ModelContract
import org.face520.landmarks.PhotoLandmarker
import org.face520.landmarks.PixelImage
import org.face520.landmarks.Smoothing
import org.face520.landmarks.Stage
import org.face520.landmarks.StageTimes

/**
 * Finds faces and their 520 landmarks in photos ([detect]) and in the frames of a video ([track]). For a
 * camera, [LiveFaceLandmarker] brings a thread along.
 *
 * Points are px of the upright picture. A call takes as long as the networks do, so make it on a thread of
 * yours, not the main one; calls of several threads wait for each other. On the GPU all of them, [close]
 * too, must come from the thread that made it. After [close] they throw IllegalStateException, as they do
 * when the interpreter fails.
 */
public class FaceLandmarker private constructor(
    /** What was asked for. */
    public val options: FaceLandmarkerOptions,
    /** What the landmarks are, and how they join. */
    public val layout: Layout,
    private val network: RunningNetwork,
    private val detectorNetwork: RunningNetwork,
    private val model: LandmarkModel,
    private val stages: StageTimes,
) : AutoCloseable {
    private val owner = Thread.currentThread()
    private val converter = UprightConverter()
    private val ownImage = PixelImage()
    private val ownFaces = Faces(layout.size, options.maxFaces)
    private val detector = FaceDetector(detectorNetwork)
    private val far = FarSearch(detector, options.smallestFacePx)
    private val photos = PhotoLandmarker(detector, model, layout, options.maxFaces, far)
    private val tracker = FaceTracker(detector, model, layout, stages, options.maxFaces, far)
    private var trackedMs = Double.NEGATIVE_INFINITY
    private var isClosed = false

    /** How much [track] smooths; may be set from any thread. */
    @Volatile public var smoothing: Smoothing = options.smoothing

    /** What runs the model, and why not what was asked for. */
    public val runsOn: RunsOn get() = network.runsOn

    /** Outputs of the model that this library is too old to know, and leaves out. */
    public val unknownOutputs: List<String> get() = model.contract.unknownOutputs

    /** What the latest [track] spent its time on; written by the next one. */
    public val times: StageTimes get() = stages

    /**
     * Faces of a photo, the largest first, none where there is none; instances of your own. [rotationDeg]:
     * how far the bitmap is to be turned clockwise to stand upright: 0, 90, 180 or 270. Throws
     * IllegalArgumentException for other turns, and for a recycled bitmap.
     */
    @Synchronized
    @JvmOverloads
    public fun detect(bitmap: Bitmap, rotationDeg: Int = 0): List<Face> {
        converter.convert(bitmap, rotationDeg, ownImage)
        return detect(ownImage)
    }

    /** Faces of a single camera frame, as of a photo. */
    @Synchronized
    public fun detect(frame: YuvFrame): List<Face> {
        converter.convert(frame, ownImage)
        return detect(ownImage)
    }

    /** Faces of an upright picture, as of a photo. */
    @Synchronized
    public fun detect(image: PixelImage): List<Face> {
        check()
        return photos.detect(image)
    }

    /**
     * Faces in the next frame of a video, the longest known first, each with its number
     * ([Face.trackId]). [timestampMs]: grows from frame to frame; what it counts from does not matter.
     * [rotationDeg]: as in [detect]. The result is written again by the next call: keep [Faces.toList].
     * Throws IllegalArgumentException where the time does not grow; the faces followed so far are kept then.
     */
    @Synchronized
    @JvmOverloads
    public fun track(bitmap: Bitmap, timestampMs: Double, rotationDeg: Int = 0): Faces {
        begin()
        converter.convert(bitmap, rotationDeg, ownImage)
        stages.stop(Stage.CONVERT)
        return follow(ownImage, timestampMs, ownFaces)
    }

    /**
     * Faces in the next frame of a camera, as above; fills [faces], with room for
     * [FaceLandmarkerOptions.maxFaces], and [upright] with the picture that their points belong to.
     */
    @Synchronized
    @JvmOverloads
    public fun track(
        frame: YuvFrame,
        timestampMs: Double,
        faces: Faces = ownFaces,
        upright: PixelImage = ownImage,
    ): Faces {
        begin()
        converter.convert(frame, upright)
        stages.stop(Stage.CONVERT)
        return follow(upright, timestampMs, faces)
    }

    /** Faces in the next upright picture of a video, as above. */
    @Synchronized
    @JvmOverloads
    public fun track(image: PixelImage, timestampMs: Double, faces: Faces = ownFaces): Faces {
        begin()
        return follow(image, timestampMs, faces)
    }

    /** Forgets the faces of [track], and the time: the next frame may be another video's. */
    @Synchronized
    public fun reset() {
        tracker.reset()
        trackedMs = Double.NEGATIVE_INFINITY
    }

    /** Runs the landmark network alone, on whatever its input holds, for measurements. */
    @Synchronized
    public fun runNetwork() {
        check()
        network.run()
    }

    /** Lets go of interpreters, delegate and their memory; once is enough. */
    @Synchronized
    override fun close() {
        isClosed = true
        network.close()
        detectorNetwork.close()
    }

    private fun begin() {
        check()
        stages.reset()
        stages.start()
    }

    private fun follow(image: PixelImage, timestampMs: Double, faces: Faces): Faces {
        require(timestampMs > trackedMs && timestampMs < Double.POSITIVE_INFINITY) {
            "The frame's time $timestampMs ms is not later than the last one's $trackedMs ms. Call reset() before " +
                "another video."
        }
        require(faces.capacity >= options.maxFaces) {
            "There is room for ${faces.capacity} faces, and up to ${options.maxFaces} are followed."
        }
        trackedMs = timestampMs
        tracker.track(image, timestampMs, smoothing, faces)
        return faces
    }

    private fun check() {
        check(!isClosed) { "This FaceLandmarker is closed. Make another one with FaceLandmarker.create." }
        check(runsOn.accelerator != Accelerator.GPU || Thread.currentThread() === owner) {
            "This FaceLandmarker runs on the GPU, and there belongs to the thread '${owner.name}', which made it. " +
                "Call it from there, or choose Accelerator.XNNPACK."
        }
    }

    public companion object {
        /**
         * Loads the model and the face detector from the app's assets, and runs them once: 0.1 s and more,
         * not for the main thread. Throws [org.face520.landmarks.ModelFileException] for models that are
         * absent, damaged or made for other landmarks, IllegalStateException when the interpreter fails.
         */
        @JvmStatic
        @JvmOverloads
        public fun create(context: Context, options: FaceLandmarkerOptions = FaceLandmarkerOptions()): FaceLandmarker {
            val catalog = ModelCatalog(context.assets)
            val layout = catalog.layout()
            val file = catalog.open(options.model)
            val contract = ModelContract.read(file, options.model)
            contract.check(layout, options.model)
            val stages = StageTimes()
            val opened = ArrayList<RunningNetwork>()
            try {
                // The detector runs rarely, and never on the GPU: moving its data there costs more than it.
                val detector =
                    RunningNetwork.load(catalog.openDetector(), "face detector", Accelerator.XNNPACK, options.threads)
                opened.add(detector)
                val network = RunningNetwork.load(file, options.model, options.accelerator, options.threads)
                opened.add(network)
                val model = LandmarkModel(network, contract, layout, stages, options.model)
                return FaceLandmarker(options, layout, network, detector, model, stages)
            } catch (error: Throwable) {
                for (network in opened) network.close()
                throw error
            }
        }
    }
}
