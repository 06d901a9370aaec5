package org.face520.demo.inference

import android.content.Context
import android.content.SharedPreferences
import org.face520.android.Accelerator
import org.face520.android.FaceLandmarkerOptions
import org.face520.landmarks.Smoothing
import org.face520.overlay.OverlayStyle

private const val MODEL = "model"
private const val ACCELERATOR = "accelerator"
private const val THREADS = "threads"
private const val SMOOTHING = "smoothing"
private const val STYLE = "style"
private const val BLENDSHAPES = "blendshapes"
private const val DETAILS = "details"
private const val CAMERA_ASKED = "camera_asked"
private const val CAMERA_REFUSED = "camera_refused"
private const val FRONT_CAMERA = "front_camera"
private const val MOST_THREADS = 4

/** Faces that the live view follows at most; each costs a run of the model per frame. */
const val MOST_FACES = 4

/** What the user chose, kept over restarts and shared by all screens. */
class SettingsStore(context: Context, private val models: List<String>) {
    private val stored: SharedPreferences = context.getSharedPreferences("settings", Context.MODE_PRIVATE)

    /** What to work with, main until another model is chosen; null when the app has no model. */
    val options: FaceLandmarkerOptions?
        get() {
            val chosen = stored.getString(MODEL, null)
            val model = listOf(chosen, FaceLandmarkerOptions.MAIN).firstOrNull { it in models } ?: models.firstOrNull()
            return model?.let { FaceLandmarkerOptions(it, MOST_FACES, accelerator, threads) }
        }

    var accelerator: Accelerator
        get() = choice(ACCELERATOR, Accelerator.XNNPACK)
        set(value) = put(ACCELERATOR, value)

    var threads: Int
        get() = stored.getInt(THREADS, threadChoices().last())
        set(value) = stored.edit().putInt(THREADS, value).apply()

    var smoothing: Smoothing
        get() = choice(SMOOTHING, Smoothing.SOFT)
        set(value) = put(SMOOTHING, value)

    var style: OverlayStyle
        get() = choice(STYLE, OverlayStyle.POINTS)
        set(value) = put(STYLE, value)

    /** Whether the strongest blendshapes are shown. */
    var showsBlendshapes: Boolean
        get() = stored.getBoolean(BLENDSHAPES, false)
        set(value) = put(BLENDSHAPES, value)

    /** Whether all figures are shown, or speed and pose alone. */
    var showsDetails: Boolean
        get() = stored.getBoolean(DETAILS, false)
        set(value) = put(DETAILS, value)

    var frontCamera: Boolean
        get() = stored.getBoolean(FRONT_CAMERA, true)
        set(value) = put(FRONT_CAMERA, value)

    /** Whether the user was ever asked for the camera. */
    var cameraAsked: Boolean
        get() = stored.getBoolean(CAMERA_ASKED, false)
        set(value) = put(CAMERA_ASKED, value)

    /** Whether the user once said no to the camera, rather than merely closed the question. */
    var cameraRefused: Boolean
        get() = stored.getBoolean(CAMERA_REFUSED, false)
        set(value) = put(CAMERA_REFUSED, value)

    fun chooseModel(file: String) = stored.edit().putString(MODEL, file).apply()

    private inline fun <reified T : Enum<T>> choice(key: String, default: T): T =
        enumValues<T>().firstOrNull { it.name == stored.getString(key, null) } ?: default

    private fun put(key: String, value: Boolean) = stored.edit().putBoolean(key, value).apply()

    private fun put(key: String, value: Enum<*>) = stored.edit().putString(key, value.name).apply()

    companion object {
        /** Numbers of threads to choose from: more than four cores gain the models nothing. */
        fun threadChoices(): List<Int> = (1..minOf(MOST_THREADS, Runtime.getRuntime().availableProcessors())).toList()
    }
}
