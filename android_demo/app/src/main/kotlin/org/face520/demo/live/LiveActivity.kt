package org.face520.demo.live

import android.app.Activity
import android.content.Intent
import android.graphics.Rect
import android.os.Bundle
import android.os.Handler
import android.os.HandlerThread
import android.view.LayoutInflater
import android.view.View
import android.view.WindowManager
import android.widget.Button
import android.widget.CheckBox
import android.widget.RadioButton
import android.widget.RadioGroup
import android.widget.TextView
import org.face520.android.Accelerator
import org.face520.android.FaceLandmarker
import org.face520.android.ModelCatalog
import org.face520.demo.R
import org.face520.demo.SystemBars
import org.face520.demo.benchmark.BenchmarkActivity
import org.face520.demo.camera.CameraFeed
import org.face520.demo.camera.CameraProblem
import org.face520.demo.inference.EngineText
import org.face520.demo.inference.SettingsStore
import org.face520.demo.photo.PhotoActivity
import org.face520.landmarks.Layout
import org.face520.landmarks.ModelFileException
import org.face520.landmarks.Smoothing
import org.face520.overlay.OverlayStyle

private const val DESCRIBE_MS = 2000L
private const val PANEL = "panel" // whether the settings are open

/**
 * The camera with landmarks on it.
 *
 * One direction: the user changes [SettingsStore], the pipeline reads it, frames go to the view.
 */
