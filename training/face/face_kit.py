"""The official folder of ICT FaceKit, `FaceXModel/`, as the arrays of a face model file.

Source of the file names and vertex ranges: github.com/ICT-VGL/ICT-FaceKit, README.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge_runtime.arrays import FloatArray
from edge_runtime.atomic_file import write_whole
from edge_runtime.layout import IBUG68_COUNT, layout520
from training.errors import FaceModelError
from training.face.face_model import FaceModel, to_map_uv
from training.face.obj_mesh import ObjMesh, read_obj_vertices
from training.face.position_map import barycentric_weights

NEUTRAL_FILE = "generic_neutral_mesh.obj"
NAMES_FILE = "vertex_indices.json"
# Vertices of the README's geometries: narrow face, full face, and with head and neck. What follows
# (mouth socket, teeth, eyes, lashes) is left out.
REGIONS = {"face_mask": 6706, "full_face": 9409, "head": 11248}


@dataclass(frozen=True, eq=False)
class FaceKit:
    """Mesh and modes, up to head and neck; the arrays that `FaceModel.load` reads."""

    arrays: dict[str, NDArray[Any]]

    @classmethod
    def read(cls, folder: Path) -> FaceKit:
        """Read all OBJ files of the folder.

        Raises FaceModelError when one is missing or of another mesh.
        """
        if not (folder / NEUTRAL_FILE).is_file():
            raise FaceModelError(
                f"{folder}: holds no {NEUTRAL_FILE}. Pass the folder FaceXModel/ of ICT FaceKit."
            )
        mesh = ObjMesh.read(folder / NEUTRAL_FILE)
        count = REGIONS["head"]
        if len(mesh.vertices) < count:
            raise FaceModelError(
                f"{folder / NEUTRAL_FILE}: has {len(mesh.vertices)} vertices, ICT FaceKit's face "
                f"and head are {count}."
            )
        triangles = mesh.triangles()
        expressions = _expression_names(folder / NAMES_FILE)
        arrays: dict[str, NDArray[Any]] = {
            "neutral": mesh.vertices[:count].astype(np.float32),
            "triangles": triangles[(triangles < count).all(axis=1)].astype(np.int32),
            "uv": _uv(folder / NEUTRAL_FILE, mesh),
            "expression_names": np.array(expressions),
            "region_names": np.array(list(REGIONS)),
            "region_stop": np.array(list(REGIONS.values()), np.int32),
        }
        arrays |= _modes("identity", mesh, _identity_files(folder))
        arrays |= _modes("expression", mesh, [folder / f"{name}.obj" for name in expressions])
        return cls(arrays | _landmarks68(arrays))

    def write(self, path: Path) -> FaceModel:
        """Write the compressed .npz, whole or not at all, and open it as the others will."""
        archive = BytesIO()
        np.savez_compressed(archive, **self.arrays)
        write_whole(path, archive.getvalue())
        return FaceModel.load(path)


def _expression_names(path: Path) -> list[str]:
    """Names of the expressions, which are those of their OBJ files, in order."""
    try:
        names = json.loads(path.read_text())["expressions"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise FaceModelError(
            f"{path}: holds no list of expressions ({type(error).__name__}: {error}). Take it from "
            "the same release as the meshes."
        ) from error
    if not names or not all(isinstance(name, str) for name in names):
        raise FaceModelError(f"{path}: expressions is no list of names.")
    return list(names)


def _identity_files(folder: Path) -> list[Path]:
    """identity000.obj, identity001.obj and so on, without a gap."""
    files = sorted(folder.glob("identity[0-9][0-9][0-9].obj"))
    expected = [folder / f"identity{number:03d}.obj" for number in range(max(1, len(files)))]
    missing = sorted(set(expected) - set(files))
    if missing:
        raise FaceModelError(f"{missing[0]}: missing, the identity modes have a gap there.")
    return files


def _modes(name: str, neutral: ObjMesh, files: list[Path]) -> dict[str, NDArray[Any]]:
    """Differences to the neutral mesh as int8 (K, V, 3), mode = q * scale."""
    count = REGIONS["head"]
    quantised = np.zeros((len(files), count, 3), np.int8)
    scale = np.zeros(len(files), np.float32)
    for number, path in enumerate(files):
        vertices = read_obj_vertices(path)
        if vertices.shape != neutral.vertices.shape:
            raise FaceModelError(
                f"{path}: has {len(vertices)} vertices, {NEUTRAL_FILE} {len(neutral.vertices)}. "
                "Take all meshes from one release."
            )
        mode = (vertices - neutral.vertices)[:count]
        # A mode of zeros, such as the eyes' turning, which moves no skin, keeps any scale.
        scale[number] = np.abs(mode).max() / 127 or 1.0
        quantised[number] = np.round(mode / scale[number])
    return {f"{name}_q": quantised, f"{name}_scale": scale}


def _uv(path: Path, mesh: ObjMesh) -> FloatArray:
    uv = mesh.vertex_texture()[: REGIONS["head"]]
    full_face = uv[: REGIONS["full_face"]]
    if np.isnan(uv).any():
        raise FaceModelError(f"{path}: some vertices of the head belong to no polygon.")
    if full_face.min() < 0 or full_face.max() > 1:
        raise FaceModelError(
            f"{path}: the UV of the full face leaves the unit square. Is it an older release, with "
            "the vertices in another order?"
        )
    # Half precision puts the midline at 0.5 whatever the file's last digit is: where a landmark
    # lies in UV hangs on that.
    return uv.astype(np.float16).astype(np.float32)


def _landmarks68(arrays: dict[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """The 68 landmarks as barycentric points: where the shipped layout has them in UV.

    FaceKit's own list of 68 vertices is not used: its jaw is not 300W-LP's.
    """
    full_face = (arrays["triangles"] < REGIONS["full_face"]).all(axis=1)
    triangles = arrays["triangles"][full_face]
    corners = to_map_uv(arrays["uv"][: REGIONS["full_face"]]).astype(np.float64)[triangles]
    vertices, weights = [], []
    for place in layout520().uv[:IBUG68_COUNT].astype(np.float64):
        inside = barycentric_weights(corners, np.broadcast_to(place, (len(corners), 2)))
        owner = int(inside.min(axis=1).argmax())
        vertices.append(triangles[owner])
        weights.append(np.maximum(inside[owner], 0) / np.maximum(inside[owner], 0).sum())
    return {
        "landmark68_vertices": np.array(vertices, np.int32),
        "landmark68_weights": np.array(weights, np.float32),
    }
