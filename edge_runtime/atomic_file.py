"""Files that appear whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from edge_runtime.errors import OutputWriteError


def write_whole(path: Path, content: bytes) -> None:
    """Write a file at once, as `whole_file` does. Raises OutputWriteError."""
    with whole_file(path) as temporary:
        temporary.write_bytes(content)


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A temporary file beside the target, which gets its name when the `with` block has ended.

    So no reader meets half a file. Raises OutputWriteError; an older file of that name is then, and
    after any other error in the block, still as it was.
    """
    pending = PendingFile(path)
    try:
        yield pending.temporary
        pending.commit()
    except OSError as error:
        if error.filename not in (None, str(pending.temporary)):
            raise  # of another file, such as one that is read
        raise write_error(path, error) from error
    finally:
        pending.discard()


class PendingFile:
    """A file that is written bit by bit under another name, `temporary`, until `commit`.

    Raises OutputWriteError where no file can be made.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            # The endings stay: OpenCV chooses a video's container by them, Keras wants .weights.h5.
            endings = "".join(path.suffixes[-2:])
            descriptor, temporary = tempfile.mkstemp(endings, ".face520-", path.parent)
        except OSError as error:
            raise write_error(path, error) from error
        os.close(descriptor)
        self.temporary = Path(temporary)

    def commit(self) -> None:
        """Give the file its name, in place of an older one. Raises OutputWriteError."""
        try:
            # mkstemp lets the owner alone read; give what an ordinary new file would get.
            os.chmod(self.temporary, 0o666 & ~_umask())
            os.replace(self.temporary, self.path)
        except OSError as error:
            self.discard()
            raise write_error(self.path, error) from error

    def discard(self) -> None:
        """Remove what has been written; nothing happens after `commit`."""
        self.temporary.unlink(missing_ok=True)


def check_writable(path: Path) -> None:
    """Raise OutputWriteError where no file could be written later."""
    PendingFile(path).discard()


def write_error(path: Path, error: OSError) -> OutputWriteError:
    """The error to raise for a file that cannot be written."""
    return OutputWriteError(f"{path}: cannot be written ({error.strerror}). Choose another folder.")


def _umask() -> int:
    # The umask can only be read by setting it.
    mask = os.umask(0)
    os.umask(mask)
    return mask