class LiveActivity : Activity() {
    private val thread = HandlerThread("frames").apply { start() }
    internal val handler by lazy { Handler(thread.looper) }
    private val notices = Notices { showNotices() }
    private lateinit var settings: SettingsStore
    private lateinit var permission: CameraPermission
    private lateinit var view: OverlayView
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
        view = findViewById(R.id.overlay)
        val catalog = ModelCatalog(assets)
        val models = catalog.landmarkModels()
        settings = SettingsStore(this, models)
        permission = CameraPermission(this, settings)
        layOut()
        bindButtons()
        bindDrawing()
        openModels(catalog, models)
        bindEngine(models)
        if (state?.getBoolean(PANEL) == true) findViewById<View>(R.id.settings_panel).visibility = View.VISIBLE
    }

    override fun onSaveInstanceState(state: Bundle) {
        super.onSaveInstanceState(state)
        state.putBoolean(PANEL, findViewById<View>(R.id.settings_panel).visibility == View.VISIBLE)
    }

    /** The picture fills the screen; text and controls keep clear of the system's bars. */
    private fun layOut() {
        val root = findViewById<View>(R.id.root)
        val sheet = findViewById<View>(R.id.sheet)
        SystemBars.drawBehind(window)
        SystemBars.keepClear(root, lowest = sheet)
        root.addOnLayoutChangeListener { _, _, _, _, _, _, _, _, _ ->
            val isBeside = sheet.width < root.width - root.paddingLeft - root.paddingRight
            val right = if (isBeside) sheet.left else root.width - root.paddingRight
            view.setClear(root.paddingLeft, root.paddingTop, right, if (isBeside) root.height - sheet.paddingBottom else sheet.top)
        }
    }

    private fun bindButtons() {
        val panel = findViewById<View>(R.id.settings_panel)
        findViewById<View>(R.id.allow).setOnClickListener { permission.ask() }
        findViewById<View>(R.id.photo).setOnClickListener { startActivity(Intent(this, PhotoActivity::class.java)) }
        findViewById<View>(R.id.benchmark).setOnClickListener {
            startActivity(Intent(this, BenchmarkActivity::class.java))
        }
        findViewById<View>(R.id.settings).setOnClickListener {
            panel.visibility = if (panel.visibility == View.VISIBLE) View.GONE else View.VISIBLE
        }
        findViewById<View>(R.id.flip).setOnClickListener {
            settings.frontCamera = !settings.frontCamera
            feed?.stop()
            startCamera()
        }
    }

    private fun bindDrawing() {
        view.style = settings.style
        val styles = findViewById<RadioGroup>(R.id.styles)
        for (style in OverlayStyle.values()) {
            val chip = LayoutInflater.from(this).inflate(R.layout.chip, styles, false) as RadioButton
            chip.id = View.generateViewId()
            chip.setText(label(style))
            styles.addView(chip)
            chip.setOnClickListener {
                settings.style = style
                view.style = style
                showWhole(chip)
            }
            if (style != settings.style) continue
            styles.check(chip.id)
            chip.post { showWhole(chip) }
        }
        bindCheck(R.id.details, settings.showsDetails) {
            settings.showsDetails = it
            view.showsDetails = it
        }
        bindCheck(R.id.blendshapes, settings.showsBlendshapes) {
            settings.showsBlendshapes = it
            view.showsBlendshapes = it
        }
    }

    /** Scrolls a chip into view that the row's edge cuts off. */
    private fun showWhole(chip: View) {
        val margin = chip.height / 4
        chip.requestRectangleOnScreen(Rect(-margin, 0, chip.width + margin, chip.height), true)
    }

    private fun bindCheck(id: Int, isChecked: Boolean, onChange: (Boolean) -> Unit) {
        val box = findViewById<CheckBox>(id)
        box.isChecked = isChecked
        onChange(isChecked)
        box.setOnCheckedChangeListener { _, isNow -> onChange(isNow) }
    }

    /** Without a model the screen says so, and stays otherwise empty. */
    private fun openModels(catalog: ModelCatalog, models: List<String>) {
        if (models.isEmpty()) {
            notices[Matter.MODEL] = getString(R.string.model_missing)
            return
        }
        try {
            openPipeline(catalog.layout())
        } catch (error: ModelFileException) {
            notices[Matter.MODEL] = getString(R.string.model_failed, error.message)
        }
    }

    private fun openPipeline(layout: Layout) {
        val exchange = FrameExchange { Frame(layout.size) }
        this.exchange = exchange
        view.show(exchange, layout)
        val pipeline = LivePipeline(
            this, handler, exchange,
            onFrame = { view.postInvalidate() },
            onLoaded = { landmarker -> runOnUiThread { loaded(landmarker) } },
            onError = { text -> runOnUiThread { notices[Matter.MODEL] = getString(R.string.model_failed, text) } },
        )
        this.pipeline = pipeline
        rotation = DisplayRotation(this) { pipeline.displayDeg = it }
        feed = CameraFeed(
            applicationContext, handler,
            onFrame = { image, camera -> pipeline.process(image, camera) },
            onProblem = { problem -> runOnUiThread { notices[Matter.CAMERA] = text(problem) } },
        )
    }

    private fun bindEngine(models: List<String>) {
        pipeline?.smoothing = settings.smoothing
        val smoothings = Smoothing.values().toList()
        Choice.bind(findViewById(R.id.smoothing), smoothings, settings.smoothing, { getString(label(it)) }) {
            settings.smoothing = it
            pipeline?.smoothing = it
        }
        Choice.bind(findViewById(R.id.model), models, settings.options?.model, { ModelCatalog.label(it.orEmpty()) }) {
            settings.chooseModel(it.orEmpty())
            configure()
        }
        val accelerators = Accelerator.values().toList()
        val acceleratorLabel = { it: Accelerator -> EngineText.label(resources, it) }
        Choice.bind(findViewById(R.id.accelerator), accelerators, settings.accelerator, acceleratorLabel) {
            settings.accelerator = it
            configure()
        }
        val threadLabel = { it: Int -> resources.getQuantityString(R.plurals.thread_count, it, it) }
        Choice.bind(findViewById(R.id.threads), SettingsStore.threadChoices(), settings.threads, threadLabel) {
            settings.threads = it
            configure()
        }
    }

    private fun configure() {
        settings.options?.let { pipeline?.configure(it) }
    }

    private fun loaded(landmarker: FaceLandmarker) {
        notices[Matter.MODEL] = null
        val isIgnored = landmarker.runsOn.threads < landmarker.options.threads
        findViewById<View>(R.id.threads_ignored).visibility = if (isIgnored) View.VISIBLE else View.GONE
    }

    override fun onResume() {
        super.onResume()
        if (feed == null) return
        configure()
        rotation?.start()
        startCamera()
        describe.run()
    }

    /** In the background the camera belongs to others, and the model's memory too. */
    override fun onPause() {
        super.onPause()
        view.removeCallbacks(describe)
        if (feed == null) return
        feed?.stop()
        rotation?.stop()
        pipeline?.release()
    }

    /** The frames' thread outlives the screen until its camera is closed. */
    override fun onDestroy() {
        super.onDestroy()
        val feed = feed
        if (feed == null) thread.quitSafely() else feed.finish { thread.quitSafely() }
    }

    override fun onRequestPermissionsResult(request: Int, permissions: Array<String>, results: IntArray) {
        super.onRequestPermissionsResult(request, permissions, results)
        permission.answered()
        if (feed != null) startCamera()
    }

    private fun startCamera() {
        notices[Matter.CAMERA] = null
        val state = permission.state
        notices[Matter.PERMISSION] = when (state) {
            CameraPermission.State.GRANTED -> null
            CameraPermission.State.NEVER_ASKED -> getString(R.string.welcome_text)
            CameraPermission.State.ASKED -> getString(R.string.camera_permission)
            CameraPermission.State.OFF -> getString(R.string.camera_refused)
        }
        if (state == CameraPermission.State.GRANTED) feed?.start(settings.frontCamera)
    }

    private fun showNotices() {
        val asks = Matter.PERMISSION in notices
        val state = permission.state
        val isWelcome = asks && state == CameraPermission.State.NEVER_ASKED
        val button = findViewById<Button>(R.id.allow)
        findViewById<TextView>(R.id.title).apply {
            setText(R.string.welcome)
            visibility = if (isWelcome) View.VISIBLE else View.GONE
        }
        findViewById<View>(R.id.welcome_picture).visibility = if (isWelcome) View.VISIBLE else View.GONE
        findViewById<TextView>(R.id.message).text = notices.text
        button.visibility = if (asks) View.VISIBLE else View.GONE
        button.setText(
            when (state) {
                CameraPermission.State.NEVER_ASKED -> R.string.use_camera
                CameraPermission.State.OFF -> R.string.open_settings
                else -> R.string.allow
            },
        )
        findViewById<View>(R.id.notice).visibility = if (notices.text.isEmpty()) View.INVISIBLE else View.VISIBLE
    }

    /** Tells those who do not see the picture what is in it; the system speaks when the text changes. */
    private val describe = object : Runnable {
        private val summary by lazy { FaceSummary(resources) }

        override fun run() {
            exchange?.latest()?.let { view.contentDescription = summary.of(it.faces) }
            view.postDelayed(this, DESCRIBE_MS)
        }
    }

    private fun text(problem: CameraProblem): String = getString(
        when (problem) {
            CameraProblem.NO_CAMERA -> R.string.no_camera
            CameraProblem.IN_USE -> R.string.camera_in_use
            CameraProblem.FAILED -> R.string.camera_failed
        },
    )

    private fun label(style: OverlayStyle): Int = when (style) {
        OverlayStyle.POINTS -> R.string.points
        OverlayStyle.CONTOURS -> R.string.contours
        OverlayStyle.MESH -> R.string.mesh
        OverlayStyle.MASK -> R.string.mask
        OverlayStyle.MAKE_UP -> R.string.make_up
        OverlayStyle.NONE -> R.string.nothing
    }

    private fun label(smoothing: Smoothing): Int = when (smoothing) {
        Smoothing.OFF -> R.string.smoothing_off
        Smoothing.SOFT -> R.string.smoothing_soft
        Smoothing.STRONG -> R.string.smoothing_strong
    }
}
