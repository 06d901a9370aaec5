package org.face520.landmarks

import java.nio.ByteBuffer
import kotlin.math.abs

private const val CONTRACT_FILE = "face520.json"
private const val CONTRACT_VERSION = 1
private const val CROP_RULE = "landmark_box_square"

/**
 * What a face520 .tflite file says of itself: how to feed it and what its numbers mean.
 *
 * Input: RGB crop (1, inputSizePx, inputSizePx, 3), (value - inputMean) / inputStd. Output
 * "landmarks" (1, N, 3): times [outputStd] plus [outputMean], both N * 3 values, in crop units: 0 at
 * the crop's centre and 1 its side. Output "presence" (1, 1), if [hasPresence]: a probability.
 * Port of `edge_runtime/network/contract.py`.
 */
class ModelContract(
    val modelName: String,
    val modelVersion: String,
    val layout: String,
    val inputSizePx: Int,
    val inputMean: Float,
    val inputStd: Float,
    val outputMean: FloatArray,
    val outputStd: FloatArray,
    val hasPresence: Boolean,
    val cropRule: String,
    val cropSideOverBox: Double,
) {
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
            if (stored.int("contract_version") != CONTRACT_VERSION) {
                throw JsonException("contract version ${stored.int("contract_version")}")
            }
            return ModelContract(
                modelName = stored.string("model_name"),
                modelVersion = stored.string("model_version"),
                layout = stored.string("layout"),
                inputSizePx = stored.int("input_size_px"),
                inputMean = stored.double("input_mean").toFloat(),
                inputStd = stored.double("input_std").toFloat(),
                outputMean = stored.floats("output_mean"),
                outputStd = stored.floats("output_std"),
                hasPresence = stored.boolean("has_presence"),
                cropRule = stored.string("crop_rule"),
                cropSideOverBox = stored.double("crop_side_over_box"),
            )
        }
    }
}
