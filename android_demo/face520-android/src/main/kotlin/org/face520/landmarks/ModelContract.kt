package org.face520.landmarks

import java.nio.ByteBuffer
import kotlin.math.abs

private const val CONTRACT_FILE = "face520.json"
private const val CONTRACT_VERSION = 3
private const val CROP_RULE = "landmark_box_square"

/**
 * What a face520 .tflite file says of itself: how to feed it and what its numbers mean.
 *
 * Input: RGB crop (1, inputSizePx, inputSizePx, 3), (value - inputMean) / inputStd. [outputs]: their
 * names, in the file's own order. "landmarks" (1, N, 3) is always there: times [outputStd] plus
 * [outputMean], both N * 3 values, in crop units: 0 at the crop's centre and 1 its side. "presence"
 * (1, 1): probability of a face. "expression" (1, 52): the coefficients of [BLENDSHAPE_NAMES], 0 to 1;
 * those in [unknownBlendshapes] mean nothing, and the file says [expressionAtRest] (52, or empty for
 * zeros) of faces at rest. "visibility" (1, N): probability that the camera sees the landmark. Other names
 * are a later version's: see [unknownOutputs]. Port of `edge_runtime/network/contract.py`.
 */
internal class ModelContract(
    val modelName: String,
    val modelVersion: String,
    val layout: String,
    val inputSizePx: Int,
    val inputMean: Float,
    val inputStd: Float,
    val outputMean: FloatArray,
    val outputStd: FloatArray,
    val outputs: List<String>,
    val unknownBlendshapes: List<String>,
    val expressionAtRest: FloatArray,
    val cropRule: String,
    val cropSideOverBox: Double,
) {
    /**
     * Values of each output that this package knows, whether the file has it or not; by these, outputs
     * are found in a file, since converters rename them.
     */
    val outputSizes: Map<String, Int> = mapOf(
        "landmarks" to outputMean.size,
        "presence" to 1,
        "expression" to BLENDSHAPE_NAMES.size,
        "visibility" to outputMean.size / 3,
    )

    /** Outputs of the file that this package does not know, and does not read. */
    val unknownOutputs: List<String> get() = outputs.filter { it !in outputSizes }

    /** Throws [ModelFileException] unless this package crops and names points as the model was taught. */
    fun check(layout: Layout, file: String) {
        val values = layout.size * 3
        if (this.layout != layout.reference || outputMean.size != values || outputStd.size != values) {
            throw ModelFileException(
                "$file: made for the landmarks ${this.layout}, while this app reads ${layout.reference}. " +
                    "Convert the model again.",
            )
        }
        if (cropRule != CROP_RULE || abs(cropSideOverBox / SIDE_OVER_BOX - 1) > 1e-4) {
            throw ModelFileException(
                "$file: trained on crops by the rule $cropRule ($cropSideOverBox), while this app crops " +
                    "by $CROP_RULE ($SIDE_OVER_BOX).",
            )
        }
    }

    companion object {
        /**
         * The contract packed into a model; [file] names the model in errors. Throws
         * [ModelFileException] when it is no TFLite model or carries no contract that can be read.
         */
        fun read(model: ByteBuffer, file: String): ModelContract {
            val isModel = model.limit() >= 8 && (4 until 8).all { model.get(it) == "TFL3"[it - 4].code.toByte() }
            if (!isModel) throw ModelFileException("$file: not a TensorFlow Lite model.")
            val stored = try {
                AssociatedFile.read(model, CONTRACT_FILE)
            } catch (error: RuntimeException) {
                throw ModelFileException("$file: its metadata is damaged ($error). Copy the file again.", error)
            } ?: throw ModelFileException(
                "$file: a TensorFlow Lite model without face520 contract ($CONTRACT_FILE). " +
                    "Use a file written by face520-convert.",
            )
            try {
                return fromJson(String(stored, Charsets.UTF_8))
            } catch (error: JsonException) {
                throw ModelFileException("$file: its contract cannot be read (${error.message}).", error)
            }
        }

        /** Parses the associated file. Throws [JsonException]. */
        fun fromJson(text: String): ModelContract {
            val stored = Json.parseObject(text)
            val version = stored.int("contract_version")
            if (version !in 1..CONTRACT_VERSION) {
                throw JsonException("contract version $version, this app reads up to $CONTRACT_VERSION: update the app")
            }
            val contract = ModelContract(
                modelName = stored.string("model_name"),
                modelVersion = stored.string("model_version"),
                layout = stored.string("layout"),
                inputSizePx = stored.int("input_size_px"),
                inputMean = stored.double("input_mean").toFloat(),
                inputStd = stored.double("input_std").toFloat(),
                outputMean = stored.floats("output_mean"),
                outputStd = stored.floats("output_std"),
                outputs = if (version == 1) outputsOfVersion1(stored) else stored.strings("outputs"),
                unknownBlendshapes = if (version == 1) emptyList() else stored.strings("unknown_blendshapes"),
                expressionAtRest = if (version < 3) FloatArray(0) else stored.floats("expression_at_rest"),
                cropRule = stored.string("crop_rule"),
                cropSideOverBox = stored.double("crop_side_over_box"),
            )
            checkNames(contract)
            checkRest(contract.expressionAtRest)
            return contract
        }

        /** Version 1 had has_presence in place of outputs, and no other output. */
        private fun outputsOfVersion1(stored: JsonObject): List<String> =
            if (stored.boolean("has_presence")) listOf("landmarks", "presence") else listOf("landmarks")

        private fun checkRest(atRest: FloatArray) {
            if (atRest.isNotEmpty() && atRest.size != BLENDSHAPE_NAMES.size) {
                throw JsonException("expression_at_rest has ${atRest.size} values")
            }
            if (atRest.any { !(it >= 0 && it < 1) }) {
                throw JsonException("expression_at_rest has values that are not from 0 to 1")
            }
        }

        private fun checkNames(contract: ModelContract) {
            val outputs = contract.outputs
            if ("landmarks" !in outputs || outputs.toSet().size < outputs.size) {
                throw JsonException("outputs ${outputs.joinToString()}: landmarks must be one, and none twice")
            }
            val foreign = contract.unknownBlendshapes.firstOrNull { it !in BLENDSHAPE_NAMES }
            if (foreign != null) throw JsonException("unknown_blendshapes names $foreign, which is no blendshape")
        }
    }
}
