"""The stderr of C++ libraries, which Python cannot ask to be quiet."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def stderr_of_libraries_closed() -> Iterator[None]:
    """LiteRT's C++ prints notes on stderr while it loads a model; errors come as exceptions."""
    sys.stderr.flush()
    saved = os.dup(2)
    with open(os.devnull, "wb") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
