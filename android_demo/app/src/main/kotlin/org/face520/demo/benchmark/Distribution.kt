package org.face520.demo.benchmark

import kotlin.math.sqrt

private const val HISTOGRAM_BINS = 40

/**
 * Many samples of one time, ms, at least one; percentiles, standard error and histogram as
 * `benchmarks/timing/distribution.py` computes them.
 */
class Distribution(samplesMs: DoubleArray) {
    private val sorted = samplesMs.sortedArray()
    val count = sorted.size
    val minMs = sorted.first()
    val maxMs = sorted.last()
    val meanMs = sorted.average()
    val medianMs = percentile(50.0)
    val p90Ms = percentile(90.0)
    val p95Ms = percentile(95.0)
    val p99Ms = percentile(99.0)

    /** Interpolated between the two nearest samples. */
    private fun percentile(percent: Double): Double {
        val place = percent / 100 * (sorted.size - 1)
        val below = place.toInt()
        val above = minOf(below + 1, sorted.size - 1)
        return sorted[below] + (place - below) * (sorted[above] - sorted[below])
    }

    /** The fields of the harness's JSON. */
    fun toJson(): Map<String, Any?> = linkedMapOf(
        "count" to count,
        "min_ms" to minMs,
        "mean_ms" to meanMs,
        "median_ms" to medianMs,
        "p90_ms" to p90Ms,
        "p95_ms" to p95Ms,
        "p99_ms" to p99Ms,
        "max_ms" to maxMs,
        "standard_error_ms" to standardError(),
        "histogram" to histogram(),
    )

    private fun standardError(): Double {
        if (count < 2) return 0.0
        var squares = 0.0
        for (sample in sorted) squares += (sample - meanMs) * (sample - meanMs)
        return sqrt(squares / (count - 1)) / sqrt(count.toDouble())
    }

    /** Bins from the fastest to the 99th percentile; slower samples are only counted. */
    private fun histogram(): Map<String, Any?> {
        val inside = sorted.filter { it <= p99Ms }
        val first = if (inside.last() > minMs) minMs else minMs - 0.5
        val width = if (inside.last() > minMs) (inside.last() - minMs) / HISTOGRAM_BINS else 1.0 / HISTOGRAM_BINS
        val counts = IntArray(HISTOGRAM_BINS)
        for (sample in inside) counts[minOf(((sample - first) / width).toInt(), HISTOGRAM_BINS - 1)]++
        return linkedMapOf(
            "edges_ms" to List(HISTOGRAM_BINS + 1) { first + it * width },
            "counts" to counts.toList(),
            "beyond" to count - inside.size,
        )
    }
}
