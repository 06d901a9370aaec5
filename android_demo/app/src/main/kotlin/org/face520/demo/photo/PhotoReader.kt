package org.face520.demo.photo

import android.content.ContentResolver
import android.graphics.Bitmap
import android.graphics.BitmapFactory
import android.graphics.Matrix
import android.media.ExifInterface
import android.net.Uri
import java.io.IOException
import kotlin.math.max
import org.face520.landmarks.PixelImage

private const val LONGEST_SIDE_PX = 2048

/** A photo that cannot be read; the message is for the screen. */
class PhotoException(message: String, cause: Throwable? = null) : Exception(message, cause)

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
                ?: throw PhotoException("This file is not a picture that Android can read.")
            return upright(decoded, open(uri) { ExifInterface(it) })
        } catch (error: IOException) {
            throw PhotoException("The picture cannot be read: ${error.message}", error)
        } catch (error: SecurityException) {
            throw PhotoException("The picture may not be read; choose it again.", error)
        } catch (error: OutOfMemoryError) {
            throw PhotoException("The picture is too large for this phone's memory.", error)
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

    companion object {
        /** The bitmap's pixels as the landmarks package reads them. */
        fun pixels(bitmap: Bitmap): PixelImage {
            val image = PixelImage(bitmap.width, bitmap.height)
            bitmap.getPixels(image.argb, 0, bitmap.width, 0, 0, bitmap.width, bitmap.height)
            return image
        }
    }
}
