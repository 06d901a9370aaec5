package org.face520.demo.live

import org.face520.landmarks.Face
import org.face520.landmarks.PixelImage
import org.face520.landmarks.StageTimes

/** One camera frame with what was found in it; written by the frame thread, then shown by the view. */
class Frame(landmarkCount: Int) {
    val image = PixelImage()
    val face = Face(landmarkCount)
    val times = StageTimes()
    var hasFace = false
    var isMirrored = false
    var framesPerSecond = 0f
    var runtime = ""
}
