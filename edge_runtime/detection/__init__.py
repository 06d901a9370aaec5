"""Where faces are: BlazeFace, OpenCV's cascade, MediaPipe's detector, or a box that is given."""
