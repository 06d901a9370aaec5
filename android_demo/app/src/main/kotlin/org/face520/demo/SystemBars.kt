package org.face520.demo

import android.os.Build
import android.view.View
import android.view.Window
import android.view.WindowInsets

/** Since Android 15 an app draws behind the system's bars; its controls must keep clear of them. */
object SystemBars {
    /** Lets a screen's content begin behind the bars on every version; its controls must then keep clear. */
    @Suppress("DEPRECATION") // since Android 15 there is no other way, and this one is no longer needed
    fun drawBehind(window: Window) {
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.R) {
            window.setDecorFitsSystemWindows(false)
        } else {
            window.decorView.systemUiVisibility = View.SYSTEM_UI_FLAG_LAYOUT_STABLE or
                View.SYSTEM_UI_FLAG_LAYOUT_FULLSCREEN or View.SYSTEM_UI_FLAG_LAYOUT_HIDE_NAVIGATION
        }
    }

    /** Pads a screen's root by the bars and the camera's cutout; [lowest], at its lower edge, pads itself there. */
    fun keepClear(root: View, lowest: View = root) {
        val ownPadding = if (lowest === root) 0 else lowest.paddingBottom
        root.setOnApplyWindowInsetsListener { _, insets ->
            if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.R) {
                val bars = insets.getInsets(WindowInsets.Type.systemBars() or WindowInsets.Type.displayCutout())
                pad(root, lowest, ownPadding, bars.left, bars.top, bars.right, bars.bottom)
            } else {
                keepClearOfOldInsets(root, lowest, ownPadding, insets)
            }
            insets
        }
    }

    @Suppress("DEPRECATION") // their successor came with API 30
    private fun keepClearOfOldInsets(root: View, lowest: View, ownPadding: Int, insets: WindowInsets) = pad(
        root, lowest, ownPadding,
        insets.systemWindowInsetLeft,
        insets.systemWindowInsetTop,
        insets.systemWindowInsetRight,
        insets.systemWindowInsetBottom,
    )

    private fun pad(root: View, lowest: View, ownPadding: Int, left: Int, top: Int, right: Int, bottom: Int) {
        root.setPadding(left, top, right, if (lowest === root) bottom else 0)
        if (lowest !== root) {
            lowest.setPadding(lowest.paddingLeft, lowest.paddingTop, lowest.paddingRight, ownPadding + bottom)
        }
    }
}
