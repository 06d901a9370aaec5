"""Whether a .tflite file agrees with Keras, on every runtime."""
