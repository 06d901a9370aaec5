package org.face520.landmarks

import kotlin.math.max
import kotlin.math.pow
import kotlin.math.sqrt

private const val TURN_DEG = 20.0
private const val WIDER = 1.12
private const val EVEN_ODDS = 0.065
private const val SLOPE = 7.0

/**
 * Is there a face under these landmarks? For models without presence output.
 *
 * The place is looked at again through a turned and wider square: on a face the landmarks stay on
 * the skin, on anything else they turn with the square. Port of `edge_runtime/tracking/plausibility.py`,
 * which tells how the constants were measured.
 */
internal class Plausibility(private val model: LandmarkModel, layout: Layout) {
    private val turned = CropRegion()
    private val again = Prediction(layout.size)

    /** Probability, 0 to 1, that points found in a square are a face's. Costs one run of the model. */
    fun presence(image: PixelImage, region: CropRegion, points: FloatArray): Float {
        turned.set(region.centerX, region.centerY, region.sidePx * WIDER, region.rollDeg + TURN_DEG)
        model.run(image, turned, again)
        return presenceOfMovement(movement(points, again.points))
    }

    companion object {
        /** Mean distance in the picture plane between two answers, in sizes of the first one's face. */
        internal fun movement(points: FloatArray, again: FloatArray): Double {
            var sum = 0.0
            for (i in 0..points.size - 1 step 3) {
                val x = (again[i] - points[i]).toDouble()
                val y = (again[i + 1] - points[i + 1]).toDouble()
                sum += sqrt(x * x + y * y)
            }
            return sum * 3 / points.size / FaceSize.sizePx(points)
        }

        /** Probability, 0 to 1, of a face whose landmarks move this far, in face sizes. */
        fun presenceOfMovement(faceSizes: Double): Float =
            (1 / (1 + (max(faceSizes, 1e-9) / EVEN_ODDS).pow(SLOPE))).toFloat()
    }
}
