package org.face520.demo.photo

import android.app.Activity
import android.content.Intent
import java.io.File
import org.face520.demo.Phone
import org.face520.demo.R
import org.face520.demo.Screen
import org.face520.demo.ScreenRunner
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.annotation.Config
import org.robolectric.annotation.GraphicsMode

@RunWith(ScreenRunner::class)
@GraphicsMode(GraphicsMode.Mode.NATIVE)
@Config(sdk = [35], qualifiers = "w411dp-h891dp-port-420dpi")
class PhotoScreenTest {
    private fun choose(screen: Screen<PhotoActivity>, file: File) {
        val data = Intent().setData(Phone.addPhoto(file))
        screen.activity.take(Activity.RESULT_OK, data)
    }

    @Test
    fun `faces of a photo are shown, and again after the phone was turned`() {
        val screen = Screen.open<PhotoActivity>()
        choose(screen, File("edge_runtime/photos/astronaut.jpg"))
        Phone.waitFor("the face") { screen.activity.findViewById<android.view.View>(R.id.share).isEnabled }
        screen.picture("photo_face")
        val text = screen.text(R.id.text)
        assertTrue(text, text.startsWith("1 face"))
        screen.controller.recreate()
        Phone.waitFor("the face, again") { screen.activity.findViewById<android.view.View>(R.id.share).isEnabled }
        screen.leave()
    }

    @Test
    fun `a file that is no picture is named as such`() {
        val screen = Screen.open<PhotoActivity>()
        choose(screen, File("README.md"))
        Phone.waitFor("the message") { "not a picture" in screen.text(R.id.text) }
        screen.leave()
    }
}
