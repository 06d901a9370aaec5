package org.face520.demo.benchmark

import android.app.Activity
import android.content.Intent
import android.os.Bundle
import android.view.View
import android.view.WindowManager
import android.widget.Button
import android.widget.ProgressBar
import android.widget.TextView
import java.util.Locale
import org.face520.demo.R
import org.face520.demo.SystemBars
import org.face520.demo.inference.Accelerator
import org.face520.demo.inference.EngineSettings
import org.face520.demo.inference.LandmarkEngine
import org.face520.demo.inference.ModelCatalog
import org.face520.demo.inference.SettingsStore
import org.face520.demo.photo.SharedFiles
import org.face520.landmarks.ModelFileException
import org.tensorflow.lite.TensorFlowLite

private const val SUSTAINED_SECONDS = 60.0
private const val RUNTIME = "tensorflow-lite"

/** Measures the chosen model; the result can be shared as the harness's JSON. */
class BenchmarkActivity : Activity() {
    private lateinit var result: TextView
    private lateinit var progress: ProgressBar
    private lateinit var runButton: Button
    private lateinit var shareButton: Button
    private var report: String? = null

    @Volatile private var isStopped = false
    private var worker: Thread? = null

    override fun onCreate(state: Bundle?) {
        super.onCreate(state)
        setContentView(R.layout.benchmark)
        SystemBars.keepClear(findViewById(R.id.root))
        result = findViewById(R.id.result)
        progress = findViewById(R.id.progress)
        runButton = findViewById(R.id.run)
        shareButton = findViewById(R.id.share)
        runButton.setOnClickListener { start() }
        shareButton.setOnClickListener { share() }
        report = state?.getString(REPORT)
        result.text = state?.getCharSequence(RESULT) ?: getText(R.string.benchmark_hint)
        shareButton.isEnabled = report != null
        // Not again when the screen is made anew.
        if (state == null) BenchmarkRequest.of(intent)?.let { start(it) }
    }

    override fun onSaveInstanceState(state: Bundle) {
        super.onSaveInstanceState(state)
        state.putString(REPORT, report)
        if (report != null) state.putCharSequence(RESULT, result.text)
    }

    /** A phone in a pocket measures nothing useful: leaving the screen ends the run. */
    override fun onStop() {
        super.onStop()
        isStopped = true
    }

    private fun start(request: BenchmarkRequest? = null) {
        if (worker?.isAlive == true) return
        val catalog = ModelCatalog(assets)
        val settings = request?.settings ?: SettingsStore(this, catalog.landmarkModels()).engine
        if (settings == null) {
            result.setText(R.string.model_missing)
            return
        }
        isStopped = false
        setRunning(true)
        result.text = getString(R.string.benchmark_running, ModelCatalog.label(settings.model))
        val file = request?.let { ResultFile(requireNotNull(getExternalFilesDir(null))) }
        val seconds = request?.sustainedSeconds ?: SUSTAINED_SECONDS
        worker = Thread({ measure(catalog, settings, seconds, file) }, "benchmark").also { it.start() }
    }

    private fun measure(
        catalog: ModelCatalog,
        settings: EngineSettings,
        sustainedSeconds: Double,
        file: ResultFile?,
    ) {
        val thermals = PhoneThermals(applicationContext)
        try {
            LandmarkEngine(catalog, catalog.layout(), settings).use { engine ->
                val run = BenchmarkRun(subject(catalog, engine), thermals)
                val started = System.nanoTime()
                val latency = run.latency()
                val sustained = run.sustained(sustainedSeconds) { share ->
                    runOnUiThread { progress.progress = (share * progress.max).toInt() }
                    !isStopped
                }
                val seconds = (System.nanoTime() - started) / 1e9
                val device = DeviceFacts.record(applicationContext, thermals)
                val text = BenchmarkReport.text(device, DeviceFacts.nowUtc(), seconds, latency, sustained)
                if (isStopped) file?.fail("the app left the screen before the end") else file?.succeed(text)
                runOnUiThread { finished(text, summary(engine, latency, sustained, thermals)) }
            }
        } catch (error: ModelFileException) {
            file?.fail(error.message ?: error.toString())
            runOnUiThread { failed(error) }
        } catch (error: IllegalStateException) {
            file?.fail(error.message ?: error.toString())
            runOnUiThread { failed(error) }
        }
    }

    private fun subject(catalog: ModelCatalog, engine: LandmarkEngine): BenchmarkSubject {
        val settings = engine.settings
        return BenchmarkSubject(
            model = settings.model,
            modelSha256 = catalog.sha256(settings.model),
            modelBytes = catalog.open(settings.model).limit().toLong(),
            runtime = if (engine.network.ranOn == Accelerator.GPU.label) "$RUNTIME GPU" else RUNTIME,
            runtimeVersion = TensorFlowLite.runtimeVersion(),
            threads = settings.threads,
            xnnpack = settings.accelerator != Accelerator.CPU,
            invoke = engine.network::run,
        )
    }

    private fun summary(
        engine: LandmarkEngine,
        latency: Map<String, Any?>,
        sustained: Map<String, Any?>,
        thermals: Thermals,
    ): String {
        val times = latency["latency"] as Map<*, *>
        val minute = sustained["latency"] as Map<*, *>
        return String.format(
            Locale.ROOT,
            "%s\n\n%d runs after warm-up\nmedian %.2f ms\np90 %.2f ms\np95 %.2f ms\np99 %.2f ms\n\n" +
                "%.0f s without pause\nmedian %.2f ms, p99 %.2f ms\nlast tenth / first tenth %.2f\n" +
                "thermal status %s, battery %s",
            engine.description,
            times["count"], times["median_ms"], times["p90_ms"], times["p95_ms"], times["p99_ms"],
            sustained["seconds"], minute["median_ms"], minute["p99_ms"], sustained["slowdown"],
            BenchmarkRun.statusName(thermals.status()),
            thermals.celsius()?.let { "$it \u00b0C" } ?: "not told",
        )
    }

    private fun finished(text: String, summary: String) {
        report = text
        result.text = summary
        shareButton.isEnabled = true
        setRunning(false)
    }

    private fun failed(error: Exception) {
        result.text = error.message
        setRunning(false)
    }

    private fun setRunning(isRunning: Boolean) {
        progress.visibility = if (isRunning) View.VISIBLE else View.INVISIBLE
        runButton.isEnabled = !isRunning
        val keepOn = WindowManager.LayoutParams.FLAG_KEEP_SCREEN_ON
        if (isRunning) window.addFlags(keepOn) else window.clearFlags(keepOn)
    }

    private fun share() {
        val text = report ?: return
        val uri = SharedFiles.write(this, "face520-benchmark.json") { it.write(text.toByteArray()) }
        val send = Intent(Intent.ACTION_SEND).setType("application/json").putExtra(Intent.EXTRA_STREAM, uri)
        send.addFlags(Intent.FLAG_GRANT_READ_URI_PERMISSION)
        startActivity(Intent.createChooser(send, null))
    }

    private companion object {
        const val REPORT = "report"
        const val RESULT = "result"
    }
}
