package org.face520.demo.benchmark

import java.io.File

/** Where adb finds how a requested benchmark ended: one of two files, whole as soon as it is there. */
class ResultFile(private val folder: File) {
    /** Leaves the harness's JSON. */
    fun succeed(report: String) = write("benchmark.json", report)

    /** Leaves the reason why there is none. */
    fun fail(reason: String) = write("benchmark_error.txt", reason)

    private fun write(name: String, text: String) {
        val partial = File(folder, "$name.partial")
        partial.writeText(text)
        partial.renameTo(File(folder, name))
    }
}
