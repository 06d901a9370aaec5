package org.face520.landmarks

import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test

/** The whole way from pixels to faces, against Python's, with its recorded network outputs. */
class PipelineTest {
    @Test
    fun `what the network says of a given square equals Python's`() {
        for (golden in Golden.models) {
            val network = RecordedNetwork.landmarks(golden)
            network.expect(golden)
            val prediction = Prediction(Golden.layout.size)
            model(golden, network).run(Golden.photo, Golden.region(golden.child("region")), prediction)
            val face = Face(Golden.layout.size)
            val expected = golden.child("face")
            FaceFiller(Golden.layout).fill(prediction, expected.double("presence").toFloat(), face)
            Golden.assertClose(golden.string("path"), expected.floats("points"), face.points, 2e-3f)
            assertFace(golden.string("path"), expected, face)
        }
    }

    @Test
    fun `a still image gives the faces that Python finds, upside down too`() {
        val small = Golden.picture("small_upside_down.png")
        val images = mapOf("detection" to Golden.photo, "upside_down" to upsideDown(), "small_upside_down" to small)
        for (golden in Golden.models) for ((name, image) in images) {
            val detection = golden.child(name)
            val detector = RecordedNetwork.detector()
            val network = RecordedNetwork.landmarks(golden)
            expect(detection, detector, network)
            val landmarker = PhotoLandmarker(FaceDetector(detector), model(golden, network), Golden.layout, maxFaces = 1)
            val faces = landmarker.detect(image)
            val expected = detection.children("faces")
            assertEquals("${golden.string("path")}: $name", expected.size, faces.size)
            for (i in faces.indices) assertFace("${golden.string("path")}: $name", expected[i], faces[i])
            detector.assertAllUsed()
            network.assertAllUsed()
        }
        assertEquals(1, Golden.models[0].child("detection").children("faces").size)
    }

    @Test
    fun `a video is followed, smoothed and lost as Python does`() {
        for (track in listOf(Golden.json.child("track"), Golden.json.child("made_up_model").child("track"))) {
            follow(track, maxFaces = 1) { shifted(it) }
        }
    }

    @Test
    fun `faces that come, go and come back keep their numbers as in Python`() {
        val track = Golden.json.child("several")
        follow(track, track.int("max_faces")) { Golden.picture(it.string("file")) }
        val ids = track.children("frames").map { frame -> frame.children("faces").map { it.int("track_id") } }
        assertTrue("two at once: $ids", ids.any { it.size == 2 })
        assertTrue("one that comes back: $ids", ids.any { it == listOf(1) } && ids.last() == listOf(0, 1))
    }

    @Test
    fun `faces that are small in a photo are found beside large ones, and what the detector only hints at`() {
        val golden = Golden.models.first { it.string("name") == Golden.json.string("far_model") }
        for ((name, maxFaces) in mapOf("far" to Golden.json.int("most_far_faces"), "hinted" to 1)) {
            val recorded = Golden.json.child(name)
            val detector = RecordedNetwork.detector()
            val network = RecordedNetwork.landmarks(golden)
            expect(recorded, detector, network)
            val landmarker = PhotoLandmarker(FaceDetector(detector), model(golden, network), Golden.layout, maxFaces)
            val faces = landmarker.detect(Golden.picture("$name.png"))
            val expected = recorded.children("faces")
            assertEquals(name, expected.size, faces.size)
            for (i in faces.indices) assertFace("$name, face $i", expected[i], faces[i])
            detector.assertAllUsed()
            network.assertAllUsed()
        }
        assertTrue(Golden.json.child("far").children("faces").any { it.double("around") < 50 })
        assertEquals(1, Golden.json.child("hinted").children("faces").size)
    }

    @Test
    fun `a face that is small in a video is found, lost and found again with its number, as in Python`() {
        val film = Golden.json.child("far_film")
        follow(film, film.int("max_faces")) { Golden.picture(it.string("file")) }
        val counts = film.children("frames").map { it.children("faces").size }
        assertTrue("found after some frames, lost and found: $counts", counts[0] == 0 && counts.lastIndexOf(0) > counts.indexOf(1))
        assertTrue(film.children("frames").all { frame -> frame.children("faces").all { it.int("track_id") == 0 } })
    }

