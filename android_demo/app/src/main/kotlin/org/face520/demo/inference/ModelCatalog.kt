package org.face520.demo.inference

import android.content.res.AssetManager
import java.io.FileInputStream
import java.io.IOException
import java.nio.MappedByteBuffer
import java.nio.channels.FileChannel
import java.security.MessageDigest
import org.face520.landmarks.Layout
import org.face520.landmarks.ModelFileException

private const val DETECTOR_FILE = "blazeface_short_range.tflite"
private const val LAYOUT_FILE = "layout520.json"
private const val MODEL_PREFIX = "face520_"
private const val MODEL_SUFFIX = ".tflite"

/** The models packed into the app; they are stored uncompressed, so that they can be mapped. */
class ModelCatalog(private val assets: AssetManager) {
    /** File names of the landmark models, int8 ones first; empty when the app was built without. */
    fun landmarkModels(): List<String> =
        (assets.list("") ?: emptyArray())
            .filter { it.startsWith(MODEL_PREFIX) && it.endsWith(MODEL_SUFFIX) }
            .let { files -> files.filter { "int8" in it } + files.filter { "int8" !in it } }

    /** Maps a landmark model. Throws [ModelFileException] when it is absent. */
    fun open(file: String): MappedByteBuffer = try {
        assets.openFd(file).use { asset ->
            FileInputStream(asset.fileDescriptor).use {
                it.channel.map(FileChannel.MapMode.READ_ONLY, asset.startOffset, asset.declaredLength)
            }
        }
    } catch (error: IOException) {
        throw ModelFileException("$file is not in this app. Build it with the models in edge_runtime/models.", error)
    }

    fun openDetector(): MappedByteBuffer = open(DETECTOR_FILE)

    /** The landmarks' names and lines. Throws [ModelFileException] when absent. */
    fun layout(): Layout = try {
        Layout.fromJson(assets.open(LAYOUT_FILE).use { String(it.readBytes(), Charsets.UTF_8) })
    } catch (error: IOException) {
        throw ModelFileException("$LAYOUT_FILE is not in this app.", error)
    }

    /** SHA-256 of a model, hexadecimal. */
    fun sha256(file: String): String {
        val digest = MessageDigest.getInstance("SHA-256")
        digest.update(open(file))
        val hex = "0123456789abcdef"
        val text = StringBuilder()
        for (byte in digest.digest()) text.append(hex[byte.toInt() shr 4 and 15]).append(hex[byte.toInt() and 15])
        return text.toString()
    }

    companion object {
        /** How a file is called on the screen: `face520_main_int8.tflite` is "main int8". */
        fun label(file: String): String = file.removePrefix(MODEL_PREFIX).removeSuffix(MODEL_SUFFIX).replace('_', ' ')
    }
}
