package org.face520.demo.live

import android.app.Activity
import android.content.Intent
import android.os.Bundle
import android.os.Handler
import android.os.HandlerThread
import android.view.View
import android.view.WindowManager
import android.widget.Button
import android.widget.CheckBox
import android.widget.TextView
import org.face520.demo.R
import org.face520.demo.SystemBars
import org.face520.demo.benchmark.BenchmarkActivity
import org.face520.demo.camera.CameraFeed
import org.face520.demo.camera.CameraProblem
import org.face520.demo.inference.Accelerator
import org.face520.demo.inference.ModelCatalog
import org.face520.demo.inference.SettingsStore
import org.face520.demo.photo.PhotoActivity
import org.face520.landmarks.ModelFileException
import org.face520.landmarks.Smoothing
import org.face520.overlay.OverlayStyle

/**
 * The camera with landmarks on it.
 *
 * One direction: the user changes [SettingsStore], the pipeline reads it, frames go to the view.
 */
class LiveActivity : Activity() {
    private val thread = HandlerThread("frames").apply { start() }
    internal val handler by lazy { Handler(thread.looper) }
    private val permission = CameraPermission(this)
    private lateinit var settings: SettingsStore
    private lateinit var view: OverlayView
    private lateinit var message: TextView
    private lateinit var allowButton: Button
    internal var pipeline: LivePipeline? = null
        private set
    internal var exchange: FrameExchange<Frame>? = null
        private set
    private var feed: CameraFeed? = null
    private var rotation: DisplayRotation? = null

    override fun onCreate(state: Bundle?) {
        super.onCreate(state)
        setContentView(R.layout.live)
        window.addFlags(WindowManager.LayoutParams.FLAG_KEEP_SCREEN_ON)
        SystemBars.keepClear(findViewById(R.id.root))
        view = findViewById(R.id.overlay)
        message = findViewById(R.id.message)
        allowButton = findViewById(R.id.allow)
        allowButton.setOnClickListener { permission.askAgain() }
        findViewById<View>(R.id.photo).setOnClickListener { startActivity(Intent(this, PhotoActivity::class.java)) }
        findViewById<View>(R.id.benchmark).setOnClickListener {
            startActivity(Intent(this, BenchmarkActivity::class.java))
        }
        permission.wasAsked = state?.getBoolean(WAS_ASKED) ?: false
        val catalog = ModelCatalog(assets)
        val models = catalog.landmarkModels()
        settings = SettingsStore(this, models)
        if (!openModels(catalog, models)) return
        bindControls(models)
    }

    /** False when the app has no model; the screen then says so. */
    private fun openModels(catalog: ModelCatalog, models: List<String>): Boolean {
        if (models.isEmpty()) {
            show(R.string.model_missing)
            return false
        }
        val layout = try {
            catalog.layout()
        } catch (error: ModelFileException) {
            show(error.message.orEmpty())
            return false
        }
        val exchange = FrameExchange { Frame(layout.size) }
        this.exchange = exchange
        view.show(exchange, layout)
        val pipeline = LivePipeline(
            handler, catalog, layout, exchange,
            onFrame = { view.postInvalidate() },
            onError = { text -> runOnUiThread { show(text) } },
        )
        this.pipeline = pipeline
        rotation = DisplayRotation(this) { pipeline.displayDeg = it }
        feed = CameraFeed(
            applicationContext, handler,
            onFrame = { image, camera -> pipeline.process(image, camera) },
            onProblem = { problem -> runOnUiThread { show(text(problem)) } },
        )
        return true
    }

    private fun bindControls(models: List<String>) {
        view.style = settings.style
        pipeline?.smoothing = settings.smoothing
        Choice.bind(findViewById(R.id.style), OverlayStyle.values().toList(), settings.style, ::label) {
            settings.style = it
            view.style = it
        }
        val smoothings = Smoothing.values().toList()
        Choice.bind(findViewById(R.id.smoothing), smoothings, settings.smoothing, { "smooth: ${label(it)}" }) {
            settings.smoothing = it
            pipeline?.smoothing = it
        }
        Choice.bind(findViewById(R.id.model), models, settings.engine?.model, { ModelCatalog.label(it.orEmpty()) }) {
            settings.chooseModel(it.orEmpty())
            configure()
        }
        Choice.bind(findViewById(R.id.accelerator), Accelerator.values().toList(), settings.accelerator, { it.label }) {
            settings.accelerator = it
            configure()
        }
        Choice.bind(findViewById(R.id.threads), SettingsStore.threadChoices(), settings.threads, { "$it threads" }) {
            settings.threads = it
            configure()
        }
        view.showsBlendshapes = settings.showsBlendshapes
        val blendshapes = findViewById<CheckBox>(R.id.blendshapes)
        blendshapes.isChecked = settings.showsBlendshapes
        blendshapes.setOnCheckedChangeListener { _, isChecked ->
            settings.showsBlendshapes = isChecked
            view.showsBlendshapes = isChecked
        }
        findViewById<View>(R.id.flip).setOnClickListener {
            settings.frontCamera = !settings.frontCamera
            feed?.stop()
            startCamera()
        }
    }

    override fun onSaveInstanceState(state: Bundle) {
        super.onSaveInstanceState(state)
        state.putBoolean(WAS_ASKED, permission.wasAsked)
    }

    private fun configure() {
        if (permission.isGranted) message.visibility = View.GONE
        settings.engine?.let { pipeline?.configure(it) }
    }

    override fun onResume() {
        super.onResume()
        if (feed == null) return
        configure()
        rotation?.start()
        startCamera()
    }

    /** In the background the camera belongs to others, and the model's memory too. */
    override fun onPause() {
        super.onPause()
        if (feed == null) return
        feed?.stop()
        rotation?.stop()
        pipeline?.release()
    }

    override fun onDestroy() {
        super.onDestroy()
        thread.quitSafely()
    }

    override fun onRequestPermissionsResult(request: Int, permissions: Array<String>, results: IntArray) {
        super.onRequestPermissionsResult(request, permissions, results)
        startCamera()
    }

    private fun startCamera() {
        if (permission.isGranted) {
            message.visibility = View.GONE
            allowButton.visibility = View.GONE
            feed?.start(settings.frontCamera)
        } else {
            show(R.string.camera_permission)
            allowButton.visibility = View.VISIBLE
            permission.askOnce()
        }
    }

    private fun text(problem: CameraProblem): String = getString(
        when (problem) {
            CameraProblem.NO_CAMERA -> R.string.no_camera
            CameraProblem.IN_USE -> R.string.camera_in_use
            CameraProblem.FAILED -> R.string.camera_failed
        },
    )

    private fun label(value: Enum<*>): String = value.name.lowercase()

    private fun show(text: Int) = show(getString(text))

    private fun show(text: String) {
        message.text = text
        message.visibility = View.VISIBLE
    }

    private companion object {
        const val WAS_ASKED = "camera_permission_was_asked"
    }
}
