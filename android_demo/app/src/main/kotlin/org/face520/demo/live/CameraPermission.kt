package org.face520.demo.live

import android.Manifest
import android.app.Activity
import android.content.Intent
import android.content.pm.PackageManager
import android.net.Uri
import android.provider.Settings

/** The right to use the camera, and how to ask for it. */
class CameraPermission(private val activity: Activity) {
    /** Whether [askOnce] has asked; to be kept over a turn of the phone. */
    var wasAsked = false

    val isGranted: Boolean
        get() = activity.checkSelfPermission(Manifest.permission.CAMERA) == PackageManager.PERMISSION_GRANTED

    /** Asks once by itself; a user who said no is asked again only by [askAgain]. */
    fun askOnce() {
        if (wasAsked) return
        wasAsked = true
        activity.requestPermissions(arrayOf(Manifest.permission.CAMERA), REQUEST)
    }

    /** Asks, or opens the system's settings where the system no longer shows the question. */
    fun askAgain() {
        if (activity.shouldShowRequestPermissionRationale(Manifest.permission.CAMERA)) {
            activity.requestPermissions(arrayOf(Manifest.permission.CAMERA), REQUEST)
        } else {
            val settings = Intent(Settings.ACTION_APPLICATION_DETAILS_SETTINGS)
            activity.startActivity(settings.setData(Uri.fromParts("package", activity.packageName, null)))
        }
    }

    private companion object {
        const val REQUEST = 1
    }
}
