package org.face520.demo.benchmark

import android.content.Intent
import org.face520.demo.inference.Accelerator
import org.face520.demo.inference.EngineSettings

private const val RUN = "run"
private const val MODEL = "model"
private const val THREADS = "threads"
private const val SUSTAINED_SECONDS = "sustained_seconds"

/** A benchmark that `face520-bench report --adb --app` asks for over adb, on the CPU with XNNPACK. */
class BenchmarkRequest(val settings: EngineSettings, val sustainedSeconds: Double) {
    companion object {
        /** What an intent asks for; null where a person opened the screen. */
        fun of(intent: Intent): BenchmarkRequest? {
            val model = intent.getStringExtra(MODEL)
            if (!intent.getBooleanExtra(RUN, false) || model == null) return null
            val settings = EngineSettings(model, Accelerator.XNNPACK, maxOf(1, intent.getIntExtra(THREADS, 1)))
            return BenchmarkRequest(settings, intent.getFloatExtra(SUSTAINED_SECONDS, 0f).toDouble())
        }
    }
}
