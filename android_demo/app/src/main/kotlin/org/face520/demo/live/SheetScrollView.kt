package org.face520.demo.live

import android.content.Context
import android.util.AttributeSet
import android.widget.ScrollView

private const val MOST_OF_SCREEN = 0.45f

/** Scrolls what is higher than nearly half of the screen, so that the camera's picture stays in view. */
class SheetScrollView @JvmOverloads constructor(context: Context, attributes: AttributeSet? = null) :
    ScrollView(context, attributes) {
    override fun onMeasure(widthSpec: Int, heightSpec: Int) {
        val most = (resources.displayMetrics.heightPixels * MOST_OF_SCREEN).toInt()
        val isFree = MeasureSpec.getMode(heightSpec) == MeasureSpec.UNSPECIFIED
        val given = if (isFree) most else MeasureSpec.getSize(heightSpec)
        super.onMeasure(widthSpec, MeasureSpec.makeMeasureSpec(minOf(most, given), MeasureSpec.AT_MOST))
    }
}
