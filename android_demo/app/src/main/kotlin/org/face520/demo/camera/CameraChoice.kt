package org.face520.demo.camera

import android.graphics.ImageFormat
import android.hardware.camera2.CameraCharacteristics
import android.hardware.camera2.CameraManager
import android.hardware.camera2.CameraMetadata
import android.util.Range
import android.util.Size
import kotlin.math.abs

private const val WANTED_PIXELS = 640 * 480
private const val WANTED_FPS = 30

/** A camera with the frame size and rate to use. */
class CameraChoice private constructor(val id: String, private val facts: CameraCharacteristics, val size: Size) {
    val isFront: Boolean = facts[CameraCharacteristics.LENS_FACING] == CameraMetadata.LENS_FACING_FRONT
    val sensorDeg: Int = facts[CameraCharacteristics.SENSOR_ORIENTATION] ?: 0

    /** The steadiest range of frame rates up to 30 per second. */
    val fpsRange: Range<Int>? =
        facts[CameraCharacteristics.CONTROL_AE_AVAILABLE_TARGET_FPS_RANGES]
            ?.filter { it.upper <= WANTED_FPS }
            ?.maxWithOrNull { one, other ->
                if (one.upper != other.upper) one.upper - other.upper else one.lower - other.lower
            }

    val canFocusContinuously: Boolean =
        facts[CameraCharacteristics.CONTROL_AF_AVAILABLE_MODES]
            ?.contains(CameraMetadata.CONTROL_AF_MODE_CONTINUOUS_VIDEO) == true

    companion object {
        /** The camera on the wanted side, else any; null without a camera. */
        fun find(manager: CameraManager, front: Boolean): CameraChoice? {
            val choices = manager.cameraIdList.mapNotNull { id ->
                val facts = manager.getCameraCharacteristics(id)
                val sizes = facts[CameraCharacteristics.SCALER_STREAM_CONFIGURATION_MAP]
                    ?.getOutputSizes(ImageFormat.YUV_420_888)
                val size = sizes?.minByOrNull { abs(it.width * it.height - WANTED_PIXELS) }
                size?.let { CameraChoice(id, facts, it) }
            }
            return choices.firstOrNull { it.isFront == front } ?: choices.firstOrNull()
        }
    }
}
