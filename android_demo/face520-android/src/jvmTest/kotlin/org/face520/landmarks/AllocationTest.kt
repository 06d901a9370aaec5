package org.face520.landmarks

import com.sun.management.ThreadMXBean
import java.lang.management.ManagementFactory
import java.nio.ByteBuffer
import java.nio.ByteOrder
import org.face520.overlay.BlendshapeBars
import org.face520.overlay.OverlayScene
import org.face520.overlay.OverlaySceneTest
import org.face520.overlay.OverlayStyle
import org.face520.overlay.Painter
import org.face520.overlay.StatusText
import org.face520.overlay.ViewMapping
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test

private const val FRAMES = 150 // more than the far search takes for a picture

/** Followed faces, and the search for small ones, cost no memory per frame: camera planes to drawn overlay. */
class AllocationTest {
    private var runs = 0

    @Test
    fun `the loop over frames allocates nothing`() {
        val golden = Golden.json.children("models")[0]
        val stages = StageTimes()
        val contract = contract(golden.int("input_size_px"))
        val model = LandmarkModel(SteadyNetwork(contract), contract, Golden.layout, stages)
        val detector = FaceDetector(onlyFace(golden))
        val tracker = FaceTracker(detector, model, Golden.layout, stages, maxFaces = 2, far = FarSearch(detector))
        val transformation = HeadTransformation(Golden.layout)
        val matrix = DoubleArray(16)
        val converter = YuvConverter()
        val image = PixelImage()
        // A picture with something in every window, so that none is passed over.
        val planes = List(3) { YuvPlane(chequered(), 640, if (it == 0) 1 else 2) }
        val faces = Faces(Golden.layout.size, 2)
        val mapping = ViewMapping()
        val scene = OverlayScene(Golden.layout)
        val status = StatusText(OverlaySceneTest.WORDS).apply { right = 300f; sizePx = 30f }
        val bars = BlendshapeBars("")
        var isTracked = true
        fun frame(number: Int) {
            stages.reset()
            converter.convert(640, 480, planes[0], planes[1], planes[2], 90, image)
            tracker.track(image, number * 33.0, Smoothing.SOFT, faces)
            isTracked = faces.count == 1 && isTracked
            val face = faces[0]
            transformation.estimate(face.points, image.width, image.height, matrix)
            mapping.set(image.width, image.height, 1080, 2000, true)
            for (style in STYLES) scene.paint(face, style, mapping, NoPainter)
            status.paintNumbers(faces, mapping, NoPainter)
            val end = status.paint(faces, stages, 30f, "CPU", true, NoPainter)
            bars.paint(face, 0f, end, 300f, 30f, NoPainter)
        }
        for (number in 0 until FRAMES) frame(number)
        val threads = ManagementFactory.getThreadMXBean() as ThreadMXBean
        val thread = Thread.currentThread().id
        threads.getThreadAllocatedBytes(thread)
        val before = threads.getThreadAllocatedBytes(thread)
        val runsBefore = runs
        for (number in FRAMES until 2 * FRAMES) frame(number)
        val perFrame = (threads.getThreadAllocatedBytes(thread) - before) / FRAMES
        assertTrue("the face was lost", isTracked)
        assertTrue("a sweep of 26 windows, each looked at twice, and more", runs - runsBefore > 52)
        // The measuring call itself allocates a few bytes.
        assertEquals("bytes per frame, above 16", 0, perFrame / 16)
    }

    private fun chequered(): ByteBuffer = ByteBuffer.allocateDirect(640 * 480).apply {
        for (i in 0 until capacity()) put(i, if ((i / 16 + i / 640 / 16) % 2 == 0) 60 else 100)
    }

    /** A detector that sees a face in the middle of whatever it is shown, too unsure for the far search. */
    private fun onlyFace(golden: JsonObject): Network {
        val detector = RecordedNetwork.detector()
        val stored = golden.child("detection").children("runs").first { it.string("model").startsWith("blazeface") }
        return object : Network by detector {
            init {
                detector.answer(stored)
                val logits = detector.outputBuffers[1]
                for (i in 0 until logits.capacity() step 4) logits.putFloat(i, minOf(logits.getFloat(i), UNSURE_LOGIT))
            }

            override fun run() {
                runs++
            }
        }
    }

    private fun contract(sizePx: Int): ModelContract {
        val ones = FloatArray(Golden.layout.size * 3) { 1f }
        val zeros = FloatArray(ones.size)
        return ModelContract(
            "steady", "1", Golden.layout.reference, sizePx, 0f, 1f, zeros, ones,
            listOf("landmarks", "presence", "expression", "visibility"), emptyList(),
            FloatArray(0), "landmark_box_square", SIDE_OVER_BOX,
        )
    }

    /** Answers every crop with a frontal face that fills it by the crop's rule: it stays in place. */
    private class SteadyNetwork(contract: ModelContract) : Network {
        override val input =
            TensorInfo("image", listOf(1, contract.inputSizePx, contract.inputSizePx, 3), TensorType.FLOAT32)
        override val outputs = listOf(
            TensorInfo("landmarks", listOf(1, Golden.layout.size, 3), TensorType.FLOAT32),
            TensorInfo("presence", listOf(1, 1), TensorType.FLOAT32),
            TensorInfo("expression", listOf(1, BLENDSHAPE_NAMES.size), TensorType.FLOAT32),
            TensorInfo("visibility", listOf(1, Golden.layout.size), TensorType.FLOAT32),
        )
        override val inputBuffer: ByteBuffer = direct(input)
        override val outputBuffers = outputs.map(::direct)

        init {
            val shape = Golden.layout.meanShape
            val region = CropRegion().apply { setAroundLandmarks(shape) }
            for (i in shape.indices) {
                val middle = if (i % 3 == 0) region.centerX else if (i % 3 == 1) region.centerY else 0.0
                outputBuffers[0].putFloat(((shape[i] - middle) / region.sidePx).toFloat())
            }
            outputBuffers[1].putFloat(1f)
        }

        override fun run() = Unit

        override fun close() = Unit

        private fun direct(info: TensorInfo) = ByteBuffer.allocateDirect(info.size * 4).order(ByteOrder.nativeOrder())
    }

    private object NoPainter : Painter {
        override fun discs(centers: FloatArray, count: Int, radius: Float, color: Int) = Unit

        override fun rings(centers: FloatArray, count: Int, radius: Float, width: Float, color: Int) = Unit

        override fun lines(ends: FloatArray, count: Int, width: Float, color: Int) = Unit

        override fun triangles(corners: FloatArray, colors: IntArray, count: Int) = Unit

        override fun area(points: FloatArray, loops: IntArray, color: Int) = Unit

        override fun textWidth(text: CharSequence, sizePx: Float): Float = 100f

        override fun text(text: CharSequence, x: Float, y: Float, sizePx: Float, color: Int) = Unit
    }

    private companion object {
        const val UNSURE_LOGIT = 0.4f
        val STYLES = OverlayStyle.values()
    }
}
