"""Wavefront OBJ files, read strictly: vertices stay in file order."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from edge_runtime.arrays import Float64Array, Int64Array
from training.errors import FaceModelError


@dataclass(frozen=True, eq=False)
class ObjMesh:
    """Polygons as rows of indices, counted from 0; triangles repeat their last corner."""

    vertices: Float64Array  # (V, 3)
    texture: Float64Array  # (W, 2) u and v, v up
    corners: Int64Array  # (F, 4) into vertices
    texture_corners: Int64Array  # (F, 4) into texture

    @classmethod
    def read(cls, path: Path) -> ObjMesh:
        """Read triangles and quads, each corner as `vertex/texture`; raises FaceModelError."""
        lines = _lines(path)
        vertices = _numbers(path, lines.get("v", []), 3)
        texture = _numbers(path, lines.get("vt", []), 2)
        faces = [_corners(path, face) for face in lines.get("f", [])]
        if not faces:
            raise FaceModelError(f"{path}: holds no polygons.")
        corners = np.array(faces, np.int64) - 1
        for indices, count in ((corners[..., 0], len(vertices)), (corners[..., 1], len(texture))):
            if indices.min() < 0 or indices.max() >= count:
                raise FaceModelError(f"{path}: a polygon names a corner that is not in the file.")
        return cls(vertices, texture, corners[..., 0], corners[..., 1])

    def triangles(self) -> Int64Array:
        """Triangles (T, 3) into vertices, quads cut from their first corner to their third."""
        first, second, third, fourth = self.corners.T
        both = np.stack([first, second, third, first, third, fourth], axis=-1).reshape(-1, 3)
        return np.asarray(both[both[:, 1] != both[:, 2]])

    def vertex_texture(self) -> Float64Array:
        """Texture place (V, 2) of each vertex, that of its first polygon; NaN without one."""
        uv = np.full((len(self.vertices), 2), np.nan)
        # The last assignment to an index stays, so the first polygon comes last.
        uv[self.corners[::-1].ravel()] = self.texture[self.texture_corners[::-1].ravel()]
        return uv


def read_obj_vertices(path: Path) -> Float64Array:
    """Vertices (V, 3) alone; raises FaceModelError."""
    return _numbers(path, _lines(path).get("v", []), 3)


def _lines(path: Path) -> dict[str, list[list[str]]]:
    """Words of each line by the line's kind, the kind left out."""
    if not path.is_file():
        raise FaceModelError(f"{path}: no such OBJ file.")
    lines: dict[str, list[list[str]]] = {}
    try:
        for line in path.read_text("ascii", "surrogateescape").splitlines():
            kind, *words = line.split() or [""]
            lines.setdefault(kind, []).append(words)
    except OSError as error:
        raise FaceModelError(f"{path}: cannot be read ({error.strerror}).") from error
    return lines


def _numbers(path: Path, lines: list[list[str]], width: int) -> Float64Array:
    """The first `width` numbers of each line: (n, width)."""
    try:
        numbers = np.array([words[:width] for words in lines], dtype=np.float64)
    except ValueError as error:
        raise FaceModelError(f"{path}: a vertex is not {width} numbers ({error}).") from error
    if numbers.shape != (len(lines), width) or not np.isfinite(numbers).all():
        raise FaceModelError(f"{path}: holds no vertices of {width} numbers; is it an OBJ file?")
    return numbers


def _corners(path: Path, words: list[str]) -> list[tuple[int, int]]:
    try:
        corners = [(int(vertex), int(texture)) for vertex, texture in map(_two_first, words)]
    except (ValueError, IndexError) as error:
        text = " ".join(words)
        raise FaceModelError(f"{path}: polygon `{text}` is not of vertex/texture pairs.") from error
    if len(corners) not in (3, 4):
        raise FaceModelError(f"{path}: a polygon has {len(corners)} corners, expected 3 or 4.")
    return corners + corners[-1:] * (4 - len(corners))


def _two_first(word: str) -> tuple[str, str]:
    parts = word.split("/")
    return parts[0], parts[1]
