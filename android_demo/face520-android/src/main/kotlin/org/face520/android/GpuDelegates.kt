package org.face520.android

import org.tensorflow.lite.Delegate

private const val DELEGATE_CLASS = "org.tensorflow.lite.gpu.GpuDelegate"
private const val COMPATIBILITY_CLASS = "org.tensorflow.lite.gpu.CompatibilityList"

/** The GPU cannot be used. */
internal class GpuUnavailableException(val reason: NoGpu, cause: Throwable? = null) : Exception(reason.name, cause)

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
            if (!isSupported) throw GpuUnavailableException(NoGpu.NOT_ON_THIS_PHONE)
            return Class.forName(DELEGATE_CLASS).getConstructor().newInstance() as Delegate
        } catch (error: ClassNotFoundException) {
            throw GpuUnavailableException(NoGpu.NOT_IN_APP, error)
        } catch (error: ReflectiveOperationException) {
            throw GpuUnavailableException(NoGpu.NOT_ON_THIS_PHONE, error)
        } catch (error: LinkageError) {
            throw GpuUnavailableException(NoGpu.NOT_ON_THIS_PHONE, error)
        }
    }
}
