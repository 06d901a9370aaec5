package org.face520.landmarks

import java.nio.ByteBuffer
import java.nio.ByteOrder
import java.util.zip.Inflater

private const val END_SIGNATURE = 0x06054b50
private const val END_LENGTH = 22
private const val LONGEST_COMMENT = 65535
private const val ENTRY_SIGNATURE = 0x02014b50
private const val ENTRY_LENGTH = 46
private const val LOCAL_LENGTH = 30
private const val STORED = 0
private const val DEFLATED = 8

/**
 * Files packed behind a .tflite model: TFLite metadata appends a ZIP archive to the flatbuffer.
 *
 * `java.util.zip.ZipFile` wants a file on disk; on a phone the model is mapped out of the APK.
 */
internal object AssociatedFile {
    /** Content of a packed file, or null when the model has no such file. Reads only absolute positions. */
    fun read(model: ByteBuffer, name: String): ByteArray? {
        val bytes = model.duplicate().order(ByteOrder.LITTLE_ENDIAN)
        bytes.restart()
        val end = findEnd(bytes)
        if (end < 0) return null
        val count = bytes.getShort(end + 10).toInt() and 0xffff
        val directoryLength = bytes.getInt(end + 12)
        val directory = end - directoryLength
        // Offsets count from the archive's start or from the file's, by the tool that packed it.
        val shift = directory - bytes.getInt(end + 16)
        var at = directory
        repeat(count) {
            if (at < 0 || at + ENTRY_LENGTH > end || bytes.getInt(at) != ENTRY_SIGNATURE) return null
            val nameLength = bytes.getShort(at + 28).toInt() and 0xffff
            val extras = (bytes.getShort(at + 30).toInt() and 0xffff) + (bytes.getShort(at + 32).toInt() and 0xffff)
            if (String(slice(bytes, at + ENTRY_LENGTH, nameLength), Charsets.UTF_8) == name) {
                return content(bytes, at, bytes.getInt(at + 42) + shift)
            }
            at += ENTRY_LENGTH + nameLength + extras
        }
        return null
    }

    private fun findEnd(bytes: ByteBuffer): Int {
        val last = bytes.limit() - END_LENGTH
        for (at in last downTo maxOf(0, last - LONGEST_COMMENT)) {
            if (bytes.getInt(at) == END_SIGNATURE) return at
        }
        return -1
    }

    private fun content(bytes: ByteBuffer, entry: Int, local: Int): ByteArray? {
        val method = bytes.getShort(entry + 10).toInt()
        val packedLength = bytes.getInt(entry + 20)
        val length = bytes.getInt(entry + 24)
        val nameLength = bytes.getShort(local + 26).toInt() and 0xffff
        val extraLength = bytes.getShort(local + 28).toInt() and 0xffff
        val packed = slice(bytes, local + LOCAL_LENGTH + nameLength + extraLength, packedLength)
        return when (method) {
            STORED -> packed
            DEFLATED -> inflate(packed, length)
            else -> null
        }
    }

    private fun inflate(packed: ByteArray, length: Int): ByteArray {
        val inflater = Inflater(true)
        try {
            inflater.setInput(packed)
            val content = ByteArray(length)
            inflater.inflate(content)
            return content
        } finally {
            inflater.end()
        }
    }

    private fun slice(bytes: ByteBuffer, start: Int, length: Int): ByteArray {
        val copy = ByteArray(length)
        val view = bytes.duplicate()
        view.goTo(start)
        view.get(copy)
        return copy
    }
}
