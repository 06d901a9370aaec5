package org.face520.landmarks

import kotlin.math.exp
import kotlin.math.max
import kotlin.math.min

/** Side of the detector's square input. */
const val DETECTOR_SIZE_PX = 128

// Cells per side of a feature map and anchors in each cell: 16*16*2 + 8*8*6 = 896.
private val ANCHOR_GRIDS = listOf(16 to 2, 8 to 6)
private const val VALUES_PER_ANCHOR = 16
private const val KEYPOINT_VALUES = 12
private const val LOGIT_LIMIT = 80f
private const val OVERLAP_OF_ONE_FACE = 0.3f

/** BlazeFace's 896 anchors to boxes; port of `edge_runtime/detection/blazeface.py`, which names the sources. */
class BlazeFaceDecoder {
    private val anchors = anchorCenters()

    /** Anchors of the short-range model. */
    val anchorCount: Int = anchors.size / 2

    /**
     * Faces, the best score first, in parts of the input's side (0 to 1), from logits (896) and
     * regressors (896 * 16).
     */
    fun decode(logits: FloatArray, regressors: FloatArray, minScore: Float): List<FaceDetection> {
        var likely: ArrayList<FaceDetection>? = null
        for (anchor in 0 until anchorCount) {
            val score = 1f / (1f + exp(-logits[anchor].coerceIn(-LOGIT_LIMIT, LOGIT_LIMIT)))
            if (score < minScore) continue
            val at = anchor * VALUES_PER_ANCHOR
            val x = regressors[at] / DETECTOR_SIZE_PX + anchors[anchor * 2]
            val y = regressors[at + 1] / DETECTOR_SIZE_PX + anchors[anchor * 2 + 1]
            val halfWidth = regressors[at + 2] / DETECTOR_SIZE_PX / 2
            val halfHeight = regressors[at + 3] / DETECTOR_SIZE_PX / 2
            // Most frames of an empty room reach no further than the line above.
            if (likely == null) likely = ArrayList()
            val keypoints = FloatArray(KEYPOINT_VALUES) {
                regressors[at + 4 + it] / DETECTOR_SIZE_PX + anchors[anchor * 2 + it % 2]
            }
            likely.add(FaceDetection(x - halfWidth, y - halfHeight, x + halfWidth, y + halfHeight, score, keypoints))
        }
        return if (likely == null) emptyList() else mergeOverlapping(likely)
    }

    private fun anchorCenters(): FloatArray {
        val centers = ArrayList<Float>()
        for ((side, perCell) in ANCHOR_GRIDS) {
            for (cell in 0 until side * side) {
                repeat(perCell) {
                    centers.add((cell % side + 0.5f) / side)
                    centers.add((cell / side + 0.5f) / side)
                }
            }
        }
        return centers.toFloatArray()
    }

    companion object {
        /** One detection per face, the best score first: boxes that overlap are averaged by score. */
        fun mergeOverlapping(detections: List<FaceDetection>): List<FaceDetection> {
            val merged = ArrayList<FaceDetection>()
            val remaining = ArrayList(detections)
            while (remaining.isNotEmpty()) {
                var best = remaining[0]
                for (one in remaining) if (one.score > best.score) best = one
                val group = ArrayList<FaceDetection>()
                var i = 0
                while (i < remaining.size) {
                    val one = remaining[i]
                    // A box without area overlaps nothing, not even itself.
                    if (one === best || overlap(best, one) > OVERLAP_OF_ONE_FACE) {
                        group.add(remaining.removeAt(i))
                    } else {
                        i++
                    }
                }
                merged.add(mean(group, best.score))
            }
            return merged
        }

        private fun mean(group: List<FaceDetection>, score: Float): FaceDetection {
            var left = 0f
            var top = 0f
            var right = 0f
            var bottom = 0f
            var weight = 0f
            val keypoints = FloatArray(KEYPOINT_VALUES)
            for (one in group) {
                left += one.left * one.score
                top += one.top * one.score
                right += one.right * one.score
                bottom += one.bottom * one.score
                weight += one.score
                for (i in keypoints.indices) keypoints[i] += one.keypoints[i] * one.score
            }
            for (i in keypoints.indices) keypoints[i] /= weight
            return FaceDetection(left / weight, top / weight, right / weight, bottom / weight, score, keypoints)
        }

        /** Intersection over union of two boxes. */
        private fun overlap(one: FaceDetection, other: FaceDetection): Float {
            val width = max(min(one.right, other.right) - max(one.left, other.left), 0f)
            val height = max(min(one.bottom, other.bottom) - max(one.top, other.top), 0f)
            val shared = width * height
            return shared / max(area(one) + area(other) - shared, 1e-9f)
        }

        private fun area(one: FaceDetection) = (one.right - one.left) * (one.bottom - one.top)
    }
}
