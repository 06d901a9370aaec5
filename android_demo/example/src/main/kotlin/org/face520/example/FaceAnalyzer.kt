package org.face520.example

import androidx.camera.core.ImageAnalysis
import androidx.camera.core.ImageProxy
import org.face520.android.LiveFaceLandmarker
import org.face520.android.YuvFrame
import org.face520.landmarks.YuvPlane

/** Hands CameraX's frames to a landmarker, in its format as it comes, YUV_420_888. */
class FaceAnalyzer(private val landmarker: LiveFaceLandmarker) : ImageAnalysis.Analyzer {
    override fun analyze(image: ImageProxy): Unit = image.use {
        val (luma, blue, red) = it.planes.map { plane -> YuvPlane(plane.buffer, plane.rowStride, plane.pixelStride) }
        val frame = YuvFrame(it.width, it.height, luma, blue, red, it.imageInfo.rotationDegrees)
        landmarker.submit(frame, it.imageInfo.timestamp / 1e6) // false: the frame before is still in work
    }
}
