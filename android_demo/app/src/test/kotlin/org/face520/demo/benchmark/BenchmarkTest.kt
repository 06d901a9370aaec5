package org.face520.demo.benchmark

import java.io.File
import kotlin.io.path.createTempDirectory
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Test

class BenchmarkTest {
    private class FixedThermals(private val celsius: Double?, private val status: Int?) : Thermals {
        override fun celsius(): Double? = celsius

        override fun status(): Int? = status
    }

    /** A clock that a call moves forward. */
    private class FakeClock {
        var nanos = 0L

        fun call(ms: Double) {
            nanos += (ms * 1e6).toLong()
        }
    }

    private fun subject(invoke: () -> Unit) = BenchmarkSubject(
        "face520_main_int8.tflite", "ab".repeat(32), 1_195_462, "tensorflow-lite", "2.16.1", 4, true, invoke,
    )

    @Test
    fun `percentiles interpolate as numpy does`() {
        val distribution = Distribution(DoubleArray(10) { it + 1.0 })
        assertEquals(5.5, distribution.medianMs, 1e-9)
        assertEquals(9.1, distribution.p90Ms, 1e-9)
        assertEquals(9.91, distribution.p99Ms, 1e-9)
        val json = distribution.toJson()
        assertEquals(0.9574271, json["standard_error_ms"] as Double, 1e-6)
        val histogram = json["histogram"] as Map<*, *>
        assertEquals(1, histogram["beyond"])
        assertEquals(9, (histogram["counts"] as List<*>).sumOf { it as Int })
    }

    @Test
    fun `one sample is a distribution too`() = assertEquals(3.0, Distribution(doubleArrayOf(3.0)).p99Ms, 0.0)

    @Test
    fun `warm-up ends when times are steady, or at its limit`() {
        val clock = FakeClock()
        var calls = 0
        val steady = Stopwatch { clock.nanos }.warmUp(5.0) { clock.call(if (calls++ < 5) 40.0 else 10.0) }
        assertTrue(steady.stable)
        val restless = Stopwatch { clock.nanos }.warmUp(1.0) { clock.call((10 + calls++).toDouble()) }
        assertFalse(restless.stable)
        assertTrue(restless.seconds >= 1)
    }

    @Test
    fun `a run that slows down and gets warm says so`() {
        val clock = FakeClock()
        val run = BenchmarkRun(
            subject { clock.call(if (clock.nanos < 30e9) 10.0 else 20.0) },
            FixedThermals(39.5, 2),
            Stopwatch { clock.nanos },
        )
        val sustained = run.sustained(60.0) { }
        assertEquals(2.0, sustained["slowdown"] as Double, 1e-9)
        assertEquals(60.0, sustained["throttled_seconds"] as Double, 1.0)
        val point = (sustained["points"] as List<*>).last() as Map<*, *>
        assertEquals(listOf("thermal status moderate"), point["reasons"])
    }

    @Test
    fun `a phone that tells nothing is not called cool`() {
        val clock = FakeClock()
        val run = BenchmarkRun(subject { clock.call(10.0) }, FixedThermals(null, null), Stopwatch { clock.nanos })
        val sustained = run.sustained(5.0) { }
        assertEquals(null, sustained["throttled_seconds"])
        assertEquals(listOf("CPU clock", "battery temperature", "thermal status"), sustained["absent_sensors"])
    }

    @Test
    fun `the report is JSON, and is left for the harness to read`() {
        val run = BenchmarkRun(subject { Thread.sleep(0, 200_000) }, FixedThermals(31.0, 0))
        val device = linkedMapOf(
            "name" to "A \"phone\"", "machine" to "arm64-v8a", "processor" to "test", "cores" to 8,
            "memory_mb" to 5500.5, "system" to "Android 16 (API 36)", "kernel" to "6.1",
            "governors" to emptyList<String>(),
            "max_mhz" to null, "python" to "none", "packages" to mapOf("tensorflow-lite" to "2.16.1"),
            "git_revision" to "unknown", "busy_percent" to null, "absent_sensors" to listOf("CPU clock"),
        )
        val sustained = run.sustained(2.0) { }
        val text = BenchmarkReport.text(device, "2026-01-01T00:00:00+00:00", 9.0, run.latency(), sustained)
        for (field in listOf("\"name\": \"A \\\"phone\\\"\"", "\"schema_version\": 1")) assertTrue(text, field in text)
        System.getProperty("face520.pictures")?.let { File(it, "benchmark.json").writeText(text) }
    }

    @Test
    fun `a result is there whole, and nothing beside it`() {
        val folder = createTempDirectory().toFile()
        ResultFile(folder).succeed("{}")
        ResultFile(folder).fail("no model")
        assertEquals(listOf("benchmark.json", "benchmark_error.txt"), folder.list()!!.sorted())
        assertEquals("{}", File(folder, "benchmark.json").readText())
    }
}
