"""What goes wrong for the user of the harness; each message ends with what to do."""

from __future__ import annotations

from edge_runtime.errors import Face520Error


class BenchmarkError(Face520Error):
    """A measurement cannot be taken as asked."""


class DeviceError(Face520Error):
    """A device over ssh or adb is absent, refuses, breaks off or is full."""


class ReportFileError(Face520Error):
    """A file is not a report or a baseline of face520-bench."""
