"""A video's faces as JSON, one line a frame, into a file or a stream."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TextIO

from edge_runtime.atomic_file import PendingFile, write_error
from edge_runtime.errors import OutputWriteError
from edge_runtime.face_landmarks import FaceLandmarks
from edge_runtime.layout import layout520
from edge_runtime.results.result_json import face_to_json
from edge_runtime.video.frame_source import Frame

FORMAT = "face520-frame"
VERSION = 2  # as in result_json.py


def frame_to_json(
    frame: Frame, faces: Sequence[FaceLandmarks], model: str, with_points: bool = True
) -> dict[str, Any]:
    """The object that stands for a frame and its faces."""
    height, width = frame.image.shape[:2]
    return {
        "format": FORMAT,
        "version": VERSION,
        "frame": frame.index,
        "time_ms": round(frame.timestamp_ms, 3),
        "width": width,
        "height": height,
        "model": model,
        "layout": layout520().reference,
        "faces": [face_to_json(face, with_points) for face in faces],
    }


class JsonLines:
    """A `FrameSink`; `edge_runtime/result.schema.json` describes a line.

    Lines go to a stream at once; a file gets its name in `close`, whole.
    """

    wants_more = True

    def __init__(self, model: str, path: Path | None = None, stream: TextIO | None = None) -> None:
        self._model = model
        self._pending = None if path is None else PendingFile(path)
        self._name = "standard output" if path is None else str(path)
        if self._pending is not None:
            stream = self._pending.temporary.open("w", encoding="utf-8")
        if stream is None:
            raise ValueError("Give a path or a stream.")
        self._stream = stream

    def write(self, frame: Frame, faces: Sequence[FaceLandmarks]) -> None:
        """Write a frame's line. Raises OutputWriteError, and BrokenPipeError of a stream."""
        line = frame_to_json(frame, faces, self._model)
        try:
            self._stream.write(json.dumps(line, ensure_ascii=False) + "\n")
            if self._pending is None:
                self._stream.flush()
        except BrokenPipeError:
            self.wants_more = False  # the reader, such as `head`, has had enough
        except OSError as error:
            self.discard()
            raise self._error(error) from error

    def close(self) -> list[Path]:
        """Finish; returns the file, if it is one. Raises OutputWriteError."""
        if self._pending is None or self._stream.closed:
            return []
        try:
            self._stream.close()
        except OSError as error:
            self.discard()
            raise self._error(error) from error
        self._pending.commit()
        return [self._pending.path]

    def discard(self) -> None:
        """Remove the unfinished file."""
        if self._pending is not None:
            self._pending.discard()
            self._pending = None

    def _error(self, error: OSError) -> OutputWriteError:
        return write_error(Path(self._name), error)
