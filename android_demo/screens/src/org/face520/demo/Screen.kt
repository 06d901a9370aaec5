package org.face520.demo

import android.app.Activity
import android.graphics.Bitmap
import android.graphics.Canvas
import android.graphics.Color
import android.graphics.Insets
import android.graphics.Rect
import android.os.Build
import android.os.Looper
import android.view.View
import android.view.ViewGroup
import android.view.WindowInsets
import android.widget.AdapterView
import android.widget.HorizontalScrollView
import android.widget.ScrollView
import android.widget.TextView
import java.io.File
import org.robolectric.Robolectric
import org.robolectric.Shadows.shadowOf
import org.robolectric.android.controller.ActivityController

private const val STATUS_BAR_DP = 24
private const val NAVIGATION_BAR_DP = 48
private const val TOUCH_TARGET_DP = 48

/** A screen of the app on the JVM, laid out in the whole display with the system's bars. */
class Screen<T : Activity>(val controller: ActivityController<T>) {
    val activity: T get() = controller.get()

    init {
        open.add(this)
    }

    private val root: View get() = activity.window.decorView
    private val density: Float get() = root.resources.displayMetrics.density

    /** Lays everything out, as the next frame would. */
    fun layOut() {
        shadowOf(Looper.getMainLooper()).idle()
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.R) {
            val bars = WindowInsets.Builder()
                .setInsets(WindowInsets.Type.statusBars(), Insets.of(0, px(STATUS_BAR_DP), 0, 0))
                .setInsets(WindowInsets.Type.navigationBars(), Insets.of(0, 0, 0, px(NAVIGATION_BAR_DP)))
            root.dispatchApplyWindowInsets(bars.build())
        }
        val display = root.resources.displayMetrics
        repeat(2) {
            root.measure(exactly(display.widthPixels), exactly(display.heightPixels))
            root.layout(0, 0, display.widthPixels, display.heightPixels)
            shadowOf(Looper.getMainLooper()).idle()
        }
    }

    /** Draws what is laid out, ticks and chips as they are in the end. */
    fun draw(): Bitmap {
        root.jumpDrawablesToCurrentState()
        val bitmap = Bitmap.createBitmap(root.width, root.height, Bitmap.Config.ARGB_8888)
        val canvas = Canvas(bitmap)
        canvas.drawColor(Color.BLACK)
        root.draw(canvas)
        return bitmap
    }

    /** What the screen shows; kept as build/android/screens/NAME.png. */
    fun picture(name: String): Bitmap {
        layOut()
        val bitmap = draw()
        val file = File("build/android/screens/$name.png")
        file.parentFile!!.mkdirs()
        file.outputStream().use { bitmap.compress(Bitmap.CompressFormat.PNG, 100, it) }
        return bitmap
    }

    /** Text of a view. */
    fun text(id: Int): String = activity.findViewById<TextView>(id).text.toString()

    fun isShown(id: Int): Boolean = activity.findViewById<View>(id).isShown

    /** Where a view begins, px below the screen's upper edge. */
    fun top(id: Int): Int {
        val place = IntArray(2)
        activity.findViewById<View>(id).getLocationInWindow(place)
        return place[1]
    }

    /** Everything that is wrong with what is laid out; empty when all text is whole and all controls can be touched. */
    fun faults(): List<String> {
        layOut()
        val found = ArrayList<String>()
        visit(root) { view -> found.addAll(faultsOf(view)) }
        return found
    }

    /** Leaves the screen for good. */
    fun leave() {
        open.remove(this)
        if (activity.isDestroyed) return
        controller.pause().stop().destroy()
        shadowOf(Looper.getMainLooper()).idle()
    }

    private fun visit(view: View, look: (View) -> Unit) {
        if (view.visibility != View.VISIBLE) return
        look(view)
        if (view is ViewGroup) for (i in 0 until view.childCount) visit(view.getChildAt(i), look)
    }

    private fun faultsOf(view: View): List<String> {
        val found = ArrayList<String>()
        val isText = view is TextView && view.text.isNotEmpty()
        if (isText) textFault(view as TextView)?.let { found.add("${name(view)}: $it") }
        if (!isText && view.isClickable && !isNamed(view)) found.add("${name(view)}: a screen reader has no name for it")
        if (!isText && !view.isClickable) return found
        clipping(view)?.let { found.add("${name(view)}: $it") }
        val isSmall = view.isClickable && minOf(view.width, view.height) < px(TOUCH_TARGET_DP) - 1
        if (isSmall) found.add("${name(view)}: ${view.width}x${view.height} px is hard to touch")
        return found
    }

    /** By a description, or by a label that says whose it is. */
    private fun isNamed(view: View): Boolean {
        var isNamed = !view.contentDescription.isNullOrEmpty()
        visit(root) { if (it is TextView && it.text.isNotEmpty() && it.labelFor == view.id) isNamed = true }
        return isNamed
    }

    private fun textFault(view: TextView): String? {
        val lines = view.layout ?: return "its text is not laid out"
        val width = view.width - view.compoundPaddingLeft - view.compoundPaddingRight
        val height = view.height - view.compoundPaddingTop - view.compoundPaddingBottom
        if (lines.height > height) return "text ${lines.height} px high in $height px"
        for (line in 0 until lines.lineCount) {
            if (lines.getEllipsisCount(line) > 0) return "text ends in an ellipsis"
            if (lines.getLineMax(line) > width + 1) return "text ${lines.getLineMax(line)} px wide in $width px"
        }
        return null
    }

    /** What of a view lies outside of those that hold it; what a list scrolls to is not lost. */
    private fun clipping(view: View): String? {
        val place = Rect(0, 0, view.width, view.height)
        var child = view
        var parent = child.parent
        while (parent is View) {
            place.offset(child.left - parent.scrollX, child.top - parent.scrollY)
            val isScrolled = parent is ScrollView || parent is HorizontalScrollView || parent is AdapterView<*>
            if (isScrolled) {
                place.set(0, 0, parent.width, parent.height)
            } else if (place.left < 0 || place.top < 0 || place.right > parent.width || place.bottom > parent.height) {
                return "at $place of ${name(parent)}, which is ${parent.width}x${parent.height}"
            }
            child = parent
            parent = child.parent
        }
        return null
    }

    private fun name(view: View): String {
        val id = if (view.id == View.NO_ID) "" else view.resources.getResourceEntryName(view.id)
        val text = if (view is TextView) " '${view.text.take(20)}'" else ""
        return "${view.javaClass.simpleName} $id$text"
    }

    private fun px(dp: Int): Int = (dp * density + 0.5f).toInt()

    private fun exactly(px: Int) = View.MeasureSpec.makeMeasureSpec(px, View.MeasureSpec.EXACTLY)

    companion object {
        private val open = ArrayList<Screen<*>>()

        /** Leaves what a test that failed has left open, so that the next one begins without it. */
        fun leaveAll() {
            for (screen in open.toList()) screen.leave()
        }

        /** Starts a screen and brings it to the front. */
        inline fun <reified T : Activity> show(): Screen<T> = Screen(Robolectric.buildActivity(T::class.java).setup())

        /** The box of all pixels that differ between two pictures of one size, where it counts. */
        fun difference(one: Bitmap, other: Bitmap, counts: (Int, Int) -> Boolean): Rect {
            val box = Rect()
            val row = IntArray(one.width)
            val otherRow = IntArray(one.width)
            for (y in 0 until one.height) {
                one.getPixels(row, 0, one.width, 0, y, one.width, 1)
                other.getPixels(otherRow, 0, one.width, 0, y, one.width, 1)
                for (x in row.indices) if (row[x] != otherRow[x] && counts(x, y)) box.union(x, y, x + 1, y + 1)
            }
            return box
        }
    }
}
