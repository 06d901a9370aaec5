package org.face520.demo.photo

import android.app.Activity
import android.content.Intent
import android.graphics.Bitmap
import android.graphics.Canvas
import android.net.Uri
import android.os.Build
import android.os.Bundle
import android.provider.MediaStore
import android.view.View
import android.widget.ImageView
import android.widget.TextView
import java.io.IOException
import java.util.Locale
import java.util.concurrent.Executors
import org.face520.demo.R
import org.face520.demo.SystemBars
import org.face520.demo.inference.EngineSettings
import org.face520.demo.inference.LandmarkEngine
import org.face520.demo.inference.ModelCatalog
import org.face520.demo.inference.SettingsStore
import org.face520.demo.live.CanvasPainter
import org.face520.landmarks.BLENDSHAPE_NAMES
import org.face520.landmarks.Face
import org.face520.landmarks.Layout
import org.face520.landmarks.ModelFileException
import org.face520.landmarks.StrongestBlendshapes
import org.face520.overlay.OverlayScene
import org.face520.overlay.OverlayStyle
import org.face520.overlay.ViewMapping

private const val PICK = 2
private const val MOST_BLENDSHAPES = 6
private const val SHARED_NAME = "face520.png"

/** A photo of the user's choice with the landmarks of all its faces; the result can be shared. */
class PhotoActivity : Activity() {
    private val worker = Executors.newSingleThreadExecutor()
    private lateinit var picture: ImageView
    private lateinit var text: TextView
    private lateinit var shareButton: View
    private var photo: Uri? = null
    private var drawn: Bitmap? = null

    override fun onCreate(state: Bundle?) {
        super.onCreate(state)
        setContentView(R.layout.photo)
        SystemBars.keepClear(findViewById(R.id.root))
        picture = findViewById(R.id.picture)
        text = findViewById(R.id.text)
        shareButton = findViewById(R.id.share)
        shareButton.isEnabled = false
        shareButton.setOnClickListener { share() }
        findViewById<View>(R.id.choose).setOnClickListener { choose() }
        state?.getString(PHOTO)?.let { show(Uri.parse(it)) }
    }

    override fun onSaveInstanceState(state: Bundle) {
        super.onSaveInstanceState(state)
        state.putString(PHOTO, photo?.toString())
    }

    override fun onDestroy() {
        super.onDestroy()
        worker.shutdown()
    }

    /** The system's photo picker, which needs no permission; documents where it is too old for one. */
    private fun choose() {
        val documents = Intent(Intent.ACTION_OPEN_DOCUMENT).addCategory(Intent.CATEGORY_OPENABLE).setType("image/*")
        val picker = if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.TIRAMISU) {
            Intent(MediaStore.ACTION_PICK_IMAGES)
        } else {
            documents
        }
        val intent = if (picker.resolveActivity(packageManager) != null) picker else documents
        if (intent.resolveActivity(packageManager) == null) {
            text.setText(R.string.no_picker)
        } else {
            @Suppress("DEPRECATION") // its successor is in AndroidX, which this app does without
            startActivityForResult(intent, PICK)
        }
    }

    @Deprecated("The framework has no other way to hear of an activity's result.")
    override fun onActivityResult(request: Int, result: Int, data: Intent?) {
        if (request == PICK) take(result, data)
    }

    /** What the photo picker answered. */
    internal fun take(result: Int, data: Intent?) {
        val chosen = data?.data
        if (result == RESULT_OK && chosen != null) show(chosen)
    }

    private fun show(uri: Uri) {
        photo = uri
        shareButton.isEnabled = false
        text.setText(R.string.looking)
        val catalog = ModelCatalog(assets)
        val store = SettingsStore(this, catalog.landmarkModels())
        val settings = store.engine ?: return text.setText(R.string.model_missing)
        val style = store.style
        val withBlendshapes = store.showsBlendshapes
        worker.execute { find(uri, catalog, settings, style, withBlendshapes) }
    }

    private fun find(
        uri: Uri,
        catalog: ModelCatalog,
        settings: EngineSettings,
        style: OverlayStyle,
        withBlendshapes: Boolean,
    ) {
        try {
            val bitmap = PhotoReader(contentResolver).read(uri)
            val layout = catalog.layout()
            LandmarkEngine(catalog, layout, settings).use { engine ->
                val start = System.nanoTime()
                val faces = engine.landmarker().detect(PhotoReader.pixels(bitmap))
                val ms = (System.nanoTime() - start) / 1e6
                val result = draw(bitmap, faces, layout, style)
                runOnUiThread { found(result, describe(faces, ms, engine.description, withBlendshapes)) }
            }
        } catch (error: PhotoException) {
            runOnUiThread { text.text = error.message }
        } catch (error: ModelFileException) {
            runOnUiThread { text.text = error.message }
        } catch (error: IllegalStateException) {
            runOnUiThread { text.text = error.message }
        }
    }

    private fun draw(bitmap: Bitmap, faces: List<Face>, layout: Layout, style: OverlayStyle): Bitmap {
        val result = bitmap.copy(Bitmap.Config.ARGB_8888, true)
        val mapping = ViewMapping().apply { set(bitmap.width, bitmap.height, bitmap.width, bitmap.height, false) }
        val painter = CanvasPainter().apply { canvas = Canvas(result) }
        val scene = OverlayScene(layout)
        for (face in faces) scene.paint(face, style, mapping, painter)
        return result
    }

    private fun describe(faces: List<Face>, ms: Double, runtime: String, withBlendshapes: Boolean): String {
        val first = faces.firstOrNull() ?: return getString(R.string.no_face)
        return String.format(
            Locale.ROOT,
            "%d face(s) in %.0f ms, %s\nfirst: yaw %.0f, pitch %.0f, roll %.0f deg, presence %.2f\n" +
                "open: left eye %.0f %%, right %.0f %%, mouth %.0f %%%s",
            faces.size, ms, runtime, first.yawDeg, first.pitchDeg, first.rollDeg, first.presence,
            first.openings.leftEye * 100, first.openings.rightEye * 100, first.openings.mouth * 100,
            if (withBlendshapes) strongest(first) else "",
        )
    }

    private fun strongest(face: Face): String {
        val strongest = StrongestBlendshapes(MOST_BLENDSHAPES)
        strongest.find(face.expression)
        return (0 until strongest.count).joinToString("") {
            val place = strongest.place(it)
            String.format(Locale.ROOT, "\n%s %.2f", BLENDSHAPE_NAMES[place], face.expression[place])
        }
    }

    private fun found(result: Bitmap, description: String) {
        drawn = result
        picture.setImageBitmap(result)
        text.text = description
        shareButton.isEnabled = true
    }

    private fun share() {
        val bitmap = drawn ?: return
        try {
            val uri = SharedFiles.write(this, SHARED_NAME) { bitmap.compress(Bitmap.CompressFormat.PNG, 100, it) }
            val send = Intent(Intent.ACTION_SEND).setType("image/png").putExtra(Intent.EXTRA_STREAM, uri)
            send.addFlags(Intent.FLAG_GRANT_READ_URI_PERMISSION)
            startActivity(Intent.createChooser(send, null))
        } catch (error: IOException) {
            text.text = getString(R.string.share_failed, error.message)
        }
    }

    private companion object {
        const val PHOTO = "photo"
    }
}
