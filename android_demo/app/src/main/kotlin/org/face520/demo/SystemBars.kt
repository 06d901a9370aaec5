package org.face520.demo

import android.os.Build
import android.view.View
import android.view.WindowInsets

/** Since Android 15 an app draws behind the system's bars; its controls must keep clear of them. */
object SystemBars {
    /** Pads a screen's root by the bars and the camera's cutout. */
    fun keepClear(root: View) {
        root.setOnApplyWindowInsetsListener { view, insets ->
            if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.R) {
                val bars = insets.getInsets(WindowInsets.Type.systemBars() or WindowInsets.Type.displayCutout())
                view.setPadding(bars.left, bars.top, bars.right, bars.bottom)
            } else {
                keepClearOfOldInsets(view, insets)
            }
            insets
        }
    }

    @Suppress("DEPRECATION") // their successor came with API 30
    private fun keepClearOfOldInsets(view: View, insets: WindowInsets) = view.setPadding(
        insets.systemWindowInsetLeft,
        insets.systemWindowInsetTop,
        insets.systemWindowInsetRight,
        insets.systemWindowInsetBottom,
    )
}
