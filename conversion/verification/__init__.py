"""Whether a .tflite file says what Keras says, on every runtime."""
