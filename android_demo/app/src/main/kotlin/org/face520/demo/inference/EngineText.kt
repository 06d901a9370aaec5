package org.face520.demo.inference

import android.content.res.Resources
import org.face520.android.Accelerator
import org.face520.android.FaceLandmarker
import org.face520.android.ModelCatalog
import org.face520.android.NoGpu
import org.face520.demo.R

/** A landmarker in the user's language: model and what really runs it. */
object EngineText {
    fun of(resources: Resources, landmarker: FaceLandmarker): String {
        val runsOn = landmarker.runsOn
        val parts = arrayListOf(ModelCatalog.label(landmarker.options.model), label(resources, runsOn.accelerator))
        if (runsOn.accelerator != Accelerator.GPU) {
            parts.add(resources.getQuantityString(R.plurals.thread_count, runsOn.threads, runsOn.threads))
        }
        runsOn.whyNoGpu?.let { parts.add(resources.getString(label(it))) }
        val unknown = landmarker.unknownOutputs
        if (unknown.isNotEmpty()) parts.add(resources.getString(R.string.without_outputs, unknown.joinToString()))
        return parts.joinToString(" · ")
    }

    private fun label(reason: NoGpu): Int = when (reason) {
        NoGpu.NOT_IN_APP -> R.string.no_gpu_in_app
        NoGpu.NOT_ON_THIS_PHONE -> R.string.no_gpu_on_this_phone
        NoGpu.NOT_FOR_THIS_MODEL -> R.string.no_gpu_for_this_model
    }

    fun label(resources: Resources, accelerator: Accelerator): String = resources.getString(
        when (accelerator) {
            Accelerator.XNNPACK -> R.string.cpu_xnnpack
            Accelerator.CPU -> R.string.cpu_plain
            Accelerator.GPU -> R.string.gpu
        },
    )
}
