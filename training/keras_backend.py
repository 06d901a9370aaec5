"""Keras on the backend that is wanted, or on one that is there; TensorFlow; both loaded quietly."""

from __future__ import annotations

import importlib.util
import os

from edge_runtime.native_stderr import stderr_of_libraries_closed
from training.errors import BackendError

BACKENDS = ("tensorflow", "jax", "torch")


def load_keras() -> None:
    """Import Keras, so that every later import finds it loaded, and keep its C++ from stderr.

    The backend is the one of KERAS_BACKEND; where that is not set and TensorFlow is not installed,
    JAX or PyTorch. Raises BackendError.
    """
    installed = [name for name in BACKENDS if importlib.util.find_spec(name)]
    wanted = os.environ.get("KERAS_BACKEND")
    if not installed:
        raise BackendError(
            "Training needs TensorFlow, JAX or PyTorch; install one, such as with "
            "`pip install face520[train]`."
        )
    if wanted and wanted not in installed:
        raise BackendError(
            f"KERAS_BACKEND is {wanted}, which is not installed or no backend of training; "
            f"there is {', '.join(installed)}."
        )
    if not wanted and "tensorflow" not in installed:
        os.environ["KERAS_BACKEND"] = installed[0]
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with stderr_of_libraries_closed():
        import keras  # noqa: F401


def load_tensorflow() -> None:
    """Import TensorFlow, so that every later import finds it loaded; errors still raise."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with stderr_of_libraries_closed():
        import tensorflow  # noqa: F401
