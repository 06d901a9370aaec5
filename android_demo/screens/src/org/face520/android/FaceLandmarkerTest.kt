package org.face520.android

import android.graphics.Bitmap
import android.graphics.Canvas
import android.graphics.Color
import android.graphics.PixelFormat
import android.media.Image
import java.nio.ByteBuffer
import org.face520.demo.CameraPicture
import org.face520.demo.Golden
import org.face520.demo.Phone
import org.face520.demo.ScreenRunner
import org.face520.landmarks.Face
import org.face520.landmarks.Faces
import org.face520.landmarks.ModelFileException
import org.face520.landmarks.PixelImage
import org.face520.landmarks.YuvPlane
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertNotSame
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.annotation.Config
import org.robolectric.annotation.GraphicsMode
import org.tensorflow.lite.gpu.GpuDelegate

private val SMALL = FaceLandmarkerOptions(FaceLandmarkerOptions.SMALL)

/** Pictures of every kind to landmarks, with the real networks, and what is said of wrong ones. */
@RunWith(ScreenRunner::class)
@GraphicsMode(GraphicsMode.Mode.NATIVE)
@Config(sdk = [35])
class FaceLandmarkerTest {
    private val photo = Phone.photo

    @After
    fun `nothing is left open`() = assertEquals("interpreters left open", 0, RunningNetwork.openCount)

    private fun <T> landmarker(options: FaceLandmarkerOptions = SMALL, use: (FaceLandmarker) -> T): T =
        FaceLandmarker.create(Phone.app, options).use(use)

    private fun assertOnFace(what: String, face: Face) =
        Golden.assertOnFace(what, FaceLandmarkerOptions.SMALL, face.points, 1f, 0f, 0f)

    private fun pixels(bitmap: Bitmap) = PixelImage(bitmap.width, bitmap.height).also {
        bitmap.getPixels(it.argb, 0, bitmap.width, 0, 0, bitmap.width, bitmap.height)
    }

    @Test
    fun `the face of a photo is found in bitmap, camera frame and pixels, however they are turned`() = landmarker {
        assertOnFace("pixels", it.detect(pixels(photo)).single())
        for (rotationDeg in listOf(0, 90, 180, 270)) {
            val seen = CameraPicture.turned(photo, rotationDeg)
            assertOnFace("bitmap turned by $rotationDeg", it.detect(seen, rotationDeg).single())
            val frame = YuvFrame.of(CameraPicture(seen, 0.0), rotationDeg)
            assertOnFace("camera frame turned by $rotationDeg", it.detect(frame).single())
        }
    }

    @Test
    fun `a bitmap that is not square stands upright after a turn`() {
        val upright = Bitmap.createBitmap(5, 3, Bitmap.Config.ARGB_8888)
        for (y in 0 until 3) for (x in 0 until 5) upright.setPixel(x, y, Color.rgb(x * 50, y * 100, 7))
        for (rotationDeg in listOf(0, 90, 180, 270)) {
            val image = PixelImage()
            UprightConverter().convert(CameraPicture.turned(upright, rotationDeg), rotationDeg, image)
            assertEquals("turned by $rotationDeg", listOf(5, 3), listOf(image.width, image.height))
            assertEquals("turned by $rotationDeg", pixels(upright).argb.toList(), image.argb.toList())
        }
    }

    @Test
    fun `a camera's buffers are left as they are`() {
        val luma = ByteBuffer.allocateDirect(16).apply { position(3) }
        val chroma = ByteBuffer.allocateDirect(4)
        val frame = YuvFrame(4, 4, YuvPlane(luma, 4, 1), YuvPlane(chroma, 2, 1), YuvPlane(chroma, 2, 1), 0)
        UprightConverter().convert(frame, PixelImage())
        assertEquals(3, luma.position())
    }

    @Test
    fun `faces of a video keep their number, and are written into what is handed over`() = landmarker { landmarker ->
        val faces = Faces(landmarker.layout.size, 1)
        val upright = PixelImage()
        val frame = YuvFrame.of(CameraPicture(CameraPicture.turned(photo, 90), 0.0), 90)
        repeat(3) {
            landmarker.track(frame, it * 33.0, faces, upright)
            assertOnFace("frame $it", checkNotNull(faces.first))
            assertEquals(0, faces[0].trackId)
            assertEquals(photo.width, upright.width)
        }
        val kept = faces.toList().single()
        landmarker.track(PixelImage(64, 64), 99.0, faces)
        assertEquals(0, landmarker.track(Bitmap.createBitmap(64, 64, Bitmap.Config.ARGB_8888), 132.0).count)
        assertOnFace("a copy", kept)
        assertNotSame(kept, faces[0])
        assertTrue("time is measured", landmarker.times.totalMs > 0)
    }

