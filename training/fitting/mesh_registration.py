"""Where people put the landmarks of eyes and lips, told from MediaPipe's face mesh.

The mesh with attention sees lids and lips well, but its vertices are not the 68 landmarks. A linear
map, one for an eye and one for the mouth, takes the vertices around them to where people put the
landmarks. It works in the face model's space, where a turned face looks straight ahead, and a left
eye is a right one in the mirror.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from edge_runtime.arrays import Float64Array, FloatArray
from edge_runtime.atomic_file import write_whole
from edge_runtime.layout import IBUG68_COUNT
from training import ibug68
from training.errors import FaceModelError
from training.face.face_model import Pose
from training.fitting.face_mesh import landmarks68_of_mesh

MESH_REGISTRATION_PATH = Path(__file__).with_name("mesh_registration.json")
EYES_AND_LIPS = slice(ibug68.GROUPS["right_eye"][0], IBUG68_COUNT)
# Cost of a squared coefficient in squared cm of error a face. In cross-validation a third or three
# times as much changes no correlation by more than 0.002.
RIDGE = 0.0003
# A face this many times further from the map than the median is wrongly annotated, or another's.
WORST_OVER_MEDIAN = 4.0
ROUNDS = 3
DECIMALS = 4
MIRROR = np.array([-1.0, 1.0, 1.0])


@dataclass(frozen=True)
class Part:
    """An eye or the mouth: mesh vertices around it, and its landmarks.

    mirrored_vertices: the partner of each vertex on the other side of the face.
    """

    vertices: tuple[int, ...]
    mirrored_vertices: tuple[int, ...]
    landmarks: tuple[int, ...]

    def sides(self) -> tuple[tuple[list[int], list[int], Float64Array], ...]:
        """Vertices, landmarks and the factor of both: as they are, and in the mirror."""
        partner = ibug68.mirror_order()
        return (
            (list(self.vertices), list(self.landmarks), np.ones(3)),
            (list(self.mirrored_vertices), [partner[one] for one in self.landmarks], MIRROR),
        )


# Of MediaPipe's topology: an eye's rim and the ring around it; outer and inner rim of the lips.
_RIGHT_EYE = (
    *(33, 7, 163, 144, 145, 153, 154, 155, 133, 173, 157, 158, 159, 160, 161, 246),
    *(130, 25, 110, 24, 23, 22, 26, 112, 243, 190, 56, 28, 27, 29, 30, 247),
)
_LEFT_EYE = (
    *(263, 249, 390, 373, 374, 380, 381, 382, 362, 398, 384, 385, 386, 387, 388, 466),
    *(359, 255, 339, 254, 253, 252, 256, 341, 463, 414, 286, 258, 257, 259, 260, 467),
)
_RIGHT_LIPS = (
    *(61, 146, 91, 181, 84, 37, 39, 40, 185),
    *(78, 95, 88, 178, 87, 82, 81, 80, 191),
)
_LEFT_LIPS = (
    *(291, 375, 321, 405, 314, 267, 269, 270, 409),
    *(308, 324, 318, 402, 317, 312, 311, 310, 415),
)
_MIDDLE_OF_LIPS = (0, 13, 14, 17)
PARTS = {
    "eye": Part(_RIGHT_EYE, _LEFT_EYE, ibug68.GROUPS["right_eye"]),
    "mouth": Part(
        _RIGHT_LIPS + _MIDDLE_OF_LIPS + _LEFT_LIPS,
        _LEFT_LIPS + _MIDDLE_OF_LIPS + _RIGHT_LIPS,
        ibug68.GROUPS["outer_lips"] + ibug68.GROUPS["inner_lips"],
    ),
}


@dataclass(frozen=True, eq=False)
class PartMap:
    """landmarks (L, 2) = constant + vertices (K, 2) @ coefficients, both about the vertices' mean.

    Points are x and y in the face model's space, cm, flattened.
    """

    constant: Float64Array  # (2 L,)
    coefficients: Float64Array  # (2 K, 2 L)

    def of(self, vertices: Float64Array) -> Float64Array:
        """Landmarks (P, L, 2) of vertices (P, K, 2)."""
        middle = vertices.mean(axis=1, keepdims=True)
        landmarks = self.constant + _flat(vertices - middle) @ self.coefficients
        return np.asarray(landmarks.reshape(len(vertices), -1, 2) + middle)

    @classmethod
    def fitted(cls, vertices: Float64Array, landmarks: Float64Array, stretch: float) -> PartMap:
        """Regularised least squares over P examples, those left out that fit in no way.

        stretch: how many times as far from their mean heights lie as least squares has them.
        """
        middle = vertices.mean(axis=1, keepdims=True)
        sources, targets = _flat(vertices - middle), _flat(landmarks - middle)
        good = np.ones(len(sources), bool)
        for _ in range(ROUNDS):
            mean, goal = sources[good].mean(axis=0), targets[good].mean(axis=0)
            centred = sources[good] - mean
            normal = centred.T @ centred + RIDGE * len(centred) * np.eye(len(mean))
            coefficients = np.linalg.solve(normal, centred.T @ (targets[good] - goal))
            coefficients[:, 1::2] *= stretch
            fitted = cls(goal - mean @ coefficients, coefficients)
            error = np.linalg.norm(fitted.of(vertices) - landmarks, axis=-1).mean(axis=1)
            good = error < WORST_OVER_MEDIAN * np.median(error)
        return fitted


@dataclass(frozen=True, eq=False)
class MeshRegistration:
    """The maps of PARTS."""

    parts: Mapping[str, PartMap]

    @classmethod
    def fitted(
        cls, meshes: FloatArray, pose: Pose, landmarks68: FloatArray, stretch: Mapping[str, float]
    ) -> MeshRegistration:
        """Of P faces: meshes (P, 468, 3) and people's landmarks (P, 68, 2 or 3) in image px.

        pose: of the face model. stretch: `PartMap.fitted`'s for each of PARTS.
        """
        # People placed no depth; the vertex at a landmark has about its own.
        aims = landmarks68_of_mesh(meshes)
        aims[..., :2] = landmarks68[..., :2]
        vertices, landmarks = _unposed(meshes, pose), _unposed(aims, pose)
        parts = {}
        for name, part in PARTS.items():
            sides = [
                (vertices[:, side] * factor, landmarks[:, own] * factor)
                for side, own, factor in part.sides()
            ]
            sources, targets = (np.concatenate(one)[..., :2] for one in zip(*sides))
            parts[name] = PartMap.fitted(sources, targets, stretch[name])
        return cls(parts)

    def eyes_and_lips(self, meshes: FloatArray, pose: Pose) -> FloatArray:
        """Landmarks 36 to 67 (B, 32, 2) in image px of meshes (B, 468, 3) in image px."""
        vertices = _unposed(meshes, pose)
        found = _unposed(landmarks68_of_mesh(meshes), pose)
        for name, part in PARTS.items():
            for side, landmarks, factor in part.sides():
                seen = (vertices[:, side] * factor)[..., :2]
                found[:, landmarks, :2] = self.parts[name].of(seen) * factor[:2]
        return pose.apply(found[:, EYES_AND_LIPS].astype(np.float32))[..., :2]

    @classmethod
    def load(cls, path: Path = MESH_REGISTRATION_PATH) -> MeshRegistration:
        """Read the file; raises FaceModelError."""
        try:
            stored = json.loads(path.read_text())
            parts = {
                name: PartMap(
                    np.array(stored[name]["constant"], np.float64),
                    np.array(stored[name]["coefficients"], np.float64),
                )
                for name in PARTS
            }
            for name, part in PARTS.items():
                shape = (2 * len(part.vertices), 2 * len(part.landmarks))
                one = parts[name]
                if one.coefficients.shape != shape or one.constant.shape != shape[1:]:
                    raise ValueError(f"the {name}'s coefficients are not {shape}")
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise FaceModelError(
                f"{path}: not a registration of the face mesh ({error}). "
                "`face520-train register-mesh` makes one."
            ) from error
        return cls(parts)

    def write(self, path: Path) -> None:
        """Write the JSON file; raises OutputWriteError."""
        stored = {
            name: {key: np.round(value, DECIMALS).tolist() for key, value in vars(part).items()}
            for name, part in self.parts.items()
        }
        write_whole(path, (json.dumps(stored, separators=(",", ":")) + "\n").encode())


def _unposed(points: FloatArray, pose: Pose) -> Float64Array:
    """Image points (B, N, 3) in px to the face model's space in cm."""
    offset = points.astype(np.float64) - pose.translation[:, None]
    return np.asarray(offset / pose.scale[:, None, None] @ pose.rotation)


def _flat(points: Float64Array) -> Float64Array:
    return points.reshape(len(points), -1)
