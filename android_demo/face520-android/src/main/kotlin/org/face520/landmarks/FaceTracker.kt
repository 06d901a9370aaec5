package org.face520.landmarks

import kotlin.math.min

private const val DOUBTS_OF_A_LOSS = 2
private const val REDETECT_MS = 1000.0 // how often to look for new faces while others are followed
private const val SEARCH_MS = 200.0 // the same while a face has just been lost
private const val CHECK_MS = 200.0
private const val MEMORY_MS = 2000.0 // how long a lost face keeps its number

private const val SAME_FACE_SIDES = 0.35 // squares nearer than this hold the same face

// A face found this near a lost one is the same person's: it gets its number and its blinks back.
private const val SAME_PERSON_SIDES = 1.0
private const val SAME_SIZE_AT_ONCE = 1.2 // how much larger or smaller it may be, and how much more a second
private const val SAME_SIZE_A_SECOND = 0.4
private const val SAME_PERSON_SIZE = 1.6
private const val LOST_WINDOW_SIDES = 4.0 // in which a lost face is looked for again, in sides of its square

/**
 * Follows up to [maxFaces] faces through a video: found once, then cropped by their own landmarks.
 *
 * A frame costs one run of the model per face. The detector runs when there is no face, when one was
 * lost, and every second while there may be more; [far] finds small faces, up to three windows a frame.
 * A followed face costs no allocation, nor does the search; a face that is found does. Port of
 * `edge_runtime/tracking/face_tracker.py`.
 */
