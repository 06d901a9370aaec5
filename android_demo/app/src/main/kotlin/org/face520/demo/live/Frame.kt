package org.face520.demo.live

import org.face520.demo.inference.MOST_FACES
import org.face520.landmarks.Faces
import org.face520.landmarks.PixelImage
import org.face520.landmarks.StageTimes

/** One camera frame with what was found in it; written by the frame thread, then shown by the view. */
class Frame(landmarkCount: Int) {
    val image = PixelImage()
    val faces = Faces(landmarkCount, MOST_FACES)
    val times = StageTimes()
    var isMirrored = false
    var framesPerSecond = 0f
    var runtime = ""
}
