package org.face520.demo.photo

import android.app.Activity
import android.content.Intent
import android.graphics.Bitmap
import android.graphics.BitmapFactory
import android.net.Uri
import android.os.Bundle
import android.view.View
import java.io.File
import java.io.FileNotFoundException
import org.face520.android.RunningNetwork
import org.face520.demo.Phone
import org.face520.demo.R
import org.face520.demo.Screen
import org.face520.demo.ScreenRunner
import org.face520.demo.inference.SettingsStore
import org.face520.overlay.OverlayStyle
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNotNull
import org.junit.Assert.assertNull
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import org.robolectric.annotation.GraphicsMode

@RunWith(ScreenRunner::class)
@GraphicsMode(GraphicsMode.Mode.NATIVE)
@Config(sdk = [35], qualifiers = "w411dp-h891dp-port-hdpi")
class PhotoScreenTest {
    private val photo = File("edge_runtime/photos/astronaut.jpg")

    @After
    fun `nothing is left open`() {
        Screen.leaveAll()
        Phone.waitFor("the photo's thread has ended") { Phone.threads("photo") == 0 }
        assertEquals("interpreters left open", 0, RunningNetwork.openCount)
    }

    private fun choose(screen: Screen<PhotoActivity>, file: File) =
        screen.activity.take(Activity.RESULT_OK, Intent().setData(Phone.addPhoto(file)))

    private fun waitForResult(screen: Screen<PhotoActivity>) =
        Phone.waitFor("the result") { screen.activity.findViewById<View>(R.id.share).isEnabled }

    @Test
    fun `an empty screen says what it is for`() {
        val screen = Screen.show<PhotoActivity>()
        screen.picture("photo_empty")
        assertEquals(Phone.app.getString(R.string.photo_hint), screen.text(R.id.text))
        assertTrue(screen.isShown(R.id.empty))
        assertEquals(emptyList<String>(), screen.faults())
        screen.leave()
    }

    @Test
    fun `faces of a photo are shown, and again after the phone was turned and after the app was killed`() {
        SettingsStore(Phone.app, emptyList()).style = OverlayStyle.MAKE_UP
        val screen = Screen.show<PhotoActivity>()
        choose(screen, photo)
        waitForResult(screen)
        screen.picture("photo_face")
        assertTrue(screen.text(R.id.text), screen.text(R.id.text).startsWith("1 face in "))
        assertEquals(emptyList<String>(), screen.faults())
        screen.controller.recreate()
        waitForResult(screen)
        val state = Bundle()
        screen.controller.saveInstanceState(state)
        screen.leave()
        val later = Screen(Robolectric.buildActivity(PhotoActivity::class.java).setup(state))
        waitForResult(later)
        assertTrue(later.text(R.id.text), later.text(R.id.text).startsWith("1 face in "))
        later.leave()
    }

    @Test
    fun `the result is shared as a picture, under the app's own name`() {
        val screen = Screen.show<PhotoActivity>()
        choose(screen, photo)
        waitForResult(screen)
        screen.activity.findViewById<View>(R.id.share).performClick()
        Phone.waitFor("the chooser") { shadowOf(screen.activity).peekNextStartedActivity() != null }
        @Suppress("DEPRECATION") // its successor came with API 33
        val sent: Intent = shadowOf(screen.activity).nextStartedActivity.getParcelableExtra(Intent.EXTRA_INTENT)!!
        @Suppress("DEPRECATION")
        val uri: Uri = sent.getParcelableExtra(Intent.EXTRA_STREAM)!!
        assertEquals("image/png", Phone.app.contentResolver.getType(uri))
        assertNotNull("as the other app reads it", Phone.app.contentResolver.openInputStream(uri)?.use(BitmapFactory::decodeStream))
        val outside = uri.buildUpon().path("../shared_prefs/settings.xml").build()
        assertThrows(FileNotFoundException::class.java) { Phone.app.contentResolver.openInputStream(outside) }
        assertEquals("${Phone.app.packageName}.shared", uri.authority)
        val shared: Bitmap? = BitmapFactory.decodeFile(File(Phone.app.cacheDir, "shared/${uri.lastPathSegment}").path)
        assertNotNull(shared)
        assertEquals(Phone.photo.width, shared!!.width)
        screen.leave()
    }

    @Test
    fun `a result that cannot be written is said, and not thrown`() {
        val screen = Screen.show<PhotoActivity>()
        choose(screen, photo)
        waitForResult(screen)
        File(Phone.app.cacheDir, "shared").apply { deleteRecursively() }.writeText("in the folder's way")
        screen.activity.findViewById<View>(R.id.share).performClick()
        val expected = Phone.app.getString(R.string.share_failed, "").trim()
        Phone.waitFor("the message") { screen.text(R.id.text).startsWith(expected) }
        screen.leave()
    }

    @Test
    fun `the result is packed beside the main thread, and left in the middle, goes to nobody`() {
        val screen = Screen.show<PhotoActivity>()
        choose(screen, photo)
        waitForResult(screen)
        screen.activity.findViewById<View>(R.id.share).performClick()
        // The main thread has not gone on since: what was packed on it would be with the chooser by now.
        assertTrue(screen.isShown(R.id.busy))
        assertNull(shadowOf(screen.activity).peekNextStartedActivity())
        screen.leave()
        Phone.waitFor("the photo's thread has ended") { Phone.threads("photo") == 0 }
        assertNull(shadowOf(screen.activity).peekNextStartedActivity())
    }

    @Test
    fun `of two photos chosen in a row the second one counts`() {
        val screen = Screen.show<PhotoActivity>()
        choose(screen, photo)
        choose(screen, File("README.md"))
        Phone.waitFor("a result") { screen.text(R.id.text) != Phone.app.getString(R.string.looking) }
        assertEquals(Phone.app.getString(R.string.photo_no_picture), screen.text(R.id.text))
        assertFalse(screen.activity.findViewById<View>(R.id.share).isEnabled)
        screen.leave()
    }

    @Test
    @Config(qualifiers = "de-rDE-w891dp-h411dp-land-hdpi", fontScale = 2f)
    fun `turned in the middle of a photo, the screen finds its faces all the same, in the largest text`() {
        val screen = Screen.show<PhotoActivity>()
        choose(screen, photo)
        screen.controller.recreate()
        waitForResult(screen)
        screen.picture("photo_face_largest_text")
        assertEquals(emptyList<String>(), screen.faults())
        screen.leave()
    }

    @Test
    fun `a file that is no picture is named as such`() {
        val screen = Screen.show<PhotoActivity>()
        choose(screen, File("README.md"))
        val expected = Phone.app.getString(R.string.photo_no_picture)
        Phone.waitFor("the message") { screen.text(R.id.text) == expected }
        screen.leave()
    }

    @Test
    fun `left in the middle of a photo, the screen leaves nothing behind`() {
        val screen = Screen.show<PhotoActivity>()
        choose(screen, photo)
        screen.leave()
    }
}