    @Test
    fun `the time of a video must grow, until another one begins`() = landmarker { landmarker ->
        landmarker.track(photo, 33.0)
        for (timestampMs in listOf(33.0, 0.0, Double.NaN)) {
            val error = assertThrows(IllegalArgumentException::class.java) { landmarker.track(photo, timestampMs) }
            assertTrue(error.message, "reset()" in error.message.orEmpty())
        }
        landmarker.reset()
        assertEquals(1, landmarker.track(photo, 0.0).count)
    }

    @Test
    fun `what cannot be worked on is told of with what to do`() = landmarker(SMALL.copy(maxFaces = 2)) { landmarker ->
        fun says(words: String, work: () -> Unit) {
            val error = assertThrows(IllegalArgumentException::class.java) { work() }
            assertTrue(error.message, words in error.message.orEmpty())
        }
        says("turned by 45") { landmarker.detect(photo, 45) }
        says("turned by -90") { YuvFrame.of(CameraPicture(photo, 0.0), -90) }
        says("recycled") { landmarker.detect(photo.copy(Bitmap.Config.ARGB_8888, false).apply { recycle() }) }
        says("room for 1") { landmarker.track(pixels(photo), 0.0, Faces(landmarker.layout.size, 1)) }
        val bytes = ByteBuffer.allocate(100)
        says("luma plane has 100 bytes") {
            YuvFrame(64, 48, YuvPlane(bytes, 64, 1), YuvPlane(bytes, 64, 2), YuvPlane(bytes, 64, 2), 0)
        }
        says("YUV_420_888") { YuvFrame.of(RgbaImage(), 0) }
        says("maxFaces is 0") { FaceLandmarkerOptions(maxFaces = 0) }
        says("threads is 0") { FaceLandmarkerOptions(threads = 0) }
    }

    private class RgbaImage : Image() {
        override fun getFormat() = PixelFormat.RGBA_8888

        override fun getWidth() = 8

        override fun getHeight() = 8

        override fun getTimestamp() = 0L

        override fun getTransform() = 0

        override fun getScalingMode() = 0

        override fun getPlanes(): Array<Plane> = emptyArray()

        override fun close() = Unit
    }

    @Test
    fun `a model that the app lacks is named with those that it has, and nothing stays open`() {
        val error = assertThrows(ModelFileException::class.java) {
            FaceLandmarker.create(Phone.app, FaceLandmarkerOptions("face520_large.tflite"))
        }
        for (words in listOf("face520_large.tflite", FaceLandmarkerOptions.MAIN, FaceLandmarkerOptions.SMALL)) {
            assertTrue(error.message, words in error.message.orEmpty())
        }
        assertEquals(0, RunningNetwork.openCount)
        val detector = assertThrows(ModelFileException::class.java) {
            FaceLandmarker.create(Phone.app, FaceLandmarkerOptions("blazeface_short_range.tflite"))
        }
        assertTrue(detector.message, "without face520 contract" in detector.message.orEmpty())
    }

    @Test
    fun `closed once or twice it holds nothing, and says so`() {
        val landmarker = FaceLandmarker.create(Phone.app, SMALL)
        assertEquals(2, RunningNetwork.openCount)
        repeat(2) { landmarker.close() }
        assertEquals(0, RunningNetwork.openCount)
        for (work in listOf({ landmarker.detect(photo) }, { landmarker.track(photo, 0.0) }, { landmarker.runNetwork() })) {
            val error = assertThrows(IllegalStateException::class.java) { work() }
            assertTrue(error.message, "FaceLandmarker.create" in error.message.orEmpty())
        }
    }

    @Test
    fun `a photo that is blank has no face`() = landmarker {
        val blank = Bitmap.createBitmap(320, 240, Bitmap.Config.ARGB_8888).apply { Canvas(this).drawColor(Color.GRAY) }
        assertEquals(emptyList<Face>(), it.detect(blank))
    }

    @Test
    fun `where the GPU refuses the CPU works, says why, and no delegate is left`() {
        landmarker(SMALL.copy(accelerator = Accelerator.GPU)) {
            assertEquals(Accelerator.XNNPACK, it.runsOn.accelerator)
            assertEquals(NoGpu.NOT_FOR_THIS_MODEL, it.runsOn.whyNoGpu)
            assertEquals(1, it.detect(photo).size)
        }
        assertEquals(GpuDelegate.made, GpuDelegate.closed)
    }
}
