package org.face520.demo.live

import android.app.Activity
import android.hardware.display.DisplayManager
import android.os.Build
import android.os.Handler
import android.os.Looper
import android.view.Display
import android.view.Surface

/** How far the screen's content is turned, also through half turns, which restart no activity. */
class DisplayRotation(private val activity: Activity, private val onChange: (Int) -> Unit) :
    DisplayManager.DisplayListener {
    private val manager = activity.getSystemService(Activity.DISPLAY_SERVICE) as DisplayManager

    /** Reports the present rotation, 0, 90, 180 or 270, and every other one until [stop]. */
    fun start() {
        manager.registerDisplayListener(this, Handler(Looper.getMainLooper()))
        report()
    }

    fun stop() = manager.unregisterDisplayListener(this)

    override fun onDisplayChanged(displayId: Int) = report()

    override fun onDisplayAdded(displayId: Int) = Unit

    override fun onDisplayRemoved(displayId: Int) = Unit

    private fun report() = onChange(
        when (display()?.rotation) {
            Surface.ROTATION_90 -> 90
            Surface.ROTATION_180 -> 180
            Surface.ROTATION_270 -> 270
            else -> 0
        },
    )

    private fun display(): Display? =
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.R) {
            activity.display
        } else {
            @Suppress("DEPRECATION") // its successor came with API 30
            activity.windowManager.defaultDisplay
        }
}
