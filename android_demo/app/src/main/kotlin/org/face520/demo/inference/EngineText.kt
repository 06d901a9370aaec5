package org.face520.demo.inference

import android.content.res.Resources
import org.face520.demo.R

/** An engine in the user's language: model and what really runs it. */
object EngineText {
    fun of(resources: Resources, engine: LandmarkEngine): String {
        val runsOn = engine.network.runsOn
        val parts = arrayListOf(ModelCatalog.label(engine.settings.model), label(resources, runsOn.accelerator))
        if (runsOn.accelerator != Accelerator.GPU) {
            parts.add(resources.getQuantityString(R.plurals.thread_count, runsOn.threads, runsOn.threads))
        }
        runsOn.whyNoGpu?.let { parts.add(resources.getString(R.string.no_gpu, it)) }
        val unknown = engine.unknownOutputs
        if (unknown.isNotEmpty()) parts.add(resources.getString(R.string.without_outputs, unknown.joinToString()))
        return parts.joinToString(" · ")
    }

    fun label(resources: Resources, accelerator: Accelerator): String = resources.getString(
        when (accelerator) {
            Accelerator.XNNPACK -> R.string.cpu_xnnpack
            Accelerator.CPU -> R.string.cpu_plain
            Accelerator.GPU -> R.string.gpu
        },
    )
}
