"""Photos that are the frames of one video."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from edge_runtime.errors import FrameSourceError
from edge_runtime.image_file import read_image
from edge_runtime.video.frame_source import Frame


class ImageSequence:
    """A `FrameSource` of image files in the given order, fps of them a second.

    `read` raises ImageReadError for a file that is no image.
    """

    is_live = False

    def __init__(self, paths: Sequence[Path], fps: float) -> None:
        if not paths:
            raise FrameSourceError("No image in the sequence. Give a folder that holds photos.")
        self.name = f"{paths[0].parent} ({len(paths)} images)"
        self.fps = fps
        self.frame_count = len(paths)
        self._paths = list(paths)
        self._index = 0

    def read(self) -> Frame | None:
        """The next image."""
        if self._index == len(self._paths):
            return None
        image = read_image(self._paths[self._index])
        self._index += 1
        return Frame(image, (self._index - 1) * 1e3 / self.fps, self._index - 1)

    def close(self) -> None:
        """Nothing is open between two images."""