    private fun follow(track: JsonObject, maxFaces: Int, imageOf: (JsonObject) -> PixelImage) {
        val golden = Golden.models.first { it.string("path") == track.string("model") }
        val detector = RecordedNetwork.detector()
        val network = RecordedNetwork.landmarks(golden)
        val faceDetector = FaceDetector(detector)
        val far = FarSearch(faceDetector)
        val tracker = FaceTracker(faceDetector, model(golden, network), Golden.layout, StageTimes(), maxFaces, far)
        val faces = Faces(Golden.layout.size, maxFaces)
        for ((number, frame) in track.children("frames").withIndex()) {
            expect(frame, detector, network)
            tracker.track(imageOf(frame), frame.double("time_ms"), Smoothing.SOFT, faces)
            val expected = frame.children("faces")
            assertEquals("frame $number: faces", expected.size, faces.count)
            for (i in expected.indices) {
                assertFace("frame $number, face $i", expected[i], faces[i])
                assertEquals("frame $number: number", expected[i].int("track_id"), faces[i].trackId)
            }
            detector.assertAllUsed()
            network.assertAllUsed()
        }
    }

    @Test
    fun `presence falls as landmarks move`() {
        assertEquals(0.5f, Plausibility.presenceOfMovement(0.065), 1e-6f)
        assertTrue(Plausibility.presenceOfMovement(0.02) > 0.99f)
        assertTrue(Plausibility.presenceOfMovement(0.2) < 0.01f)
    }

    private fun assertFace(what: String, expected: JsonObject, face: Face) {
        Golden.assertClose("$what: points", expected.floats("points"), face.points, 5e-3f)
        assertEquals("$what: presence", expected.double("presence"), face.presence.toDouble(), 2e-3)
        Golden.assertPose(what, expected, face, 0.02)
        assertEquals("$what: source", expected.string("visibility_from").uppercase(), face.visibilityFrom.name)
        if (face.visibilityFrom == VisibilitySource.NETWORK) {
            Golden.assertClose("$what: visibility", expected.floats("visibility"), face.visibility, 1e-6f)
        }
        val expression = Golden.floatsOrNaN(expected, "expression")
        if (expression.isEmpty()) {
            assertTrue("$what: expression", face.expression.all { it.isNaN() })
        } else {
            Golden.assertClose("$what: expression", expression, face.expression, 1e-4f)
        }
        val openings = floatArrayOf(face.openings.leftEye, face.openings.rightEye, face.openings.mouth)
        Golden.assertClose("$what: openings", expected.floats("openings"), openings, 2e-3f)
    }

    private fun upsideDown() = PixelImage(Golden.photo.width, Golden.photo.height).apply {
        val last = width * height - 1
        for (i in 0..last) argb[i] = Golden.photo.argb[last - i]
    }

    private fun expect(stored: JsonObject, detector: RecordedNetwork, landmarks: RecordedNetwork) {
        for (run in stored.children("runs")) {
            if (run.string("model").startsWith("blazeface")) detector.expect(run) else landmarks.expect(run)
        }
    }

    private fun model(golden: JsonObject, network: Network): LandmarkModel {
        val path = golden.string("path")
        return LandmarkModel(network, ModelContract.read(Golden.model(path), path), Golden.layout, StageTimes(), path)
    }

    /** The photo moved right and down, what leaves on one side entering on the other; or black. */
    private fun shifted(frame: JsonObject): PixelImage {
        val photo = Golden.photo
        val image = PixelImage(photo.width, photo.height)
        if ("shift" !in frame.names || frame.list("runs").isEmpty()) return image
        val shift = runCatching { frame.ints("shift") }.getOrNull() ?: return image
        for (y in 0 until photo.height) for (x in 0 until photo.width) {
            val fromX = Math.floorMod(x - shift[0], photo.width)
            val fromY = Math.floorMod(y - shift[1], photo.height)
            image.argb[y * photo.width + x] = photo.argb[fromY * photo.width + fromX]
        }
        return image
    }
}
