package org.face520.android

import android.content.res.AssetManager
import java.io.FileInputStream
import java.io.FileNotFoundException
import java.io.IOException
import java.nio.ByteBuffer
import java.nio.ByteOrder
import java.nio.channels.FileChannel
import java.security.MessageDigest
import org.face520.landmarks.Layout
import org.face520.landmarks.ModelFileException
import org.face520.landmarks.goTo

private const val DETECTOR_FILE = "blazeface_short_range.tflite"
private const val LAYOUT_FILE = "layout520.json"
private const val MODEL_PREFIX = "face520_"
private const val MODEL_SUFFIX = ".tflite"

/** The models in an app's assets, this library's and the app's own. */
public class ModelCatalog(private val assets: AssetManager) {
    /** File names of the landmark models, int8 ones first; empty when the app was built without. */
    public fun landmarkModels(): List<String> =
        (assets.list("") ?: emptyArray())
            .filter { it.startsWith(MODEL_PREFIX) && it.endsWith(MODEL_SUFFIX) }
            .let { files -> files.filter { "int8" in it } + files.filter { "int8" !in it } }

    /** A model's bytes. Throws [ModelFileException] when it is absent. */
    internal fun open(file: String): ByteBuffer = try {
        mapped(file) ?: read(file)
    } catch (error: IOException) {
        val found = landmarkModels().joinToString().ifEmpty { "none" }
        throw ModelFileException("$file is not in this app's assets. Its models: $found.", error)
    }

    /** Mapped from the APK, where it is stored uncompressed as Android's build tools store models; else null. */
    private fun mapped(file: String): ByteBuffer? = try {
        assets.openFd(file).use { asset ->
            FileInputStream(asset.fileDescriptor).use {
                it.channel.map(FileChannel.MapMode.READ_ONLY, asset.startOffset, asset.declaredLength)
            }
        }
    } catch (error: FileNotFoundException) {
        null
    }

    private fun read(file: String): ByteBuffer {
        val bytes = assets.open(file).use { it.readBytes() }
        return ByteBuffer.allocateDirect(bytes.size).order(ByteOrder.nativeOrder()).also {
            it.put(bytes)
            it.goTo(0)
        }
    }

    internal fun openDetector(): ByteBuffer = open(DETECTOR_FILE)

    /** The landmarks' names and lines. Throws [ModelFileException] when absent. */
    public fun layout(): Layout = try {
        Layout.fromJson(assets.open(LAYOUT_FILE).use { String(it.readBytes(), Charsets.UTF_8) })
    } catch (error: IOException) {
        throw ModelFileException("$LAYOUT_FILE is not in this app's assets: this library brings it along.", error)
    }

    /** Bytes of a model. Throws [ModelFileException] when it is absent. */
    public fun bytes(file: String): Long = open(file).limit().toLong()

    /** SHA-256 of a model, hexadecimal. Throws [ModelFileException] when it is absent. */
    public fun sha256(file: String): String {
        val digest = MessageDigest.getInstance("SHA-256")
        digest.update(open(file))
        val hex = "0123456789abcdef"
        val text = StringBuilder()
        for (byte in digest.digest()) text.append(hex[byte.toInt() shr 4 and 15]).append(hex[byte.toInt() and 15])
        return text.toString()
    }

    public companion object {
        /** How a file is called on the screen: `face520_main_int8.tflite` is "main int8". */
        @JvmStatic
        public fun label(file: String): String = file.removePrefix(MODEL_PREFIX).removeSuffix(MODEL_SUFFIX).replace('_', ' ')
    }
}
