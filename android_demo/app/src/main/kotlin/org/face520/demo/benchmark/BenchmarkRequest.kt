package org.face520.demo.benchmark

import android.content.Intent
import org.face520.android.FaceLandmarkerOptions

private const val RUN = "run"
private const val MODEL = "model"
private const val THREADS = "threads"
private const val SUSTAINED_SECONDS = "sustained_seconds"
private const val MOST_SECONDS = 600f

/** A benchmark that `face520-bench report --adb --app` asks for over adb, on the CPU with XNNPACK. */
class BenchmarkRequest(val options: FaceLandmarkerOptions, val sustainedSeconds: Double) {
    companion object {
        /**
         * What an intent asks for, within what a phone can do: as many threads as it has cores, ten
         * minutes. Null where a person opened the screen.
         */
        fun of(intent: Intent): BenchmarkRequest? {
            val model = intent.getStringExtra(MODEL)
            if (!intent.getBooleanExtra(RUN, false) || model == null) return null
            val cores = Runtime.getRuntime().availableProcessors()
            val threads = intent.getIntExtra(THREADS, 1).coerceIn(1, cores)
            val seconds = intent.getFloatExtra(SUSTAINED_SECONDS, 0f)
            val options = FaceLandmarkerOptions(model, threads = threads)
            return BenchmarkRequest(options, if (seconds.isNaN()) 0.0 else seconds.coerceIn(0f, MOST_SECONDS).toDouble())
        }
    }
}
