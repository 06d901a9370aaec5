package org.face520.demo.benchmark

import android.app.Activity
import android.content.Intent
import android.os.Bundle
import android.view.View
import android.view.WindowManager
import android.widget.Button
import android.widget.ProgressBar
import android.widget.TextView
import java.io.IOException
import java.util.concurrent.CancellationException
import org.face520.android.Accelerator
import org.face520.android.FaceLandmarker
import org.face520.android.FaceLandmarkerOptions
import org.face520.android.ModelCatalog
import org.face520.demo.R
import org.face520.demo.SystemBars
import org.face520.demo.inference.EngineText
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
    private var job: BenchmarkJob? = null

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
        // Nobody will have waited for its end.
        if (job != null) state.putCharSequence(RESULT, getText(R.string.benchmark_broken_off))
    }

    /** A phone in a pocket measures nothing useful: leaving the screen ends the run. */
    override fun onStop() {
        super.onStop()
        job?.stop()
    }

    private fun start(request: BenchmarkRequest? = null) {
        if (job != null) return
        val catalog = ModelCatalog(assets)
        val models = catalog.landmarkModels()
        val options = request?.options ?: SettingsStore(this, models).options
        val file = request?.let { ResultFile(requireNotNull(getExternalFilesDir(null))) }
        if (options == null) return result.setText(R.string.model_missing)
        if (options.model !in models) {
            val text = getString(R.string.benchmark_unknown_model, options.model)
            file?.fail(text)
            result.text = text
            return
        }
        report = null
        result.text = getString(R.string.benchmark_running, ModelCatalog.label(options.model))
        val seconds = request?.sustainedSeconds ?: SUSTAINED_SECONDS
        job = BenchmarkWorker.start { measure(it, catalog, options, seconds, file) }
        showState()
    }

    /** On the worker's thread. */
    private fun measure(
        job: BenchmarkJob,
        catalog: ModelCatalog,
        options: FaceLandmarkerOptions,
        sustainedSeconds: Double,
        file: ResultFile?,
    ) {
        val thermals = PhoneThermals(applicationContext)
        try {
            job.check()
            FaceLandmarker.create(this, options).use { landmarker ->
                val run = BenchmarkRun(subject(job, catalog, landmarker), thermals)
                val started = System.nanoTime()
                val latency = run.latency()
                val sustained = run.sustained(sustainedSeconds) { share ->
                    runOnUiThread { progress.progress = (share * progress.max).toInt() }
                }
                val seconds = (System.nanoTime() - started) / 1e9
                val device = DeviceFacts.record(applicationContext, thermals)
                val text = BenchmarkReport.text(device, DeviceFacts.nowUtc(), seconds, latency, sustained)
                job.check()
                file?.succeed(text)
                runOnUiThread { finished(text, summary(landmarker, latency, sustained, thermals)) }
            }
        } catch (error: CancellationException) {
            brokenOff(file)
        } catch (error: ModelFileException) {
            failed(error, file)
        } catch (error: IllegalStateException) {
            failed(error, file)
        } catch (error: IOException) {
            failed(error, file)
        }
    }

    private fun subject(job: BenchmarkJob, catalog: ModelCatalog, landmarker: FaceLandmarker): BenchmarkSubject {
        val model = landmarker.options.model
        val runsOn = landmarker.runsOn
        return BenchmarkSubject(
            model = model,
            modelSha256 = catalog.sha256(model),
            modelBytes = catalog.bytes(model),
            runtime = if (runsOn.accelerator == Accelerator.GPU) "$RUNTIME GPU" else RUNTIME,
            runtimeVersion = TensorFlowLite.runtimeVersion(),
            threads = runsOn.threads,
            xnnpack = runsOn.accelerator == Accelerator.XNNPACK,
            invoke = {
                job.check()
                landmarker.runNetwork()
            },
        )
    }

    private fun summary(
        landmarker: FaceLandmarker,
        latency: Map<String, Any?>,
        sustained: Map<String, Any?>,
        thermals: Thermals,
    ): String {
        val times = latency["latency"] as Map<*, *>
        val minute = sustained["latency"] as Map<*, *>
        val count = times["count"] as Int
        return listOf(
            EngineText.of(resources, landmarker) + "\n",
            resources.getQuantityString(R.plurals.benchmark_runs, count, count),
            getString(
                R.string.benchmark_percentiles,
                times["median_ms"], times["p90_ms"], times["p95_ms"], times["p99_ms"],
            ) + "\n",
            getString(
                R.string.benchmark_sustained,
                sustained["seconds"], minute["median_ms"], minute["p99_ms"], sustained["slowdown"],
            ),
            getString(
                R.string.benchmark_heat,
                BenchmarkRun.statusName(thermals.status()) ?: getString(R.string.not_told),
                thermals.celsius()?.let { "$it \u00b0C" } ?: getString(R.string.not_told),
            ),
        ).joinToString("\n")
    }

    private fun finished(text: String, summary: String) {
        report = text
        end(summary)
    }

    private fun brokenOff(file: ResultFile?) {
        file?.fail("the app left the screen before the end")
        runOnUiThread { end(getString(R.string.benchmark_broken_off)) }
    }

    private fun failed(error: Exception, file: ResultFile?) {
        val reason = error.message ?: error.toString()
        file?.fail(reason)
        runOnUiThread { end(getString(R.string.model_failed, reason)) }
    }

    private fun end(text: String) {
        job = null
        result.text = text
        showState()
    }

    private fun showState() {
        val isRunning = job != null
        progress.visibility = if (isRunning) View.VISIBLE else View.INVISIBLE
        runButton.isEnabled = !isRunning
        shareButton.isEnabled = report != null
        val keepOn = WindowManager.LayoutParams.FLAG_KEEP_SCREEN_ON
        if (isRunning) window.addFlags(keepOn) else window.clearFlags(keepOn)
    }

    private fun share() {
        val text = report ?: return
        try {
            val uri = SharedFiles.write(this, "face520-benchmark.json") { it.write(text.toByteArray()) }
            SharedFiles.send(this, uri, "application/json")
        } catch (error: IOException) {
            result.text = getString(R.string.share_failed, error.message)
        }
    }

    private companion object {
        const val REPORT = "report"
        const val RESULT = "result"
    }
}
