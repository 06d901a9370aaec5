package org.face520.demo

import android.Manifest
import android.app.Application
import android.content.Context
import android.graphics.Bitmap
import android.graphics.BitmapFactory
import android.graphics.ImageFormat
import android.hardware.camera2.CameraCharacteristics
import android.hardware.camera2.CameraManager
import android.hardware.camera2.CameraMetadata
import android.net.Uri
import android.os.Looper
import android.util.Size
import java.io.File
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.shadow.api.Shadow
import org.robolectric.shadows.ShadowCameraCharacteristics
import org.robolectric.shadows.ShadowCameraManager
import org.robolectric.shadows.StreamConfigurationMapBuilder

/** The phone that a test runs on: its cameras, permissions and photos. */
object Phone {
    val app: Application get() = RuntimeEnvironment.getApplication()

    val cameras: CameraManager get() = app.getSystemService(Context.CAMERA_SERVICE) as CameraManager

    /** The bundled photo of one face. */
    val photo: Bitmap get() = BitmapFactory.decodeFile("edge_runtime/photos/astronaut.jpg")

    fun addCamera(front: Boolean, sensorDeg: Int) {
        val facts = ShadowCameraCharacteristics.newCameraCharacteristics()
        val side = if (front) CameraMetadata.LENS_FACING_FRONT else CameraMetadata.LENS_FACING_BACK
        shadowOf(facts).set(CameraCharacteristics.LENS_FACING, side)
        shadowOf(facts).set(CameraCharacteristics.SENSOR_ORIENTATION, sensorDeg)
        val sizes = StreamConfigurationMapBuilder.newBuilder()
            .addOutputSize(ImageFormat.YUV_420_888, Size(640, 480))
            .addOutputSize(ImageFormat.YUV_420_888, Size(1920, 1080))
        shadowOf(facts).set(CameraCharacteristics.SCALER_STREAM_CONFIGURATION_MAP, sizes.build())
        shadowOf(cameras).addCamera(if (front) "1" else "0", facts)
    }

    fun allowCamera() = shadowOf(app).grantPermissions(Manifest.permission.CAMERA)

    /** A picture file as another app would hand it over. */
    fun addPhoto(file: File): Uri {
        val uri = Uri.parse("content://photos/${file.name}")
        shadowOf(app.contentResolver).registerInputStreamSupplier(uri) { file.inputStream() }
        return uri
    }

    /** Waits until it is so, while the main thread works; throws when it does not come about. */
    fun waitFor(what: String, seconds: Int = 60, isSo: () -> Boolean) {
        val end = System.nanoTime() + seconds * 1_000_000_000L
        while (!isSo()) {
            check(System.nanoTime() < end) { "not within $seconds s: $what" }
            shadowOf(Looper.getMainLooper()).idle()
            Thread.sleep(10)
        }
        shadowOf(Looper.getMainLooper()).idle()
    }

    /** Takes the open camera away, as an app that needs it does. */
    fun takeCamera() = shadowOf(cameras).triggerDisconnect()

    /** Cameras that were opened and not closed. */
    fun openCameras(): Int {
        val manager = shadowOf(cameras)
        val created = ShadowCameraManager::class.java.getDeclaredField("createdCameras").apply { isAccessible = true }
        return (created[manager] as Collection<*>).count { device ->
            val shadow: Any = Shadow.extract(device)
            !shadow.javaClass.getDeclaredField("closed").apply { isAccessible = true }.getBoolean(shadow)
        }
    }

    /** Live threads of the app, by the name that it gives them. */
    fun threads(name: String): Int = Thread.getAllStackTraces().keys.count { it.name == name && it.isAlive }
}
