package org.face520.demo.live

import android.Manifest
import android.app.Activity
import android.content.Intent
import android.content.pm.PackageManager
import android.net.Uri
import android.provider.Settings
import org.face520.demo.inference.SettingsStore

/** The right to use the camera, and how to ask for it. */
class CameraPermission(private val activity: Activity, private val settings: SettingsStore) {
    /** [OFF]: the system no longer shows the question. */
    enum class State { GRANTED, NEVER_ASKED, ASKED, OFF }

    val state: State
        get() = when {
            isGranted -> State.GRANTED
            !settings.cameraAsked -> State.NEVER_ASKED
            // Once refused, the system wants the question explained; when it no longer does, it was refused for good.
            settings.cameraRefused && !wantsExplanation -> State.OFF
            else -> State.ASKED
        }

    private val isGranted: Boolean
        get() = activity.checkSelfPermission(Manifest.permission.CAMERA) == PackageManager.PERMISSION_GRANTED

    private val wantsExplanation: Boolean
        get() = activity.shouldShowRequestPermissionRationale(Manifest.permission.CAMERA)

    /** Asks, or opens the system's settings where asking is in vain. */
    fun ask() {
        if (state == State.OFF) {
            val settings = Intent(Settings.ACTION_APPLICATION_DETAILS_SETTINGS)
            activity.startActivity(settings.setData(Uri.fromParts("package", activity.packageName, null)))
        } else {
            activity.requestPermissions(arrayOf(Manifest.permission.CAMERA), REQUEST)
        }
    }

    /** Takes note of an answer, which closing the question without one is not. */
    fun answered() {
        settings.cameraAsked = true
        if (isGranted) settings.cameraRefused = false else if (wantsExplanation) settings.cameraRefused = true
    }

    private companion object {
        const val REQUEST = 1
    }
}
