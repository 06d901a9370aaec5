"""A path as OpenCV's video functions can take it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def opencv_path(path: Path) -> Iterator[str]:
    """Another name of a file that exists, good while the context lasts.

    Absolute, since FFmpeg takes the first part of `10:20:30.mp4` for a protocol; through a link
    where the name is not UTF-8, on which OpenCV crashes.
    """
    absolute = os.path.abspath(path)
    try:
        absolute.encode()
    except UnicodeEncodeError:
        with tempfile.TemporaryDirectory(prefix="face520-") as folder:
            suffix = path.suffix.encode(errors="ignore").decode()
            link = os.path.join(folder, f"video{suffix}")
            os.symlink(absolute, link)
            yield link
    else:
        yield absolute
