"""The index files of arXiv:2308.15170 and PRNet: which texels of a position map are landmarks.

Formats as in the two releases (github.com/shubhajitbasak/dense3DFaceLandmarks, `data/`;
github.com/yfeng95/PRNet, `Data/uv-data/`): numbers as text, counted from 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from edge_runtime.arrays import FloatArray, Int64Array
from edge_runtime.layout import IBUG68_COUNT
from training.errors import IndexFileError
from training.face.position_map import MAP_SIDE_TEXELS
from training.layout.keypoints import KEYPOINT_COUNT

# Texels of the map (row * 256 + column) that are face: the vertices of PRNet.
FACE_FILE = "face_ind.txt"
# 520 of those vertices.
POINTS_FILE = "vertices_520_sel_from_blender.txt"
# Which of the 520 are the 68 landmarks, in their order.
IBUG68_FILE = "vertices_68_fil_520.txt"
# Columns and rows (2, 68) of the 68 landmarks' texels: the same places once more, from PRNet.
KEYPOINT_FILE = "uv_kpt_ind.txt"
# The paper's 68 vertices lie up to one texel beside PRNet's.
KEYPOINT_SLACK_TEXELS = 1.5


@dataclass(frozen=True, eq=False)
class IndexFiles:
    """The 520 points, the 68 landmarks first."""

    texels: Int64Array  # (520, 2) column and row
    order: Int64Array  # (520,) place of each point in the paper's own numbering

    @property
    def uv(self) -> FloatArray:
        """UV (520, 2) of the texels' centres, v up."""
        last = MAP_SIDE_TEXELS - 1
        columns, rows = self.texels.T
        return np.asarray(np.stack([columns / last, 1 - rows / last], axis=-1).astype(np.float32))

    @classmethod
    def read(cls, folder: Path) -> IndexFiles:
        """Read the folder with the files of both releases; raises IndexFileError.

        uv_kpt_ind.txt may be absent; where it is there, the 68 landmarks must be where it says.
        """
        face = _read_indices(folder / FACE_FILE, MAP_SIDE_TEXELS**2)
        points = _read_indices(folder / POINTS_FILE, len(face), KEYPOINT_COUNT)
        ibug68 = _read_indices(folder / IBUG68_FILE, KEYPOINT_COUNT, IBUG68_COUNT)
        others = np.setdiff1d(np.arange(KEYPOINT_COUNT), ibug68)
        order = np.concatenate([ibug68, others])
        rows, columns = np.divmod(face[points[order]], MAP_SIDE_TEXELS)
        files = cls(np.stack([columns, rows], axis=-1), order)
        files._check_keypoints(folder / KEYPOINT_FILE)
        return files

    def _check_keypoints(self, path: Path) -> None:
        if not path.is_file():
            return
        keypoints = _read_numbers(path)
        if keypoints.shape != (2, IBUG68_COUNT):
            raise IndexFileError(f"{path}: expected 2 rows of 68 texels, got {keypoints.shape}.")
        distance = np.abs(self.texels[:IBUG68_COUNT] - keypoints.T).max(axis=1)
        if distance.max() > KEYPOINT_SLACK_TEXELS:
            worst = int(distance.argmax())
            raise IndexFileError(
                f"{path}: puts landmark {worst} at texel {keypoints[:, worst].tolist()}, the other "
                f"index files at {self.texels[worst].tolist()} (column, row). Take all of them "
                "from the same releases."
            )


def _read_indices(path: Path, below: int, count: int | None = None) -> Int64Array:
    """Different indices (n,) in 0..below-1, exactly count of them where that is known."""
    indices = np.atleast_1d(_read_numbers(path))
    if indices.ndim != 1 or (count is not None and len(indices) != count):
        expected = f"{count} numbers" if count is not None else "one number a line"
        raise IndexFileError(f"{path}: expected {expected}, got {indices.shape}.")
    outside = indices[(indices < 0) | (indices >= below)]
    if len(outside):
        raise IndexFileError(
            f"{path}: index {outside[0]} is out of range, expected 0 to {below - 1}."
        )
    if len(np.unique(indices)) != len(indices):
        raise IndexFileError(f"{path}: names some points twice.")
    return indices


def _read_numbers(path: Path) -> Int64Array:
    """Whole numbers of a text file; raises IndexFileError."""
    if not path.is_file():
        raise IndexFileError(
            f"{path}: no such file. Expected {FACE_FILE} (PRNet) beside {POINTS_FILE} and "
            f"{IBUG68_FILE} (arXiv:2308.15170)."
        )
    try:
        numbers = np.loadtxt(path)
    except (ValueError, OSError) as error:
        raise IndexFileError(f"{path}: not a text file of numbers ({error}).") from error
    if numbers.size == 0 or not (np.isfinite(numbers).all() and (numbers % 1 == 0).all()):
        raise IndexFileError(f"{path}: expected whole numbers.")
    return numbers.astype(np.int64)
