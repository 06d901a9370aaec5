package org.face520.landmarks

import java.nio.ByteBuffer

/**
 * A network that runs somewhere: on a phone LiteRT's interpreter, in tests a recording.
 *
 * The buffers are direct, in native byte order, and the same for every run.
 */
internal interface Network : AutoCloseable {
    val input: TensorInfo
    val outputs: List<TensorInfo>
    val inputBuffer: ByteBuffer
    val outputBuffers: List<ByteBuffer>

    /** Computes [outputBuffers] from [inputBuffer]. Throws IllegalStateException when it cannot. */
    fun run()
}
