package org.face520.demo.camera

import android.annotation.SuppressLint
import android.content.Context
import android.graphics.ImageFormat
import android.hardware.camera2.CameraAccessException
import android.hardware.camera2.CameraCaptureSession
import android.hardware.camera2.CameraDevice
import android.hardware.camera2.CameraManager
import android.hardware.camera2.CaptureRequest
import android.hardware.camera2.params.OutputConfiguration
import android.hardware.camera2.params.SessionConfiguration
import android.media.Image
import android.media.ImageReader
import android.os.Build
import android.os.Handler

private const val BUFFERS = 3

/** Why there are no frames. */
enum class CameraProblem { NO_CAMERA, IN_USE, FAILED }

/**
 * YUV frames from one camera, the latest first: frames that come while one is worked on are dropped.
 *
 * Everything happens on [handler]'s thread, [onFrame] included; the frame is closed after it.
 */
class CameraFeed(
    context: Context,
    private val handler: Handler,
    private val onFrame: (Image, CameraChoice) -> Unit,
    private val onProblem: (CameraProblem) -> Unit,
) {
    private val manager = context.getSystemService(Context.CAMERA_SERVICE) as CameraManager
    private var device: CameraDevice? = null
    private var session: CameraCaptureSession? = null
    private var reader: ImageReader? = null
    private var isOpening = false
    private var afterwards: (() -> Unit)? = null

    /** The side that is wanted now, front or not; null: no camera. Set at once, also while the thread is busy. */
    @Volatile private var wantedFront: Boolean? = null

    /** Opens the camera on a side; the permission must have been granted. */
    fun start(front: Boolean) {
        wantedFront = front
        handler.post {
            // A camera that is just opening is looked at again when it is open.
            if (device == null && !isOpening) open()
        }
    }

    /** Closes the camera; frames that wait are dropped. */
    fun stop() {
        wantedFront = null
        handler.post { close() }
    }

    /**
     * Ends the feed for good: calls [then] on the handler's thread as soon as no camera is open or
     * opening any more; until then the thread must live, or an open camera would stay open.
     */
    fun finish(then: () -> Unit) {
        wantedFront = null
        handler.post {
            close()
            if (isOpening) afterwards = then else then()
        }
    }

    @SuppressLint("MissingPermission") // the activity asks for it before it starts the feed
    private fun open() {
        val front = wantedFront ?: return
        try {
            val choice = CameraChoice.find(manager, front) ?: return onProblem(CameraProblem.NO_CAMERA)
            val size = choice.size
            val frames = ImageReader.newInstance(size.width, size.height, ImageFormat.YUV_420_888, BUFFERS)
            frames.setOnImageAvailableListener({ source -> deliver(source, choice) }, handler)
            reader = frames
            isOpening = true
            manager.openCamera(choice.id, DeviceEvents(choice, front), handler)
        } catch (error: CameraAccessException) {
            val isTaken = error.reason == CameraAccessException.CAMERA_IN_USE
            fail(if (isTaken) CameraProblem.IN_USE else CameraProblem.FAILED)
        } catch (error: SecurityException) {
            fail(CameraProblem.FAILED)
        } catch (error: IllegalArgumentException) {
            // A camera that was unplugged between the look and the call.
            fail(CameraProblem.FAILED)
        }
    }

    private fun deliver(source: ImageReader, choice: CameraChoice) {
        // The reader may have been closed while this call waited in the queue.
        if (source !== reader) return
        val image = source.acquireLatestImage() ?: return
        try {
            onFrame(image, choice)
        } finally {
            image.close()
        }
    }

    private inner class DeviceEvents(private val choice: CameraChoice, private val front: Boolean) :
        CameraDevice.StateCallback() {
        override fun onOpened(camera: CameraDevice) {
            isOpening = false
            device = camera
            if (front != wantedFront || reader == null) {
                close()
                open()
                return leaveIfDone()
            }
            try {
                createSession(camera)
            } catch (error: CameraAccessException) {
                fail(CameraProblem.FAILED)
            } catch (error: IllegalStateException) {
                fail(CameraProblem.FAILED)
            }
        }

        override fun onDisconnected(camera: CameraDevice) {
            camera.close()
            fail(CameraProblem.IN_USE)
        }

        override fun onError(camera: CameraDevice, error: Int) {
            camera.close()
            val isTaken = error == ERROR_CAMERA_IN_USE || error == ERROR_MAX_CAMERAS_IN_USE
            fail(if (isTaken) CameraProblem.IN_USE else CameraProblem.FAILED)
        }

        private fun createSession(camera: CameraDevice) {
            val surface = reader?.surface ?: return
            val events = SessionEvents(choice)
            if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.P) {
                val outputs = listOf(OutputConfiguration(surface))
                val executor = { command: Runnable -> handler.post(command); Unit }
                camera.createCaptureSession(
                    SessionConfiguration(SessionConfiguration.SESSION_REGULAR, outputs, executor, events),
                )
            } else {
                @Suppress("DEPRECATION") // its successor came with API 28
                camera.createCaptureSession(listOf(surface), events, handler)
            }
        }
    }

    private inner class SessionEvents(private val choice: CameraChoice) : CameraCaptureSession.StateCallback() {
        override fun onConfigured(configured: CameraCaptureSession) {
            val camera = device
            val surface = reader?.surface
            if (wantedFront == null || camera == null || surface == null) return close()
            session = configured
            try {
                val request = camera.createCaptureRequest(CameraDevice.TEMPLATE_PREVIEW)
                request.addTarget(surface)
                choice.fpsRange?.let { request[CaptureRequest.CONTROL_AE_TARGET_FPS_RANGE] = it }
                if (choice.canFocusContinuously) {
                    request[CaptureRequest.CONTROL_AF_MODE] = CaptureRequest.CONTROL_AF_MODE_CONTINUOUS_VIDEO
                }
                configured.setRepeatingRequest(request.build(), null, handler)
            } catch (error: CameraAccessException) {
                fail(CameraProblem.FAILED)
            } catch (error: IllegalStateException) {
                // The session was closed by the system in the meantime.
                fail(CameraProblem.FAILED)
            }
        }

        override fun onConfigureFailed(failed: CameraCaptureSession) = fail(CameraProblem.FAILED)
    }

    private fun fail(problem: CameraProblem) {
        isOpening = false
        close()
        if (wantedFront != null) onProblem(problem)
        leaveIfDone()
    }

    private fun leaveIfDone() {
        if (!isOpening) afterwards?.invoke()
    }

    private fun close() {
        session?.close()
        session = null
        device?.close()
        device = null
        reader?.close()
        reader = null
    }
}
