"""Errors that a user can act on: each message names the file, what is wrong and what to do."""


class Face520Error(Exception):
    """Base of every error that face520 raises on bad input; the commands print it and exit 2."""


class Interrupted(Face520Error):
    """Ctrl-C has ended the work; the message says what is kept. The commands exit 130."""


class ImageReadError(Face520Error):
    """A file is not an image that OpenCV can decode, or it is absent."""


class ModelFileError(Face520Error):
    """A .tflite file is absent, damaged or carries no face520 contract."""


class InputShapeError(ModelFileError):
    """A model's input has no fixed shape, or another than the one that was given."""


class InterpreterMissingError(Face520Error):
    """No TFLite interpreter is installed."""


class ImageArrayError(Face520Error, ValueError):
    """An array handed to the library is not an RGB uint8 image (H, W, 3)."""


class TimestampError(Face520Error, ValueError):
    """The times of a video's frames do not grow."""


class FrameSourceError(Face520Error):
    """A video, a camera or a stream of frames cannot be opened, or has broken off."""


class WindowError(Face520Error):
    """A picture cannot be shown on a screen."""


class OutputWriteError(Face520Error):
    """A result cannot be written, such as into a folder without permission."""


class ResultFileError(Face520Error):
    """A JSON or NPZ file is not a face520 result."""


class LayoutFileError(Face520Error):
    """A layout file is missing, damaged or describes no usable landmarks."""
