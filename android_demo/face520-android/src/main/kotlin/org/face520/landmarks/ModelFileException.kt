package org.face520.landmarks

/** A .tflite file is damaged, carries no face520 contract, or is made for other landmarks. */
public class ModelFileException internal constructor(message: String, cause: Throwable? = null) :
    IllegalArgumentException(message, cause)
