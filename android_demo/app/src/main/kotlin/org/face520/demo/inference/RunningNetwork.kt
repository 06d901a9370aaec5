package org.face520.demo.inference

import java.nio.ByteBuffer
import java.nio.ByteOrder
import java.nio.MappedByteBuffer
import org.face520.landmarks.ModelFileException
import org.face520.landmarks.Network
import org.face520.landmarks.TensorInfo
import org.face520.landmarks.TensorType
import org.tensorflow.lite.DataType
import org.tensorflow.lite.Delegate
import org.tensorflow.lite.Interpreter
import org.tensorflow.lite.Tensor

/**
 * A network in LiteRT's interpreter; belongs to the thread that made it, as a GPU delegate does.
 *
 * Compiles against LiteRT and against TensorFlow Lite, whose Java packages have the same names.
 * [ranOn] tells what runs it, and why not what was asked for.
 */
class RunningNetwork private constructor(
    private val interpreter: Interpreter,
    private val delegate: Delegate?,
    val ranOn: String,
) : Network {
    override val input: TensorInfo = info(interpreter.getInputTensor(0))
    override val outputs: List<TensorInfo> =
        List(interpreter.outputTensorCount) { info(interpreter.getOutputTensor(it)) }
    override val inputBuffer: ByteBuffer = direct(input)
    override val outputBuffers: List<ByteBuffer> = outputs.map(::direct)
    private val inputs = arrayOf<Any>(inputBuffer)
    private val outputMap = HashMap<Int, Any>().also { for (i in outputBuffers.indices) it[i] = outputBuffers[i] }

    override fun run() {
        inputBuffer.rewind()
        for (i in outputBuffers.indices) outputBuffers[i].rewind()
        try {
            interpreter.runForMultipleInputsOutputs(inputs, outputMap)
        } catch (error: IllegalArgumentException) {
            throw IllegalStateException("The model fails while it runs: ${error.message}", error)
        }
    }

    override fun close() {
        interpreter.close()
        delegate?.close()
    }

    companion object {
        /**
         * Loads a model; where the GPU refuses, the CPU runs it. Throws [ModelFileException] for a
         * file that LiteRT cannot load.
         */
        fun load(model: MappedByteBuffer, file: String, accelerator: Accelerator, threads: Int): RunningNetwork {
            var why = ""
            if (accelerator == Accelerator.GPU) {
                try {
                    return onGpu(model)
                } catch (error: GpuUnavailableException) {
                    why = " (no GPU: ${error.message})"
                }
            }
            val useXnnpack = accelerator != Accelerator.CPU
            val options = Interpreter.Options().setNumThreads(threads)
            options.setUseXNNPACK(useXnnpack)
            val name = if (useXnnpack) Accelerator.XNNPACK.label else Accelerator.CPU.label
            try {
                return warm(RunningNetwork(Interpreter(model, options), null, "$name, $threads threads$why"))
            } catch (error: RuntimeException) {
                throw ModelFileException("$file: LiteRT cannot load this model (${error.message}).", error)
            } catch (error: LinkageError) {
                throw ModelFileException("LiteRT's native library does not load on this phone.", error)
            }
        }

        private fun onGpu(model: MappedByteBuffer): RunningNetwork {
            val delegate = GpuDelegates.create()
            try {
                val options = Interpreter.Options().addDelegate(delegate)
                return warm(RunningNetwork(Interpreter(model, options), delegate, Accelerator.GPU.label))
            } catch (error: RuntimeException) {
                delegate.close()
                throw GpuUnavailableException("it refuses this model", error)
            }
        }

        // The first run allocates and is several times slower than the others.
        private fun warm(network: RunningNetwork): RunningNetwork = network.also { it.run() }

        private fun info(tensor: Tensor): TensorInfo {
            val type = when (tensor.dataType()) {
                DataType.FLOAT32 -> TensorType.FLOAT32
                DataType.INT8 -> TensorType.INT8
                DataType.UINT8 -> TensorType.UINT8
                else -> throw IllegalArgumentException("tensor ${tensor.name()} has the type ${tensor.dataType()}")
            }
            val quantization = tensor.quantizationParams()
            return TensorInfo(
                tensor.name(),
                tensor.shape().toList(),
                type,
                if (type == TensorType.FLOAT32) 0f else quantization.scale,
                quantization.zeroPoint,
            )
        }

        private fun direct(info: TensorInfo): ByteBuffer =
            ByteBuffer.allocateDirect(info.size * info.type.bytes).order(ByteOrder.nativeOrder())
    }
}
