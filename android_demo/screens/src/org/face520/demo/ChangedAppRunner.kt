package org.face520.demo

import java.io.File
import java.util.Properties
import java.util.zip.CRC32
import java.util.zip.ZipEntry
import java.util.zip.ZipFile
import java.util.zip.ZipOutputStream

private const val APK = "android_resource_apk"
private const val ASSETS = "android_merged_assets"

/** Runs tests on the app with other assets: [change] gives what a file of them holds, null for one that is left out. */
abstract class ChangedAppRunner(type: Class<*>) : ScreenRunner(type) {
    abstract fun change(file: String, content: ByteArray): ByteArray?

    override fun getBuildSystemApiProperties(): Properties {
        val original = super.getBuildSystemApiProperties()
        val folder = File("build/android/screens-run/${javaClass.simpleName}").absoluteFile
        folder.deleteRecursively()
        folder.resolve("assets").mkdirs()
        val apk = folder.resolve("resources.apk")
        ZipOutputStream(apk.outputStream()).use { copy ->
            ZipFile(original.getProperty(APK)).use { zip -> for (entry in zip.entries()) copy(zip, entry, copy, folder) }
        }
        return Properties().apply {
            for (name in original.stringPropertyNames()) setProperty(name, original.getProperty(name))
            setProperty(APK, apk.path)
            setProperty(ASSETS, folder.resolve("assets").path)
        }
    }

    private fun copy(zip: ZipFile, entry: ZipEntry, copy: ZipOutputStream, folder: File) {
        val content = zip.getInputStream(entry).use { it.readBytes() }
        val isAsset = entry.name.startsWith("assets/")
        val changed = if (isAsset) change(entry.name.removePrefix("assets/"), content) ?: return else content
        if (isAsset) folder.resolve(entry.name).writeBytes(changed)
        // Stored, since models are mapped.
        copy.putNextEntry(
            ZipEntry(entry.name).apply {
                method = ZipEntry.STORED
                size = changed.size.toLong()
                crc = CRC32().apply { update(changed) }.value
            },
        )
        copy.write(changed)
    }
}

/** The app as it is built where there are no landmark models. */
class NoModelRunner(type: Class<*>) : ChangedAppRunner(type) {
    override fun change(file: String, content: ByteArray): ByteArray? =
        if (file.startsWith("face520_")) null else content
}

/** The app with one model whose contract is whole and whose network is not. */
class DamagedModelRunner(type: Class<*>) : ChangedAppRunner(type) {
    override fun change(file: String, content: ByteArray): ByteArray =
        if (file == DAMAGED_MODEL) content.also { it.fill(0, 64, 8192) } else content
}

/** The one that is damaged: the app's first. */
const val DAMAGED_MODEL = "face520_main_int8.tflite"
