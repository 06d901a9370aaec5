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
import org.face520.android.CanvasPainter
import org.face520.android.FaceLandmarker
import org.face520.android.FaceLandmarkerOptions
import org.face520.android.ModelCatalog
import org.face520.demo.R
import org.face520.demo.SystemBars
import org.face520.demo.inference.EngineText
import org.face520.demo.inference.SettingsStore
import org.face520.landmarks.BLENDSHAPE_NAMES
import org.face520.landmarks.Face
import org.face520.landmarks.Layout
import org.face520.landmarks.ModelFileException
import org.face520.landmarks.StrongestBlendshapes
import org.face520.overlay.OverlayScene
import org.face520.overlay.OverlayStyle
import org.face520.overlay.ViewMapping

private const val PICK = 2
private const val MOST_OF_A_PHOTO = 10
private const val MOST_BLENDSHAPES = 6
private const val SHARED_NAME = "face520.png"

/** A photo of the user's choice with the landmarks of all its faces; the result can be shared. */
class PhotoActivity : Activity() {
    private val worker = Executors.newSingleThreadExecutor { Thread(it, "photo") }
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
        val catalog = ModelCatalog(assets)
        val store = SettingsStore(this, catalog.landmarkModels())
        val options = store.options ?: return text.setText(R.string.model_missing)
        text.setText(R.string.looking)
        setBusy(true)
        val style = store.style
        val withBlendshapes = store.showsBlendshapes
        worker.execute { find(uri, options.copy(maxFaces = MOST_OF_A_PHOTO), style, withBlendshapes) }
    }

    private fun setBusy(isBusy: Boolean) {
        findViewById<View>(R.id.busy).visibility = if (isBusy) View.VISIBLE else View.GONE
        findViewById<View>(R.id.empty).visibility = if (isBusy || drawn != null) View.GONE else View.VISIBLE
        shareButton.isEnabled = !isBusy && drawn != null
    }

    /** On the worker's thread. */
    private fun find(
        uri: Uri,
        options: FaceLandmarkerOptions,
        style: OverlayStyle,
        withBlendshapes: Boolean,
    ) {
        try {
            val bitmap = PhotoReader(contentResolver).read(uri)
            FaceLandmarker.create(this, options).use { landmarker ->
                val start = System.nanoTime()
                val faces = landmarker.detect(bitmap)
                val ms = (System.nanoTime() - start) / 1e6
                val result = draw(bitmap, faces, landmarker.layout, style)
                val description = describe(faces, ms, EngineText.of(resources, landmarker), withBlendshapes)
                runOnUiThread { found(uri, result, description) }
            }
        } catch (error: PhotoException) {
            failed(uri, getString(error.reason, error.cause?.message))
        } catch (error: ModelFileException) {
            failed(uri, getString(R.string.model_failed, error.message))
        } catch (error: IllegalStateException) {
            failed(uri, getString(R.string.model_failed, error.message))
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
        val count = resources.getQuantityString(R.plurals.faces, faces.size, faces.size)
        val open = first.openings
        val lines = arrayListOf(
            getString(R.string.photo_found, count, ms, runtime),
            getString(
                R.string.photo_face,
                whole(first.yawDeg), whole(first.pitchDeg), whole(first.rollDeg), first.presence, first.hiddenCount,
                open.leftEye * 100, open.rightEye * 100, open.mouth * 100,
            ),
        )
        if (withBlendshapes) lines.addAll(strongest(first))
        return lines.joinToString("\n")
    }

    /** Rounded here, since formats call -0.4 "-0". */
    private fun whole(degrees: Float): Float = Math.round(degrees).toFloat()

    private fun strongest(face: Face): List<String> {
        val strongest = StrongestBlendshapes(MOST_BLENDSHAPES)
        strongest.find(face.expression)
        return (0 until strongest.count).map {
            val place = strongest.place(it)
            String.format(Locale.ROOT, "%s %.2f", BLENDSHAPE_NAMES[place], face.expression[place])
        }
    }

    /** Another photo may have been chosen in the meantime. */
    private fun found(uri: Uri, result: Bitmap, description: String) {
        if (uri != photo) return
        drawn = result
        picture.setImageBitmap(result)
        text.text = description
        setBusy(false)
    }

    private fun failed(uri: Uri, reason: String) = runOnUiThread {
        if (uri == photo) {
            drawn = null
            picture.setImageBitmap(null)
            text.text = reason
            setBusy(false)
        }
    }

    /** Packs the picture on the worker's thread, which takes a second for a large one. */
    private fun share() {
        val bitmap = drawn ?: return
        setBusy(true)
        worker.execute {
            val shared = try {
                SharedFiles.write(this, SHARED_NAME) { bitmap.compress(Bitmap.CompressFormat.PNG, 100, it) }
            } catch (error: IOException) {
                runOnUiThread { text.text = getString(R.string.share_failed, error.message) }
                null
            }
            runOnUiThread {
                setBusy(false)
                if (shared != null && !isDestroyed) SharedFiles.send(this, shared, "image/png")
            }
        }
    }

    private companion object {
        const val PHOTO = "photo"
    }
}
