package org.face520.android

import org.tensorflow.lite.Delegate

private const val DELEGATE_CLASS = "org.tensorflow.lite.gpu.GpuDelegate"
private const val COMPATIBILITY_CLASS = "org.tensorflow.lite.gpu.CompatibilityList"

/** The GPU cannot be used; the message says why, in words for the screen. */
internal class GpuUnavailableException(message: String, cause: Throwable? = null) : Exception(message, cause)

/**
 * GPU delegates, if the GPU library is packed along.
 *
 * Found by name, since it is a library of its own that a build may leave out (the one without
 * Google's Maven does); LiteRT and TensorFlow Lite name its classes alike.
 */
internal object GpuDelegates {
    /** A delegate to be closed after its interpreter. Throws [GpuUnavailableException]. */
    fun create(): Delegate {
        try {
            // The library crashes on drivers that it does not know, so that it must be asked first.
            val compatibility = Class.forName(COMPATIBILITY_CLASS).getConstructor().newInstance()
            val isSupported = (compatibility as AutoCloseable).use {
                it.javaClass.getMethod("isDelegateSupportedOnThisDevice").invoke(it) as Boolean
            }
            if (!isSupported) throw GpuUnavailableException("this phone's GPU is not supported")
            return Class.forName(DELEGATE_CLASS).getConstructor().newInstance() as Delegate
        } catch (error: ClassNotFoundException) {
            throw GpuUnavailableException("the GPU library is not in this build", error)
        } catch (error: ReflectiveOperationException) {
            throw GpuUnavailableException("the GPU library failed: ${error.cause ?: error}", error)
        } catch (error: LinkageError) {
            throw GpuUnavailableException("the GPU library cannot be loaded", error)
        }
    }
}
