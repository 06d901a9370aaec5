"""TensorFlow without the notes that its C++ prints on stderr while it loads."""

from __future__ import annotations

import os

from edge_runtime.native_stderr import stderr_of_libraries_closed


def load_tensorflow() -> None:
    """Import TensorFlow, so that every later import finds it loaded; errors still raise."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with stderr_of_libraries_closed():
        import tensorflow  # noqa: F401
