package org.face520.landmarks

import kotlin.math.exp
import kotlin.math.max
import kotlin.math.min

/** Side of the detector's square input. */
internal const val DETECTOR_SIZE_PX = 128

// Cells per side of a feature map and anchors in each cell: 16*16*2 + 8*8*6 = 896.
private val ANCHOR_GRIDS = listOf(16 to 2, 8 to 6)
private const val VALUES_PER_ANCHOR = 16
private const val LOGIT_LIMIT = 80f
private const val OVERLAP_OF_ONE_FACE = 0.3f

/** BlazeFace's 896 anchors to boxes; port of `edge_runtime/detection/blazeface.py`, which names the sources. */
internal class BlazeFaceDecoder {
    private val anchors = anchorCenters()

    /** Anchors of the short-range model. */
    val anchorCount: Int = anchors.size / 2

    private val likely = FaceDetections()

    /**
     * Fills [faces] with those in logits (896) and regressors (896 * 16), the best score first, in parts
     * of the input's side (0 to 1).
     */
    fun decode(logits: FloatArray, regressors: FloatArray, minScore: Float, faces: FaceDetections) {
        likely.clear()
        for (anchor in 0 until anchorCount) {
            val score = 1f / (1f + exp(-logits[anchor].coerceIn(-LOGIT_LIMIT, LOGIT_LIMIT)))
            if (score >= minScore) place(likely.add(), anchor, regressors, score)
        }
        faces.clear()
        merge(likely, faces)
    }

    private fun place(face: FaceDetection, anchor: Int, regressors: FloatArray, score: Float) {
        val at = anchor * VALUES_PER_ANCHOR
        val x = regressors[at] / DETECTOR_SIZE_PX + anchors[anchor * 2]
        val y = regressors[at + 1] / DETECTOR_SIZE_PX + anchors[anchor * 2 + 1]
        val halfWidth = regressors[at + 2] / DETECTOR_SIZE_PX / 2
        val halfHeight = regressors[at + 3] / DETECTOR_SIZE_PX / 2
        face.setBox(x - halfWidth, y - halfHeight, x + halfWidth, y + halfHeight)
        face.score = score
        for (i in face.keypoints.indices) {
            face.keypoints[i] = regressors[at + 4 + i] / DETECTOR_SIZE_PX + anchors[anchor * 2 + i % 2]
        }
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

    private var isMerged = BooleanArray(0)

    /** Adds one detection per face to [faces], the best score first: boxes that overlap are averaged by score. */
    fun merge(detections: FaceDetections, faces: FaceDetections) {
        if (isMerged.size < detections.count) isMerged = BooleanArray(2 * detections.count)
        for (i in 0 until detections.count) isMerged[i] = false
        var best = best(detections)
        while (best >= 0) {
            average(detections, best, faces.add())
            best = best(detections)
        }
    }

    /** Place of the best one that is in no face yet; -1 without one. */
    private fun best(detections: FaceDetections): Int {
        var best = -1
        for (i in 0 until detections.count) {
            if (!isMerged[i] && (best < 0 || detections[i].score > detections[best].score)) best = i
        }
        return best
    }

    private fun average(detections: FaceDetections, best: Int, face: FaceDetection) {
        face.setBox(0f, 0f, 0f, 0f)
        face.score = detections[best].score
        face.keypoints.fill(0f)
        var weight = 0f
        for (i in 0 until detections.count) {
            // A box without area overlaps nothing, not even itself.
            if (isMerged[i] || (i != best && overlap(detections[best], detections[i]) <= OVERLAP_OF_ONE_FACE)) continue
            isMerged[i] = true
            val one = detections[i]
            face.setBox(
                face.left + one.left * one.score, face.top + one.top * one.score,
                face.right + one.right * one.score, face.bottom + one.bottom * one.score,
            )
            for (k in face.keypoints.indices) face.keypoints[k] += one.keypoints[k] * one.score
            weight += one.score
        }
        face.setBox(face.left / weight, face.top / weight, face.right / weight, face.bottom / weight)
        for (k in face.keypoints.indices) face.keypoints[k] /= weight
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