internal class FaceTracker(
    private val detector: FaceDetector,
    private val model: LandmarkModel,
    private val layout: Layout,
    private val stages: StageTimes,
    private val maxFaces: Int = 1,
    far: FarSearch? = null,
) {
    private val pose = PoseEstimator(layout)
    private val plausibility = Plausibility(model, layout)
    private val firstLook = FirstLook(model, layout)
    private val shape = FaceShape(layout, pose)
    private val rolling = far?.let(::RollingSearch)
    private val farLook = far?.let { FarLook(it, firstLook, pose, stages) }
    private val farFound = FaceDetections()
    private val filler = FaceFiller(layout)
    private val calm = Prediction(layout.size)
    private val found = Prediction(layout.size)
    private val before = CropRegion()
    private val around = CropRegion()
    private val beforeLoss = CropRegion()
    private val tracks = ArrayList<FaceTrack>() // by their numbers
    private val lost = ArrayList<FaceTrack>()
    private val unused = ArrayList<FaceTrack>()
    private var nextId = 0
    private var width = 0
    private var height = 0
    private var detectedMs = Double.NEGATIVE_INFINITY
    private var repeatedMs = Double.NEGATIVE_INFINITY
    private var hintedMs = Double.NEGATIVE_INFINITY
    private var isAfarDue = false
    private var closerMs = Double.NEGATIVE_INFINITY
    private var lostLookedMs = Double.NEGATIVE_INFINITY

    /** Forgets all faces and the time: the next frame is searched, and may be another video's. */
    fun reset() {
        unused.addAll(tracks)
        unused.addAll(lost)
        tracks.clear()
        lost.clear()
        detectedMs = Double.NEGATIVE_INFINITY
        repeatedMs = Double.NEGATIVE_INFINITY
        hintedMs = Double.NEGATIVE_INFINITY
        isAfarDue = false
        closerMs = Double.NEGATIVE_INFINITY
        lostLookedMs = Double.NEGATIVE_INFINITY
        rolling?.reset()
    }

    /**
     * Fills [faces], which must have room for [maxFaces], from the next frame, [timeMs] later than the
     * last one, the longest known face first. [smoothing] may change from frame to frame.
     */
    fun track(image: PixelImage, timeMs: Double, smoothing: Smoothing, faces: Faces) {
        if (image.width != width || image.height != height) reset()
        width = image.width
        height = image.height
        faces.count = 0
        if (width == 0 || height == 0) return
        follow(image, timeMs)
        if (isDetectionDue(timeMs)) findNew(image, timeMs)
        if (rolling != null && farLook != null && tracks.size < maxFaces) findFar(image, timeMs, rolling, farLook)
        for (i in 0 until tracks.size) fill(tracks[i], timeMs, smoothing, faces[i])
        faces.count = tracks.size
    }

    private fun fill(track: FaceTrack, timeMs: Double, smoothing: Smoothing, face: Face) {
        stages.start()
        calm.copyFrom(track.predicted)
        track.smoother.smooth(calm, timeMs, smoothing)
        stages.stop(Stage.SMOOTH)
        filler.fill(calm, track.presence, face)
        face.trackId = track.id
        track.blinks.update(face, timeMs)
        stages.stop(Stage.DECODE)
    }

    private fun follow(image: PixelImage, timeMs: Double) {
        var kept = 0
        for (i in 0 until tracks.size) {
            val track = tracks[i]
            look(track, image, timeMs)
            if (track.doubts >= DOUBTS_OF_A_LOSS || !FaceTrack.liesIn(image, track.region)) {
                lost.add(track)
                detectedMs = Double.NEGATIVE_INFINITY // look for it at once
            } else if (isFollowed(track.region, kept)) {
                unused.add(track)
            } else {
                tracks[kept++] = track
            }
        }
        while (tracks.size > kept) tracks.removeAt(tracks.size - 1)
        for (i in 0 until kept) tracks[i].isHidden = liesOnLarger(tracks[i])
        for (i in 0 until kept) if (tracks[i].isHidden) lost.add(tracks[i])
        for (i in kept - 1 downTo 0) if (tracks[i].isHidden) tracks.removeAt(i)
        for (i in lost.size - 1 downTo 0) if (lost[i].seenMs < timeMs - MEMORY_MS) unused.add(lost.removeAt(i))
    }

    private fun liesOnLarger(track: FaceTrack): Boolean {
        for (i in 0 until tracks.size) {
            val other = tracks[i].region
            if (other.sidePx > track.region.sidePx && FarLook.isOn(track.region, other)) return true
        }
        return false
    }

    private fun look(track: FaceTrack, image: PixelImage, timeMs: Double) {
        before.setTo(track.region)
        model.run(image, before, track.predicted)
        place(around, track.predicted)
        val hasJumped = track.move(around, before, timeMs)
        var measured = track.predicted.presence
        val isDue = timeMs - track.checkedMs >= CHECK_MS
        if (measured.isNaN() && (isDue || hasJumped || track.doubts > 0)) {
            measured = plausibility.presence(image, before, track.predicted.points)
        }
        if (!measured.isNaN()) track.judge(measured, timeMs)
    }

    private fun isDetectionDue(timeMs: Double): Boolean {
        if (tracks.isEmpty()) return true
        val waitMs = if (lost.isEmpty()) REDETECT_MS else SEARCH_MS
        return tracks.size < maxFaces && timeMs - detectedMs >= waitMs
    }

    private fun findNew(image: PixelImage, timeMs: Double) {
        stages.start()
        var detections = detect(image, timeMs)
        // Something that looks like a face and is none would else cost many runs in every frame.
        val mayRepeat = timeMs - repeatedMs >= SEARCH_MS
        if (detections.count == 0 && tracks.isEmpty() && timeMs - hintedMs >= REDETECT_MS) {
            hintedMs = timeMs
            detections = if (isAfarDue) detector.fromAfar(image) else detector.hints(image)
            isAfarDue = !isAfarDue
        }
        stages.stop(Stage.DETECT)
        for (i in 0 until detections.count) {
            val detection = detections[i]
            if (tracks.size >= maxFaces) break
            firstLook.place(around, detection)
            if (isFollowed(around, tracks.size)) continue
            val presence = firstLook.look(image, detection, found, mayRepeat)
            if (!firstLook.isSure && mayRepeat) repeatedMs = timeMs
            // Two passes alone take a cat for a face now and then: what they doubt must wait.
            val isJudged = firstLook.isSure || mayRepeat
            if (isJudged && firstLook.isFace(detection, presence)) start(presence, image, timeMs)
        }
    }

    /** Looks closer and upside down only now and then where the far search does. */
    private fun detect(image: PixelImage, timeMs: Double): FaceDetections {
        detectedMs = timeMs
        if (rolling != null && timeMs - closerMs < SWEEP_MS) return detector.detectWhole(image)
        closerMs = timeMs
        return detector.detect(image)
    }

    /** Small faces in the windows of this frame. */
    private fun findFar(image: PixelImage, timeMs: Double, rolling: RollingSearch, farLook: FarLook) {
        farLook.clear()
        for (i in 0 until tracks.size) farLook.know(tracks[i].region)
        stages.start()
        farFound.clear()
        val count = rolling.count(width, height, timeMs, isCalm = tracks.size > 0)
        for (i in 0 until count) lookThrough(image, rolling.take(), rolling.far, farLook)
        if (lost.size > 0 && timeMs - lostLookedMs >= SEARCH_MS) {
            lostLookedMs = timeMs
            val last = lost[lost.size - 1].region
            around.set(last.centerX, last.centerY, LOST_WINDOW_SIDES * last.sidePx, last.rollDeg)
            lookThrough(image, around, rolling.far, farLook)
        }
        stages.stop(Stage.DETECT)
        for (i in 0 until farFound.count) {
            val isFace = farLook.isFace(image, farFound[i], found)
            if (isFace && tracks.size < maxFaces) start(found.presence, image, timeMs)
        }
    }

    private fun lookThrough(image: PixelImage, window: CropRegion, far: FarSearch, farLook: FarLook) {
        if (!farLook.isCovered(window)) far.lookThrough(image, window, farFound)
    }

    private fun start(presence: Float, image: PixelImage, timeMs: Double) {
        place(around, found)
        if (isFollowed(around, tracks.size) || !FaceTrack.liesIn(image, around)) return
        val track = if (unused.isEmpty()) FaceTrack(layout) else unused.removeAt(unused.size - 1)
        track.start(found, presence, around, timeMs)
        val same = nearestLost(track)
        if (same == null) {
            track.id = nextId++
        } else {
            lost.remove(same)
            track.id = same.id
            track.blinks = same.blinks.also { same.blinks = track.blinks }
            unused.add(same)
        }
        var place = tracks.size
        while (place > 0 && tracks[place - 1].id > track.id) place--
        tracks.add(place, track)
    }

    /** The lost face that may be the one found; null without one. */
    private fun nearestLost(found: FaceTrack): FaceTrack? = lost
        .filter { isSamePerson(found, it) }
        .minByOrNull { FaceTrack.distanceInSides(found.region, it.region) }

    /** Whether a face found now may be the lost one: near it, as large, and of its shape. */
    private fun isSamePerson(found: FaceTrack, lost: FaceTrack): Boolean {
        place(beforeLoss, lost.sure)
        val seconds = (found.seenMs - lost.sureMs) / 1e3
        return FaceTrack.distanceInSides(found.region, lost.region) < SAME_PERSON_SIDES &&
            FaceTrack.changeInSize(found.region, beforeLoss) <
            min(SAME_SIZE_AT_ONCE + SAME_SIZE_A_SECOND * seconds, SAME_PERSON_SIZE) &&
            (found.presence < SURE_OF_SHAPE || shape.mayBeOnePerson(found.predicted, lost.sure))
    }

    /** Whether one of the first [count] tracks follows the face in a square. */
    private fun isFollowed(region: CropRegion, count: Int): Boolean {
        for (i in 0 until count) {
            if (FaceTrack.distanceInSides(region, tracks[i].region) < SAME_FACE_SIDES) return true
        }
        return false
    }

    /** Puts a square around landmarks, upright with the head. */
    private fun place(region: CropRegion, predicted: Prediction) =
        region.setAroundLandmarks(predicted.points, pose.inPlaneRollDeg(predicted.points))
}
