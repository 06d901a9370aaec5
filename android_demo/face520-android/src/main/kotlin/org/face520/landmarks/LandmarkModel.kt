package org.face520.landmarks

/**
 * The landmark network with its contract: a square of the image in, what it shows out.
 *
 * Throws [ModelFileException] when the network's tensors and the contract differ. Of a file with outputs
 * that this package does not know ([ModelContract.unknownOutputs]) the others are read. Port of
 * `edge_runtime/network/landmark_model.py`.
 */
internal class LandmarkModel(
    private val network: Network,
    val contract: ModelContract,
    private val layout: Layout,
    private val stages: StageTimes,
    file: String = contract.modelName,
) {
    private val sizePx = contract.inputSizePx
    private val resampler = CropResampler()
    private val pixels = IntArray(sizePx * sizePx)
    private val encoder = InputEncoder(network.input, contract.inputMean, contract.inputStd)
    private val landmarks: Output
    private val presence: Output?
    private val expression: Output?
    private val visibility: Output?
    private val presenceValue = FloatArray(1)
    private val unmirrored = FloatArray(layout.size * 3)
    private val blendshapes = BlendshapeScale(contract.expressionAtRest, contract.unknownBlendshapes)

    /** Where an output stands in the file, and how to read it. */
    private inner class Output(val place: Int) {
        private val decoder = OutputDecoder(network.outputs[place])

        fun read(values: FloatArray) = decoder.decode(network.outputBuffers[place], values)
    }

    init {
        contract.check(layout, file)
        val sizes = network.outputs.map { it.size }
        val wanted = contract.outputs.filter { it in contract.outputSizes }
        val places = wanted.associateWith { placeOf(it, sizes) }
        val isWhole = sizes.size == contract.outputs.size && network.input.shape == listOf(1, sizePx, sizePx, 3)
        if (!isWhole || places.values.any { it < 0 }) {
            val expected = contract.outputs.map { "$it (${contract.outputSizes[it] ?: "unknown"})" }
            throw ModelFileException(
                "$file: the model (input ${network.input.shape}, outputs of $sizes values) and its contract " +
                    "(input $sizePx px, outputs ${expected.joinToString()}) differ. Convert the model again.",
            )
        }
        landmarks = Output(places.getValue("landmarks"))
        presence = places["presence"]?.let { Output(it) }
        expression = places["expression"]?.let { Output(it) }
        visibility = places["visibility"]?.let { Output(it) }
    }

    /** The only output of that size; of several, as an unknown output may be as large, its own; or -1. */
    private fun placeOf(name: String, sizes: List<Int>): Int {
        val places = sizes.indices.filter { sizes[it] == contract.outputSizes[name] }
        val own = contract.outputs.indexOf(name)
        return if (places.size > 1) own.takeIf { it in places } ?: -1 else places.firstOrNull() ?: -1
    }

    /**
     * Fills [prediction] with what the square of the image shows. [isMirrored]: the network sees the square
     * in a mirror; what it says is carried back, so that only its mistakes differ.
     */
    fun run(image: PixelImage, region: CropRegion, prediction: Prediction, isMirrored: Boolean = false) {
        stages.start()
        resampler.extract(image, region, sizePx, pixels)
        if (isMirrored) mirrorPixels()
        stages.stop(Stage.CROP)
        encoder.encode(pixels, network.inputBuffer)
        stages.stop(Stage.QUANTIZE)
        network.run()
        stages.stop(Stage.INVOKE)
        landmarks.read(prediction.points)
        toUnits(prediction.points)
        if (isMirrored) mirror(prediction.points, layout.mirror, 3)
        toImage(prediction.points, region)
        presence?.read(presenceValue)
        prediction.presence = if (presence == null) Float.NaN else presenceValue[0]
        if (expression == null) prediction.expression.fill(Float.NaN) else expression.read(prediction.expression)
        if (isMirrored) mirror(prediction.expression, BLENDSHAPE_MIRROR, 1)
        if (expression != null) blendshapes.read(prediction.expression)
        prediction.hasVisibility = visibility != null
        visibility?.read(prediction.visibility)
        if (isMirrored) mirror(prediction.visibility, layout.mirror, 1)
        stages.stop(Stage.DECODE)
    }

    private fun mirrorPixels() {
        for (row in 0 until sizePx) {
            var left = row * sizePx
            var right = left + sizePx - 1
            while (left < right) {
                val pixel = pixels[left]
                pixels[left++] = pixels[right]
                pixels[right--] = pixel
            }
        }
    }

    /** Gives each place the values of its counterpart; of points, x changes its sign. */
    private fun mirror(values: FloatArray, counterparts: IntArray, axes: Int) {
        values.copyInto(unmirrored)
        for (place in counterparts.indices) {
            for (axis in 0 until axes) values[place * axes + axis] = unmirrored[counterparts[place] * axes + axis]
            if (axes == 3) values[place * 3] = -values[place * 3]
        }
    }

    private fun toUnits(points: FloatArray) {
        for (i in points.indices) points[i] = points[i] * contract.outputStd[i] + contract.outputMean[i]
    }

    private fun toImage(points: FloatArray, region: CropRegion) {
        val middle = (sizePx - 1) / 2f
        for (i in points.indices) points[i] = points[i] * sizePx + if (i % 3 == 2) 0f else middle
        region.toImage(points, sizePx)
        var sum = 0.0
        for (i in 2..points.size - 1 step 3) sum += points[i]
        val meanZ = (sum * 3 / points.size).toFloat()
        for (i in 2..points.size - 1 step 3) points[i] -= meanZ
    }
}
