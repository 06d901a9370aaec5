package org.face520.landmarks

/**
 * The landmark network with its contract: a square of the image in, points in image px out.
 *
 * Throws [ModelFileException] when the network's tensors and the contract differ. Port of
 * `edge_runtime/network/landmark_model.py`.
 */
class LandmarkModel(
    private val network: Network,
    val contract: ModelContract,
    layout: Layout,
    private val stages: StageTimes,
    file: String = contract.modelName,
) {
    private val sizePx = contract.inputSizePx
    private val resampler = CropResampler()
    private val pixels = IntArray(sizePx * sizePx)
    private val encoder = InputEncoder(network.input, contract.inputMean, contract.inputStd)
    private val landmarkOutput: Int
    private val presenceOutput: Int
    private val landmarks: OutputDecoder
    private val presence: OutputDecoder?
    private val presenceValue = FloatArray(1)

    init {
        contract.check(layout, file)
        // By size, since converters rename outputs.
        landmarkOutput = network.outputs.indexOfFirst { it.size == contract.outputMean.size }
        presenceOutput = if (contract.hasPresence) network.outputs.indexOfFirst { it.size == 1 } else -1
        val outputsFit = landmarkOutput >= 0 && (presenceOutput >= 0) == contract.hasPresence
        if (network.input.shape != listOf(1, sizePx, sizePx, 3) || !outputsFit) {
            throw ModelFileException(
                "$file: the model (input ${network.input.shape}, outputs ${network.outputs.map { it.shape }}) " +
                    "and its contract differ. Convert the model again.",
            )
        }
        landmarks = OutputDecoder(network.outputs[landmarkOutput])
        presence = if (presenceOutput >= 0) OutputDecoder(network.outputs[presenceOutput]) else null
    }

    /**
     * Fills [points] (x, y, z, ... image px, z 0 at the mean) from the face in a square; returns
     * the presence, 0 to 1, or NaN for a model without that output.
     */
    fun run(image: PixelImage, region: CropRegion, points: FloatArray): Float {
        stages.start()
        resampler.extract(image, region, sizePx, pixels)
        stages.stop(Stage.CROP)
        encoder.encode(pixels, network.inputBuffer)
        stages.stop(Stage.QUANTIZE)
        network.run()
        stages.stop(Stage.INVOKE)
        landmarks.decode(network.outputBuffers[landmarkOutput], points)
        toImage(points, region)
        stages.stop(Stage.DECODE)
        if (presence == null) return Float.NaN
        presence.decode(network.outputBuffers[presenceOutput], presenceValue)
        return presenceValue[0]
    }

    private fun toImage(points: FloatArray, region: CropRegion) {
        val middle = (sizePx - 1) / 2f
        for (i in points.indices) {
            val units = points[i] * contract.outputStd[i] + contract.outputMean[i]
            points[i] = units * sizePx + if (i % 3 == 2) 0f else middle
        }
        region.toImage(points, sizePx)
        var sum = 0.0
        for (i in 2..points.size - 1 step 3) sum += points[i]
        val meanZ = (sum * 3 / points.size).toFloat()
        for (i in 2..points.size - 1 step 3) points[i] -= meanZ
    }
}
