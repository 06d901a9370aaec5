package org.face520.android

import android.graphics.ImageFormat
import android.media.Image
import org.face520.landmarks.YuvPlane

private const val YUV = ImageFormat.YUV_420_888

/**
 * A camera's YUV 4:2:0 frame of [width] x [height] px, to be turned clockwise by [rotationDeg], 0, 90, 180
 * or 270, to stand upright.
 *
 * The planes are those of a `YUV_420_888` image of Camera2 or of CameraX's ImageAnalysis; their memory is
 * read until the call that the frame is handed to returns, then the image may be closed. Throws
 * IllegalArgumentException for planes that are too small for the frame, and other turns.
 */
public class YuvFrame(
    public val width: Int,
    public val height: Int,
    luma: YuvPlane,
    blue: YuvPlane,
    red: YuvPlane,
    public val rotationDeg: Int,
) {
    internal val luma = own("luma", luma, width, height)
    internal val blue = own("blue", blue, (width + 1) / 2, (height + 1) / 2)
    internal val red = own("red", red, (width + 1) / 2, (height + 1) / 2)

    init {
        require(rotationDeg in 0..270 && rotationDeg % 90 == 0) {
            "A frame cannot be turned by $rotationDeg degrees: 0, 90, 180 and 270 it can."
        }
    }

    /** The plane with a position of its own: the camera's buffer stays as it is. */
    private fun own(name: String, plane: YuvPlane, columns: Int, rows: Int): YuvPlane {
        require(columns > 0 && rows > 0) { "A frame cannot be $width x $height px." }
        val row = (columns - 1) * plane.pixelStride + 1
        val needed = (rows - 1) * plane.rowStride + row
        val bytes = plane.bytes.duplicate()
        require(plane.pixelStride > 0 && row <= plane.rowStride && needed <= bytes.limit()) {
            "The $name plane has ${bytes.limit()} bytes in rows of ${plane.rowStride}, and a frame of $width x $height " +
                "px needs $needed. Hand over the planes of one YUV_420_888 image with their strides, before it is closed."
        }
        return YuvPlane(bytes, plane.rowStride, plane.pixelStride)
    }

    public companion object {
        /**
         * The frame in an image of Camera2's ImageReader; close the image after the call that the frame is
         * handed to. Throws IllegalArgumentException for an image of another format.
         */
        @JvmStatic
        public fun of(image: Image, rotationDeg: Int): YuvFrame {
            require(image.format == YUV) {
                "The image has the format ${image.format}. Make the ImageReader with ImageFormat.YUV_420_888 ($YUV)."
            }
            val planes = image.planes
            return YuvFrame(image.width, image.height, plane(planes[0]), plane(planes[1]), plane(planes[2]), rotationDeg)
        }

        private fun plane(plane: Image.Plane) = YuvPlane(plane.buffer, plane.rowStride, plane.pixelStride)
    }
}
