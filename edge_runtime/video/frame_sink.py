"""Where frames and the faces in them go: a file, a window, a line of JSON."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from edge_runtime.face_landmarks import FaceLandmarks
from edge_runtime.video.frame_source import Frame


class FrameSink(Protocol):
    """What becomes of each frame and its faces; called in the thread that runs the pipeline."""

    def write(self, frame: Frame, faces: Sequence[FaceLandmarks]) -> None:
        """Take a frame."""
        ...

    @property
    def wants_more(self) -> bool:
        """False when the sink has had enough, such as a closed window: the run ends."""
        ...

    def close(self) -> list[Path]:
        """Finish; returns the files written. Raises OutputWriteError."""
        ...
