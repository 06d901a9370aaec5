package org.face520.demo.inference

import org.face520.landmarks.FaceDetector
import org.face520.landmarks.PhotoLandmarker
import org.face520.landmarks.FaceTracker
import org.face520.landmarks.FarSearch
import org.face520.landmarks.LandmarkModel
import org.face520.landmarks.Layout
import org.face520.landmarks.ModelContract
import org.face520.landmarks.StageTimes

/** Detector and landmark model, loaded and ready; belongs to the thread that made it. */
class LandmarkEngine private constructor(
    val layout: Layout,
    val settings: EngineSettings,
    val stages: StageTimes,
    val network: RunningNetwork,
    private val detectorNetwork: RunningNetwork,
    private val model: LandmarkModel,
) : AutoCloseable {
    /** Outputs of the model that this app is too old to know. */
    val unknownOutputs: List<String> get() = model.contract.unknownOutputs

    /** Follows faces through a video, and finds small ones a few windows a frame. */
    fun tracker(maxFaces: Int): FaceTracker {
        val detector = FaceDetector(detectorNetwork)
        return FaceTracker(detector, model, layout, stages, maxFaces, FarSearch(detector))
    }

    /** Finds all faces of a photo. */
    fun landmarker() = PhotoLandmarker(FaceDetector(detectorNetwork), model, layout)

    override fun close() {
        network.close()
        detectorNetwork.close()
    }

    companion object {
        /** Throws ModelFileException for models that are absent, damaged or made for other landmarks. */
        fun load(catalog: ModelCatalog, layout: Layout, settings: EngineSettings): LandmarkEngine {
            val file = catalog.open(settings.model)
            val contract = ModelContract.read(file, settings.model)
            contract.check(layout, settings.model)
            val stages = StageTimes()
            val opened = ArrayList<RunningNetwork>()
            try {
                // The detector runs rarely, and never on the GPU: moving its data there costs more than it.
                val detector =
                    RunningNetwork.load(catalog.openDetector(), "face detector", Accelerator.XNNPACK, settings.threads)
                opened.add(detector)
                val network = RunningNetwork.load(file, settings.model, settings.accelerator, settings.threads)
                opened.add(network)
                val model = LandmarkModel(network, contract, layout, stages, settings.model)
                return LandmarkEngine(layout, settings, stages, network, detector, model)
            } catch (error: Throwable) {
                for (network in opened) network.close()
                throw error
            }
        }
    }
}
