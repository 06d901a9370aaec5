"""Where the frames of a video come from: the frame and the interface of a source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from edge_runtime.arrays import Uint8Image


@dataclass(frozen=True, eq=False)
class Frame:
    """One picture of a video.

    image: RGB uint8 (H, W, 3). timestamp_ms grows from frame to frame; index counts frames from 0,
    those that a live source has dropped included.
    """

    image: Uint8Image
    timestamp_ms: float
    index: int


class FrameSource(Protocol):
    """Anything with these members can be given to `LivePipeline`.

    name: for messages. is_live: frames come at their own pace and are lost when nobody takes them.
    fps: frames per second as the source tells them, 0 where it does not.
    """

    name: str
    is_live: bool
    fps: float

    def read(self) -> Frame | None:
        """The next frame, None after the last. Raises FrameSourceError when it breaks off."""
        ...

    def close(self) -> None:
        """Let go of the file or device; `read` is not called again."""
        ...
