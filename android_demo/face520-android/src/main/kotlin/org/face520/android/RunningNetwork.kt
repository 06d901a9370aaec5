package org.face520.android

import java.io.File
import java.io.IOException
import java.nio.ByteBuffer
import java.nio.ByteOrder
import java.util.concurrent.atomic.AtomicInteger
import org.face520.landmarks.ModelFileException
import org.face520.landmarks.Network
import org.face520.landmarks.TensorInfo
import org.face520.landmarks.TensorType
import org.face520.landmarks.goTo
import org.tensorflow.lite.DataType
import org.tensorflow.lite.Delegate
import org.tensorflow.lite.Interpreter
import org.tensorflow.lite.Tensor

/**
 * A network in LiteRT's interpreter; belongs to the thread that made it, as a GPU delegate does.
 *
 * Compiles against LiteRT and against TensorFlow Lite, whose Java packages have the same names.
 * [runsOn] tells what runs it, and why not what was asked for.
 */
internal class RunningNetwork private constructor(private val interpreter: Interpreter, private val delegate: Delegate?) :
    Network {
    override val input: TensorInfo = info(interpreter.getInputTensor(0))
    override val outputs: List<TensorInfo> =
        List(interpreter.outputTensorCount) { info(interpreter.getOutputTensor(it)) }
    override val inputBuffer: ByteBuffer = direct(input)
    override val outputBuffers: List<ByteBuffer> = outputs.map(::direct)
    lateinit var runsOn: RunsOn
        private set
    private val inputs = arrayOf<Any>(inputBuffer)
    private val outputMap = HashMap<Int, Any>().also { for (i in outputBuffers.indices) it[i] = outputBuffers[i] }
    private var isClosed = false

    override fun run() {
        inputBuffer.goTo(0)
        for (i in outputBuffers.indices) outputBuffers[i].goTo(0)
        try {
            interpreter.runForMultipleInputsOutputs(inputs, outputMap)
        } catch (error: IllegalArgumentException) {
            throw IllegalStateException(error.message, error)
        }
    }

    override fun close() {
        if (isClosed) return
        isClosed = true
        close(interpreter, delegate)
    }

    companion object {
        private val opened = AtomicInteger()

        /** Interpreters of this process that were opened and not closed. */
        val openCount: Int get() = opened.get()

        /**
         * Loads a model; where the GPU refuses, the CPU runs it. Throws [ModelFileException] for a
         * file that LiteRT cannot load.
         */
        fun load(model: ByteBuffer, file: String, accelerator: Accelerator, threads: Int): RunningNetwork {
            var whyNoGpu: NoGpu? = null
            if (accelerator == Accelerator.GPU) {
                try {
                    return onGpu(model)
                } catch (error: GpuUnavailableException) {
                    whyNoGpu = error.reason
                }
            }
            val used = if (accelerator == Accelerator.CPU) Accelerator.CPU else Accelerator.XNNPACK
            val options = Interpreter.Options().setNumThreads(threads)
            options.setUseXNNPACK(used == Accelerator.XNNPACK)
            try {
                val before = siblings()
                val network = open(model, options, null)
                val isAlone = before != null && siblings() == before
                network.runsOn = RunsOn(used, if (isAlone) 1 else threads, whyNoGpu)
                return network
            } catch (error: RuntimeException) {
                throw ModelFileException("$file: LiteRT cannot load this model (${error.message}).", error)
            } catch (error: LinkageError) {
                throw ModelFileException("LiteRT's native library does not load on this phone.", error)
            }
        }

        private fun onGpu(model: ByteBuffer): RunningNetwork {
            val delegate = GpuDelegates.create()
            try {
                val network = open(model, Interpreter.Options().addDelegate(delegate), delegate)
                network.runsOn = RunsOn(Accelerator.GPU, 1, null)
                return network
            } catch (error: RuntimeException) {
                throw GpuUnavailableException(NoGpu.NOT_FOR_THIS_MODEL, error)
            }
        }

        /** An interpreter that has run once: the first run allocates, and starts what threads there are. */
        private fun open(model: ByteBuffer, options: Interpreter.Options, delegate: Delegate?): RunningNetwork {
            val interpreter = try {
                Interpreter(model, options)
            } catch (error: Throwable) {
                delegate?.close()
                throw error
            }
            opened.incrementAndGet()
            try {
                return RunningNetwork(interpreter, delegate).also { it.run() }
            } catch (error: Throwable) {
                close(interpreter, delegate)
                throw error
            }
        }

        private fun close(interpreter: Interpreter, delegate: Delegate?) {
            closeBoth(interpreter, delegate)
            opened.decrementAndGet()
        }

        /** An interpreter uses its delegate until its own end. */
        internal fun closeBoth(interpreter: AutoCloseable, delegate: AutoCloseable?) {
            try {
                interpreter.close()
            } finally {
                delegate?.close()
            }
        }

        /** Native threads with this thread's name, as those have that it starts; null where the system hides them. */
        private fun siblings(): Int? = try {
            val own = File("/proc/thread-self/comm").readText()
            File("/proc/self/task").listFiles()?.count { own == nameOf(it) }
        } catch (error: IOException) {
            null
        }

        private fun nameOf(task: File): String? = try {
            File(task, "comm").readText()
        } catch (error: IOException) {
            null // it has ended in the meantime
        }

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
