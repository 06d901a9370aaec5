package org.face520.demo.benchmark

/** What is measured: a loaded model and what runs it. */
class BenchmarkSubject(
    val model: String,
    val modelSha256: String,
    val modelBytes: Long,
    val runtime: String,
    val runtimeVersion: String,
    val threads: Int,
    val xnnpack: Boolean,
    val invoke: () -> Unit,
)

private const val COUNT = 200
private const val SECONDS = 3.0
private const val WARM_UP_SECONDS = 5.0
private const val STRETCH_SECONDS = 1.0
private const val NOTHING_CALLS = 20_000
private val STATUS_NAMES = listOf("none", "light", "moderate", "severe", "critical", "emergency", "shutdown")

/**
 * Warm-up, percentiles, then a minute without pause; the two results are the entries `latency` and
 * `sustained` of the benchmark harness's report.
 */
class BenchmarkRun(
    private val subject: BenchmarkSubject,
    private val thermals: Thermals,
    private val stopwatch: Stopwatch = Stopwatch(),
) {
    /** One row of the latency table. */
    fun latency(): Map<String, Any?> {
        val warmUp = stopwatch.warmUp(WARM_UP_SECONDS, subject.invoke)
        val latency = Distribution(stopwatch.time(COUNT, SECONDS, subject.invoke))
        val nothing = stopwatch.time(NOTHING_CALLS, 0.0) {}.average()
        return linkedMapOf(
            "model" to subject.model,
            "model_sha256" to subject.modelSha256,
            "model_bytes" to subject.modelBytes,
            "runtime" to subject.runtime,
            "runtime_version" to subject.runtimeVersion,
            "threads" to subject.threads,
            "xnnpack" to subject.xnnpack,
            "cores" to emptyList<Int>(),
            "warm_up" to warmUp.toJson(),
            "latency" to latency.toJson(),
            "overhead_percent" to nothing / latency.medianMs * 100,
            "noise" to null,
            "cold" to null,
        )
    }

    /** Runs for [seconds]; [onProgress] is told the share done, 0 to 1. What ends it earlier is what [subject] throws. */
    fun sustained(seconds: Double, onProgress: (Double) -> Unit): Map<String, Any?> {
        val points = ArrayList<Map<String, Any?>>()
        val medians = ArrayList<Double>()
        val all = ArrayList<DoubleArray>()
        var throttledSeconds = 0.0
        var tellsThrottling = true
        val start = stopwatch.seconds()
        var begun = 0.0
        do {
            val samples = stopwatch.time(1, STRETCH_SECONDS, subject.invoke)
            val stretch = Distribution(samples)
            val status = thermals.status()
            val end = stopwatch.seconds() - start
            if (status == null) tellsThrottling = false else if (status > 0) throttledSeconds += end - begun
            points.add(point(begun, stretch, status))
            medians.add(stretch.medianMs)
            all.add(samples)
            begun = end
            if (seconds > 0) onProgress(minOf(begun / seconds, 1.0))
        } while (begun < seconds)
        val latency = Distribution(all.fold(DoubleArray(0)) { sum, one -> sum + one })
        val tenth = maxOf(medians.size / 10, 1)
        val slowdown = median(medians.takeLast(tenth)) / median(medians.take(tenth))
        return linkedMapOf(
            "model" to subject.model,
            "runtime" to subject.runtime,
            "threads" to subject.threads,
            "cores" to emptyList<Int>(),
            "seconds" to begun,
            "inferences" to latency.count,
            "latency" to latency.toJson(),
            "slowdown" to slowdown,
            "throttled_seconds" to if (tellsThrottling) throttledSeconds else null,
            "absent_sensors" to absentSensors(thermals),
            "points" to points,
        )
    }

    private fun point(begun: Double, stretch: Distribution, status: Int?): Map<String, Any?> = linkedMapOf(
        "seconds" to begun,
        "inferences" to stretch.count,
        "median_ms" to stretch.medianMs,
        "p95_ms" to stretch.p95Ms,
        "mhz" to null,
        "celsius" to thermals.celsius(),
        "throttled" to status?.let { it > 0 },
        "reasons" to if (status != null && status > 0) listOf("thermal status ${statusName(status)}") else emptyList(),
    )

    private fun median(values: List<Double>) = Distribution(values.toDoubleArray()).medianMs

    companion object {
        /** What a thermal status is called; null for one that is not told. */
        fun statusName(status: Int?): String? = status?.let { STATUS_NAMES.getOrElse(it) { status.toString() } }

        /** Names of what this phone does not tell. */
        fun absentSensors(thermals: Thermals): List<String> = listOfNotNull(
            "CPU clock",
            if (thermals.celsius() == null) "battery temperature" else null,
            if (thermals.status() == null) "thermal status" else null,
        )
    }
}
