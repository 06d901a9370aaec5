package org.face520.demo.camera

/** How far a camera's frame is to be turned clockwise to stand upright on the screen. */
object FrameRotation {
    /**
     * Degrees, 0 to 270. [sensorDeg]: how far the sensor's picture is to be turned in the phone's
     * natural position; [displayDeg]: how far the screen's content is turned anticlockwise from
     * there, as Display.getRotation counts.
     */
    fun degrees(sensorDeg: Int, displayDeg: Int, isFront: Boolean): Int =
        // A front camera sees the turn of the phone from the other side.
        Math.floorMod(if (isFront) sensorDeg + displayDeg else sensorDeg - displayDeg, 360)
}
