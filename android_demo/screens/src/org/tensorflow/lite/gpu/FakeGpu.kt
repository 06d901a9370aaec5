package org.tensorflow.lite.gpu

import org.tensorflow.lite.Delegate

/** Stands where the GPU library has its class of this name: a phone whose GPU is known to it. */
class CompatibilityList : AutoCloseable {
    fun isDelegateSupportedOnThisDevice(): Boolean = true

    override fun close() = Unit
}

/** A delegate that refuses every model, as a null one does. */
class GpuDelegate : Delegate {
    init {
        made++
    }

    override fun getNativeHandle(): Long = 0

    override fun close() {
        closed++
    }

    companion object {
        var made = 0
        var closed = 0
    }
}
