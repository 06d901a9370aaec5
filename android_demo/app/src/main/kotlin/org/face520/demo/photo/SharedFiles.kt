package org.face520.demo.photo

import android.app.Activity
import android.content.ContentProvider
import android.content.ContentValues
import android.content.Context
import android.content.Intent
import android.database.Cursor
import android.database.MatrixCursor
import android.net.Uri
import android.os.ParcelFileDescriptor
import android.provider.OpenableColumns
import java.io.File
import java.io.FileNotFoundException
import java.io.OutputStream

private const val AUTHORITY = ".shared" // after the name of the app, of which there may be copies
private const val FOLDER = "shared"

/** Files in the cache that the user shares; an app that gets an address with it may read that one. */
class SharedFiles : ContentProvider() {
    override fun onCreate(): Boolean = true

    override fun openFile(uri: Uri, mode: String): ParcelFileDescriptor {
        if (mode != "r") throw FileNotFoundException("$uri can only be read.")
        return ParcelFileDescriptor.open(file(uri), ParcelFileDescriptor.MODE_READ_ONLY)
    }

    override fun getType(uri: Uri): String =
        if (uri.lastPathSegment.orEmpty().endsWith(".png")) "image/png" else "application/json"

    override fun query(
        uri: Uri,
        columns: Array<String>?,
        where: String?,
        values: Array<String>?,
        order: String?,
    ): Cursor {
        val wanted = columns ?: arrayOf(OpenableColumns.DISPLAY_NAME, OpenableColumns.SIZE)
        val cursor = MatrixCursor(wanted, 1)
        val file = try {
            file(uri)
        } catch (error: FileNotFoundException) {
            return cursor
        }
        cursor.addRow(
            wanted.map {
                when (it) {
                    OpenableColumns.DISPLAY_NAME -> file.name
                    OpenableColumns.SIZE -> file.length()
                    else -> null
                }
            },
        )
        return cursor
    }

    private fun file(uri: Uri): File {
        val folder = File(context!!.cacheDir, FOLDER)
        // A name alone: no path may lead out of the folder.
        val file = File(folder, File(uri.lastPathSegment.orEmpty()).name)
        if (!file.isFile) throw FileNotFoundException("$uri is no longer shared.")
        return file
    }

    override fun insert(uri: Uri, values: ContentValues?): Uri? = null

    override fun update(uri: Uri, values: ContentValues?, where: String?, arguments: Array<String>?): Int = 0

    override fun delete(uri: Uri, where: String?, arguments: Array<String>?): Int = 0

    companion object {
        /** Writes a file to share and gives its address. Throws IOException. */
        fun write(context: Context, name: String, content: (OutputStream) -> Unit): Uri {
            val folder = File(context.cacheDir, FOLDER)
            folder.mkdirs() // where it cannot, the next line says why
            File(folder, name).outputStream().use(content)
            return Uri.Builder().scheme("content").authority(context.packageName + AUTHORITY).appendPath(name).build()
        }

        /** Lets the user choose an app that gets the file. */
        fun send(activity: Activity, uri: Uri, type: String) {
            val send = Intent(Intent.ACTION_SEND).setType(type).putExtra(Intent.EXTRA_STREAM, uri)
            send.addFlags(Intent.FLAG_GRANT_READ_URI_PERMISSION)
            activity.startActivity(Intent.createChooser(send, null))
        }
    }
}
