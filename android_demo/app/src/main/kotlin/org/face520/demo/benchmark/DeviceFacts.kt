package org.face520.demo.benchmark

import android.app.ActivityManager
import android.content.Context
import android.os.Build
import java.text.SimpleDateFormat
import java.util.Date
import java.util.Locale
import java.util.TimeZone
import org.tensorflow.lite.TensorFlowLite

/** This phone as the harness's DeviceRecord; what a phone does not tell is empty or null. */
object DeviceFacts {
    fun record(context: Context, thermals: Thermals): Map<String, Any?> {
        val memory = ActivityManager.MemoryInfo()
        (context.getSystemService(Context.ACTIVITY_SERVICE) as ActivityManager).getMemoryInfo(memory)
        return linkedMapOf(
            "name" to "${Build.MANUFACTURER} ${Build.MODEL}",
            "machine" to (Build.SUPPORTED_ABIS.firstOrNull() ?: "unknown"),
            "processor" to processor(),
            "cores" to Runtime.getRuntime().availableProcessors(),
            "memory_mb" to memory.totalMem / 1e6,
            "system" to "Android ${Build.VERSION.RELEASE} (API ${Build.VERSION.SDK_INT})",
            "kernel" to (System.getProperty("os.version") ?: "unknown"),
            "governors" to emptyList<String>(),
            "max_mhz" to null,
            "python" to "none",
            "packages" to mapOf("tensorflow-lite" to TensorFlowLite.runtimeVersion()),
            "git_revision" to "unknown",
            "busy_percent" to null,
            "absent_sensors" to BenchmarkRun.absentSensors(thermals),
        )
    }

    /** Now, UTC, as ISO 8601. */
    fun nowUtc(): String = SimpleDateFormat("yyyy-MM-dd'T'HH:mm:ss'+00:00'", Locale.ROOT)
        .apply { timeZone = TimeZone.getTimeZone("UTC") }
        .format(Date())

    private fun processor(): String =
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.S) {
            "${Build.SOC_MANUFACTURER} ${Build.SOC_MODEL}"
        } else {
            Build.HARDWARE
        }
}
