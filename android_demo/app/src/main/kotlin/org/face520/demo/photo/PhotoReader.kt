package org.face520.demo.photo

import android.content.ContentResolver
import android.graphics.Bitmap
import android.graphics.BitmapFactory
import android.graphics.Matrix
import android.media.ExifInterface
import android.net.Uri
import java.io.IOException
import kotlin.math.max
import org.face520.demo.R

private const val LONGEST_SIDE_PX = 2048

/** A photo that cannot be read: [reason] is a string of the app, with room for what the system said where it has some. */
class PhotoException(val reason: Int, cause: Throwable? = null) : Exception(cause)

/** Photos from other apps, upright, at most 2048 px long: what a screen shows and memory holds. */
class PhotoReader(private val resolver: ContentResolver) {
    /** Throws [PhotoException] when there is no picture behind the address. */
    fun read(uri: Uri): Bitmap {
        try {
            val bounds = BitmapFactory.Options().apply { inJustDecodeBounds = true }
            open(uri) { BitmapFactory.decodeStream(it, null, bounds) }
            val options = BitmapFactory.Options().apply {
                inPreferredConfig = Bitmap.Config.ARGB_8888
                inSampleSize = 1
                while (max(bounds.outWidth, bounds.outHeight) / inSampleSize > LONGEST_SIDE_PX) inSampleSize *= 2
            }
            val decoded = open(uri) { BitmapFactory.decodeStream(it, null, options) }
                ?: throw PhotoException(R.string.photo_no_picture)
            return upright(decoded, open(uri) { ExifInterface(it) })
        } catch (error: IOException) {
            throw PhotoException(R.string.photo_unreadable, error)
        } catch (error: SecurityException) {
            throw PhotoException(R.string.photo_refused, error)
        } catch (error: OutOfMemoryError) {
            throw PhotoException(R.string.photo_too_large, error)
        }
    }

    private fun <T> open(uri: Uri, use: (java.io.InputStream) -> T): T =
        (resolver.openInputStream(uri) ?: throw IOException("nothing there")).use(use)

    private fun upright(bitmap: Bitmap, exif: ExifInterface): Bitmap {
        val matrix = Matrix()
        when (exif.getAttributeInt(ExifInterface.TAG_ORIENTATION, ExifInterface.ORIENTATION_NORMAL)) {
            ExifInterface.ORIENTATION_FLIP_HORIZONTAL -> matrix.setScale(-1f, 1f)
            ExifInterface.ORIENTATION_ROTATE_180 -> matrix.setRotate(180f)
            ExifInterface.ORIENTATION_FLIP_VERTICAL -> matrix.setScale(1f, -1f)
            ExifInterface.ORIENTATION_TRANSPOSE -> matrix.apply { setRotate(90f); postScale(-1f, 1f) }
            ExifInterface.ORIENTATION_ROTATE_90 -> matrix.setRotate(90f)
            ExifInterface.ORIENTATION_TRANSVERSE -> matrix.apply { setRotate(270f); postScale(-1f, 1f) }
            ExifInterface.ORIENTATION_ROTATE_270 -> matrix.setRotate(270f)
            else -> return bitmap
        }
        return Bitmap.createBitmap(bitmap, 0, 0, bitmap.width, bitmap.height, matrix, true)
    }
}
