package org.face520.demo.benchmark

private const val SCHEMA_VERSION = 1

/** The JSON file of the benchmark harness: `face520-bench report merge` reads it with all others. */
object BenchmarkReport {
    /**
     * Text of a report. [device]: fields of the harness's DeviceRecord; [created]: UTC, ISO 8601;
     * [seconds]: that the whole run took.
     */
    fun text(
        device: Map<String, Any?>,
        created: String,
        seconds: Double,
        latency: Map<String, Any?>,
        sustained: Map<String, Any?>?,
    ): String = JsonText.of(
        linkedMapOf(
            "device" to device,
            "created" to created,
            "seconds" to seconds,
            "latency" to listOf(latency),
            "sustained" to sustained,
            "skipped" to listOf("measured by the Android demo: one model, latency and sustained running only"),
            "schema_version" to SCHEMA_VERSION,
        ),
    )
}
