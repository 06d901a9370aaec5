package org.face520.example

import android.app.Activity
import android.os.Bundle
import android.widget.TextView
import androidx.camera.core.ImageAnalysis
import org.face520.android.LiveFaceLandmarker

/** Says how many faces the camera sees, and where the first one looks. */
class ExampleActivity : Activity() {
    private lateinit var landmarker: LiveFaceLandmarker

    /** For CameraX: `imageAnalysis.setAnalyzer(executor, analyzer)`. */
    lateinit var analyzer: ImageAnalysis.Analyzer
        private set

    override fun onCreate(state: Bundle?) {
        super.onCreate(state)
        val text = TextView(this)
        setContentView(text)
        landmarker = LiveFaceLandmarker(
            this,
            executor = ::runOnUiThread,
            onError = { text.text = it.message },
        ) { result ->
            val face = result.faces.first
            text.text = if (face == null) "no face" else "${result.faces.count} face, yaw %.0f°".format(face.yawDeg)
        }
        analyzer = FaceAnalyzer(landmarker)
    }

    override fun onDestroy() {
        super.onDestroy()
        landmarker.close()
    }
}
