package org.face520.demo

import android.app.Activity
import android.os.Build
import android.view.View
import org.face520.demo.benchmark.BenchmarkActivity
import org.face520.demo.live.LiveActivity
import org.face520.demo.photo.PhotoActivity
import org.junit.Assert.assertEquals
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.annotation.Config
import org.robolectric.annotation.GraphicsMode

private const val PORTRAIT = "w411dp-h891dp-port-hdpi"
private const val LANDSCAPE = "w891dp-h411dp-land-hdpi"
private const val SMALL = "w320dp-h533dp-port-hdpi"

/**
 * Every screen is shown, made anew and left in every value of each setting: not in their product,
 * but in pairs, so that each value is run at least once.
 */
@RunWith(ScreenRunner::class)
@GraphicsMode(GraphicsMode.Mode.NATIVE)
class ConfigurationsTest {
    private inline fun <reified T : Activity> show(name: String) {
        val screen = Screen.show<T>()
        screen.picture("${T::class.java.simpleName.removeSuffix("Activity").lowercase()}_$name")
        if (isDrawn) assertEquals("$name: ${T::class.java.simpleName}", emptyList<String>(), screen.faults())
        screen.activity.findViewById<View>(R.id.settings)?.performClick()
        if (isDrawn) assertEquals("$name: settings", emptyList<String>(), screen.faults())
        screen.controller.recreate()
        screen.leave()
        assertEquals("cameras left open", 0, Phone.openCameras())
    }

    /** Robolectric draws and measures no text at this level; there, only the course of events counts. */
    private val isDrawn: Boolean get() = Build.VERSION.SDK_INT > Build.VERSION_CODES.N

    private fun showAll(name: String) {
        show<LiveActivity>(name)
        show<PhotoActivity>(name)
        show<BenchmarkActivity>(name)
    }

    @Test
    @Config(sdk = [35], qualifiers = PORTRAIT)
    fun portrait() = showAll("portrait")

    @Test
    @Config(sdk = [35], qualifiers = LANDSCAPE, fontScale = 1.3f)
    fun landscapeWithLargeText() = showAll("landscape")

    @Test
    @Config(sdk = [36], qualifiers = "de-rDE-w411dp-h891dp-port-night-hdpi")
    fun darkAndGermanOnTheNewest() = showAll("dark_german")

    @Test
    @Config(sdk = [35], qualifiers = "de-rDE-w891dp-h411dp-land-hdpi", fontScale = 2f)
    fun germanAndLargestTextInLandscape() = showAll("landscape_german_largest_text")

    @Test
    @Config(sdk = [30], qualifiers = SMALL, fontScale = 2f)
    fun smallWithLargestText() = showAll("largest_text")

    @Test
    @Config(sdk = [24], qualifiers = PORTRAIT)
    @GraphicsMode(GraphicsMode.Mode.LEGACY)
    fun theOldest() = showAll("oldest")
}
