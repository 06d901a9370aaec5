"""A folder of position maps as face3d and PRNet write them: NAME.npy beside NAME.jpg."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from edge_runtime.arrays import BoolArray, FloatArray
from edge_runtime.image_file import decode_image
from training.errors import PositionMapError
from training.face.position_map import read_prnet_map
from training.hold_out import held_out_by_hash

HELD_OUT_SHARE = 1 / 20
# 300W-LP turns each photo to many poses: AFW_134212_1_0 .. _16, in AFW/ and mirrored in AFW_Flip/.
TURNED_300W = re.compile(r"((?:AFW|HELEN|IBUG|LFPW)_.+)_\d+")


@dataclass(frozen=True)
class PositionMapFolder:
    """Maps by name: the path below the folder without its ending, such as AFW/AFW_134212_1_0."""

    path: Path

    def names(self) -> tuple[str, ...]:
        """All maps, in subfolders too, sorted.

        Raises PositionMapError when there are none, or one lacks its photo.
        """
        if not self.path.is_dir():
            raise PositionMapError(f"{self.path}: no such folder of position maps.")
        names, photos = self._names("*.npy"), self._names("*.jpg")
        if not names:
            raise PositionMapError(
                f"{self.path}: holds no position map. Expected NAME.npy beside NAME.jpg, here or "
                "in subfolders."
            )
        if alone := names - photos:
            raise PositionMapError(
                f"{self.map_path(min(alone))}: has no photo {self.image_path(min(alone)).name} "
                f"beside it ({len(alone)} of {len(names)} maps lack theirs). Put it there, or take "
                "the map away."
            )
        return tuple(sorted(names))

    def _names(self, pattern: str) -> set[str]:
        found = (path.relative_to(self.path) for path in self.path.rglob(pattern))
        return {path.with_suffix("").as_posix() for path in found}

    def map_path(self, name: str) -> Path:
        """The position map of that name."""
        return self.path / f"{name}.npy"

    def image_path(self, name: str) -> Path:
        """The photo of that name."""
        return self.path / f"{name}.jpg"

    def read_map(self, name: str) -> FloatArray:
        """Map (side, side, 3) in px of its photo, z away from the viewer."""
        return read_prnet_map(self.map_path(name))

    def read_jpeg(self, name: str, side_px: int) -> bytes:
        """The photo as it is stored; raises PositionMapError unless it is as large as the map."""
        path = self.image_path(name)
        stored = path.read_bytes()
        image = decode_image(stored)
        if image is None:
            raise PositionMapError(f"{path}: not a decodable image.")
        if image.shape[:2] != (side_px, side_px):
            height, width = image.shape[:2]
            raise PositionMapError(
                f"{path}: is {width}x{height}, its map {side_px}x{side_px}. Expected the crop that "
                "was written with the map, not the photo it was cut from."
            )
        return stored

    def listing_sha256(self) -> str:
        """SHA-256 of names and sizes; the maps themselves are too many to hash."""
        digest = hashlib.sha256()
        for name in self.names():
            sizes = [path(name).stat().st_size for path in (self.map_path, self.image_path)]
            digest.update(f"{name} {sizes[0]} {sizes[1]}\n".encode())
        return digest.hexdigest()


def choose_held_out(names: tuple[str, ...]) -> BoolArray:
    """One photo in twenty, and one at least, by the hash of its name: (N,).

    All poses of a 300W-LP photo go the same way; new maps do not move the old ones.
    """
    return held_out_by_hash([_photo(name) for name in names], HELD_OUT_SHARE)


def _photo(name: str) -> str:
    """Name of the photo that a map was made of."""
    stem = name.rsplit("/", 1)[-1]
    turned = TURNED_300W.fullmatch(stem)
    return turned[1] if turned else stem
