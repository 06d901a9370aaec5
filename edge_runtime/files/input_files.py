"""Files and folders on a command line, sorted into photos, films, and what is neither."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from edge_runtime.files.file_kind import FileKind, kind_of

DRAWN_SUFFIX = "_face520.jpg"  # of pictures that face520-run draws
TEXTURE_SUFFIX = "_texture.jpg"  # of those it writes beside a mesh
NAMES_IN_A_LINE = 3


class LeftOut(str, Enum):
    """Why a file in a folder is not taken for a photo."""

    VIDEO = "videos, which are done when they are named"
    OWN = "pictures of an earlier run"
    OTHER = "files that are no images"
    LINK = "links to folders"
    CLOSED = "folders that cannot be read"


@dataclass
class InputFiles:
    """The files of a command line: images in natural order within a folder, else as given."""

    images: list[Path] = field(default_factory=list)
    videos: list[Path] = field(default_factory=list)
    left_out: dict[LeftOut, list[Path]] = field(default_factory=dict)

    def report(self) -> Iterator[str]:
        """A line for each reason to leave files out."""
        for reason, paths in self.left_out.items():
            names = ", ".join(str(path) for path in paths[:NAMES_IN_A_LINE])
            more = ", ..." if len(paths) > NAMES_IN_A_LINE else ""
            yield f"left out ({len(paths)}): {reason.value}: {names}{more}"


def input_files(paths: Iterable[Path], leave_out: Path | None = None) -> InputFiles:
    """Sort files by kind; folders are replaced by the images in and below them.

    A file that is given by name and is no video counts as an image. leave_out: a folder not to
    search, such as the one that results go to. Names that begin with a dot are not looked at.
    """
    files = InputFiles()
    for path in paths:
        if path.is_dir():
            _search(path, leave_out, files)
        else:
            kept = files.videos if kind_of(path) is FileKind.VIDEO else files.images
            kept.append(path)
    return files


def _search(path: Path, leave_out: Path | None, files: InputFiles) -> None:
    def leave(reason: LeftOut, path: Path) -> None:
        files.left_out.setdefault(reason, []).append(path)

    def fail(error: OSError) -> None:
        leave(LeftOut.CLOSED, Path(error.filename))

    for folder, subfolders, names in os.walk(path, onerror=fail):
        here = Path(folder)
        subfolders[:] = sorted((name for name in subfolders if name[0] != "."), key=natural_key)
        subfolders[:] = [name for name in subfolders if not _is_same(here / name, leave_out)]
        for name in subfolders:
            if (here / name).is_symlink():  # it may lead back here
                leave(LeftOut.LINK, here / name)
        for name in sorted((name for name in names if name[0] != "."), key=natural_key):
            kind = kind_of(here / name)
            if kind is FileKind.VIDEO:
                leave(LeftOut.VIDEO, here / name)
            elif kind is None:
                leave(LeftOut.OTHER, here / name)
            elif _is_own_picture(here / name):
                leave(LeftOut.OWN, here / name)
            else:
                files.images.append(here / name)


def in_frame_order(paths: Sequence[Path]) -> list[Path]:
    """Frames of a video: in natural order if a shell has spelled the names out, else as given."""
    if [os.fspath(path) for path in paths] == sorted(map(os.fspath, paths)):
        return sorted(paths, key=lambda path: natural_key(os.fspath(path)))
    return list(paths)


def natural_key(name: str) -> list[str | int]:
    """Sorts frame2 before frame10."""
    parts = re.split(r"(\d+)", name)
    return [int(part) if number % 2 else part for number, part in enumerate(parts)]


def _is_own_picture(path: Path) -> bool:
    if path.name.endswith(TEXTURE_SUFFIX):
        return path.with_name(path.name.removesuffix(TEXTURE_SUFFIX) + ".mtl").exists()
    return path.name.endswith(DRAWN_SUFFIX)


def _is_same(folder: Path, other: Path | None) -> bool:
    return other is not None and folder.resolve() == other.resolve()
