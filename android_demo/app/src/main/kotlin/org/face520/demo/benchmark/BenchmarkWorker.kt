package org.face520.demo.benchmark

import java.util.concurrent.CancellationException
import java.util.concurrent.ExecutorService
import java.util.concurrent.Executors

/** A benchmark that was asked for; [isStopped] as soon as nobody wants it any more. */
class BenchmarkJob {
    @Volatile var isStopped = false
        private set

    fun stop() {
        isStopped = true
    }

    /** Throws CancellationException once the job was stopped; for every call that is measured. */
    fun check() {
        if (isStopped) throw CancellationException("the benchmark was stopped")
    }
}

/** Runs benchmarks one after the other, whatever screens come and go: two at once measure each other. */
object BenchmarkWorker {
    private val thread: ExecutorService = Executors.newSingleThreadExecutor { Thread(it, "benchmark") }
    private var latest: BenchmarkJob? = null

    /** Stops the job before and queues this one. */
    @Synchronized
    fun start(work: (BenchmarkJob) -> Unit): BenchmarkJob {
        latest?.stop()
        val job = BenchmarkJob()
        latest = job
        thread.execute { work(job) }
        return job
    }
}
