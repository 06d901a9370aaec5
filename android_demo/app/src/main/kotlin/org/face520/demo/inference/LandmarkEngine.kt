package org.face520.demo.inference

import org.face520.landmarks.FaceDetector
import org.face520.landmarks.FaceLandmarker
import org.face520.landmarks.FaceTracker
import org.face520.landmarks.LandmarkModel
import org.face520.landmarks.Layout
import org.face520.landmarks.ModelContract
import org.face520.landmarks.StageTimes

/**
 * Detector and landmark model, loaded and ready; belongs to the thread that made it.
 *
 * Throws ModelFileException for models that are absent, damaged or made for other landmarks.
 */
class LandmarkEngine(catalog: ModelCatalog, val layout: Layout, val settings: EngineSettings) : AutoCloseable {
    val stages = StageTimes()
    val network: RunningNetwork
    private val detectorNetwork: RunningNetwork
    private val model: LandmarkModel

    init {
        val file = catalog.open(settings.model)
        val contract = ModelContract.read(file, settings.model)
        contract.check(layout, settings.model)
        // The detector runs rarely, and never on the GPU: moving its data there costs more than it.
        val detectorFile = catalog.openDetector()
        detectorNetwork = RunningNetwork.load(detectorFile, "face detector", Accelerator.XNNPACK, settings.threads)
        network = RunningNetwork.load(file, settings.model, settings.accelerator, settings.threads)
        model = LandmarkModel(network, contract, layout, stages, settings.model)
    }

    /** Model and what runs it, for the screen. */
    val description: String = "${ModelCatalog.label(settings.model)} on ${network.ranOn}${leftOut()}"

    private fun leftOut(): String = model.contract.unknownOutputs.let {
        if (it.isEmpty()) "" else " (without its output ${it.joinToString()}: update the app)"
    }

    /** Follows a face through a video; a live view looks for faces in the whole frame only. */
    fun tracker() = FaceTracker(FaceDetector(detectorNetwork, closerLooks = 0), model, layout, stages)

    /** Finds all faces of a photo. */
    fun landmarker() = FaceLandmarker(FaceDetector(detectorNetwork), model, layout)

    override fun close() {
        network.close()
        detectorNetwork.close()
    }
}
