"""What goes wrong for whoever converts a model; each message ends with what to do."""

from __future__ import annotations

from edge_runtime.errors import Face520Error


class ConversionError(Face520Error):
    """A model cannot be converted as asked."""


class QatError(Face520Error):
    """A quantization-aware training cannot start, go on or be read as asked."""
