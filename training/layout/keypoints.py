"""Chooses the 520 keypoints on the face model: 68 iBUG landmarks and 452 spread evenly around."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from scipy.spatial import cKDTree
from scipy.spatial.transform import Rotation

from edge_runtime.arrays import BoolArray, FloatArray, Int64Array
from edge_runtime.layout import IBUG68_COUNT, Layout
from training import ibug68
from training.face.face_model import FaceModel
from training.face.position_map import PositionMapRenderer, sampling_matrix, triangle_of_texels
from training.layout.landmark_mesh import triangulate

KEYPOINT_COUNT = 520
LAYOUT_NAME, LAYOUT_VERSION = "face520", 1
# Candidates lie on a grid twice as fine as a position map, with a column on the midline.
CANDIDATE_SIDE = 511
# Farthest-point sampling amplifies the last digit: layout 1 was chosen on a map corrected this far,
# and on another one different points, just as even, would be.
CHOICE_SWEEPS_AND_STEP = (8, 1.0)
# A keypoint must be seen from one of these head poses; inside nostrils and lips none ever is.
VIEW_YAWS_DEG = (-75, -50, -25, 0, 25, 50, 75)
VIEW_PITCHES_DEG = (0, 10)  # level and nodding: a nostril is looked into from below only
VIEW_CELL_CM = 0.2
HIDDEN_BEHIND_CM = 0.25


@dataclass(frozen=True)
class Spacing:
    """Distance of each keypoint to its nearest neighbour on the neutral face, in mm."""

    min_mm: float
    median_mm: float
    max_mm: float

    @classmethod
    def of(cls, points_cm: FloatArray) -> Spacing:
        """Measure points (N, 3) in cm."""
        distance_mm = cKDTree(points_cm).query(points_cm, k=2)[0][:, 1] * 10
        return cls(*(float(f(distance_mm)) for f in (np.min, np.median, np.max)))


@dataclass(frozen=True)
class _Candidates:
    """Points of the subject's right half of the mask that may become keypoints, and the midline."""

    uv: FloatArray  # (C, 2)
    points: FloatArray  # (C, 3) cm on the neutral face
    on_midline: BoolArray  # (C,)


def choose_layout(model: FaceModel, renderer: PositionMapRenderer) -> Layout:
    """Choose the keypoints and everything that goes with them; deterministic, a few seconds."""
    neutral_map = renderer.render(model.neutral, *CHOICE_SWEEPS_AND_STEP).reshape(-1, 3)
    candidates = _candidates(model, neutral_map)
    chosen_uv, chosen_mirror = _farthest_pairs(
        candidates, model.landmarks68(model.neutral), KEYPOINT_COUNT - IBUG68_COUNT
    )
    uv = np.concatenate([model.landmark68_uv, chosen_uv]).astype(np.float32)
    mirror = np.concatenate([ibug68.mirror_order(), chosen_mirror + IBUG68_COUNT])
    points = sampling_matrix(uv) @ neutral_map
    return Layout(
        name=LAYOUT_NAME,
        version=LAYOUT_VERSION,
        uv=uv,
        mirror=mirror,
        triangles=triangulate(uv, points),
        regions=ibug68.GROUPS | surface_regions(points),
        contours=ibug68.CONTOURS,
        mean_shape=mean_shape_of(points),
    )


def keypoints_on_neutral(layout: Layout, model: FaceModel, map_: PositionMapRenderer) -> FloatArray:
    """Keypoints (N, 3) of the neutral face in cm."""
    return np.asarray(sampling_matrix(layout.uv) @ map_.render(model.neutral).reshape(-1, 3))


def _candidates(model: FaceModel, neutral_map: FloatArray) -> _Candidates:
    owner = triangle_of_texels(model.map_uv, model.mask_triangles, CANDIDATE_SIDE)
    inside = owner >= 0
    # Keep off the eyeballs and the mouth's inside: between lids and lips no skin is to be seen.
    last = CANDIDATE_SIDE - 1
    for opening in ("right_eye", "left_eye", "inner_lips"):
        rim = model.landmark68_uv[list(ibug68.GROUPS[opening])]
        rim_texels = np.round(np.stack([rim[:, 0], 1 - rim[:, 1]], axis=-1) * last).astype(np.int32)
        blocked = np.zeros((CANDIDATE_SIDE, CANDIDATE_SIDE), np.uint8)
        cv2.fillPoly(blocked, [rim_texels], (1,))
        inside &= cv2.dilate(blocked, np.ones((5, 5), np.uint8)) == 0
    inside &= inside[:, ::-1]
    inside[:, CANDIDATE_SIDE // 2 + 1 :] = False
    rows, columns = np.nonzero(inside)
    uv = np.stack([columns / last, 1 - rows / last], axis=-1).astype(np.float32)
    points = sampling_matrix(uv) @ neutral_map
    seen = seen_from_somewhere(points, neutral_map)
    return _Candidates(uv[seen], points[seen], (columns == CANDIDATE_SIDE // 2)[seen])


def seen_from_somewhere(points: FloatArray, surface: FloatArray) -> BoolArray:
    """Whether points (C, 3) lie at the front of the surface samples (S, 3) in any view."""
    seen = np.zeros(len(points), dtype=bool)
    for yaw_deg in VIEW_YAWS_DEG:
        for pitch_deg in VIEW_PITCHES_DEG:
            turn = Rotation.from_euler("yx", [yaw_deg, pitch_deg], degrees=True)
            turned, turned_surface = turn.apply(points), turn.apply(surface)
            origin = turned_surface[:, :2].min(axis=0)
            cells = ((turned_surface[:, :2] - origin) / VIEW_CELL_CM).astype(int)
            front = np.full(cells.max(axis=0) + 2, -np.inf)
            np.maximum.at(front, (cells[:, 0], cells[:, 1]), turned_surface[:, 2])
            at = np.clip(((turned[:, :2] - origin) / VIEW_CELL_CM).astype(int), 0, None)
            at = np.minimum(at, np.array(front.shape) - 1)
            seen |= turned[:, 2] > front[at[:, 0], at[:, 1]] - HIDDEN_BEHIND_CM
    return seen


def _farthest_pairs(
    candidates: _Candidates, seeds: FloatArray, count: int
) -> tuple[FloatArray, Int64Array]:
    """Farthest-point sampling of mirrored pairs and midline points: uv (count, 2), mirror (count,).

    Every prefix of the result is itself spread evenly. Distances are straight lines in 3D.
    """
    flip = np.array([-1, 1, 1], np.float32)
    distance = cKDTree(seeds).query(candidates.points)[0]
    own_gap = np.where(candidates.on_midline, np.inf, 2 * np.abs(candidates.points[:, 0]))
    uv: list[tuple[float, float]] = []
    mirror: list[int] = []
    while len(uv) < count:
        reach = np.minimum(distance, own_gap)
        if len(uv) == count - 1:
            reach = np.where(candidates.on_midline, reach, -np.inf)
        best = int(np.argmax(reach))
        u, v = (float(value) for value in candidates.uv[best])
        point = candidates.points[best]
        if candidates.on_midline[best]:
            uv.append((0.5, v))
            mirror.append(len(mirror))
        else:
            uv += [(u, v), (1 - u, v)]
            mirror += [len(mirror) + 1, len(mirror)]
        for taken in (point, point * flip):
            distance = np.minimum(distance, np.linalg.norm(candidates.points - taken, axis=1))
    return np.array(uv, np.float32), np.array(mirror, np.int64)


def surface_regions(points: FloatArray) -> dict[str, tuple[int, ...]]:
    """Names for the 452 points after the nearest iBUG group and the side of the face."""
    nearest = cKDTree(points[:IBUG68_COUNT]).query(points[IBUG68_COUNT:])[1]
    group_of = {index: name for name, group in ibug68.GROUPS.items() for index in group}
    brow_y = points[17:27, 1].mean()
    regions: dict[str, list[int]] = {}
    for offset, landmark in enumerate(nearest):
        index = IBUG68_COUNT + offset
        group = group_of[int(landmark)]
        side = "right" if points[index, 0] < 0 else "left"
        if points[index, 1] > brow_y:
            name = "forehead"
        elif group.startswith("nose"):
            name = "nose_surface"
        elif group.endswith("lips") or (group == "jaw" and 5 <= landmark <= 11):
            name = "mouth_and_chin"
        elif group.endswith("eye") or group.endswith("brow"):
            name = f"{side}_eye_surround"
        else:
            name = f"{side}_cheek"
        regions.setdefault(name, []).append(index)
    return {name: tuple(indices) for name, indices in sorted(regions.items())}


def mean_shape_of(points: FloatArray) -> FloatArray:
    """Model points (N, 3) turned to y down, z away; centred; sqrt(w*h) of the 68 points is 1."""
    turned = points * np.array([1, -1, -1], np.float32)
    width, height = np.ptp(turned[:IBUG68_COUNT, :2], axis=0)
    return np.asarray(((turned - turned.mean(axis=0)) / np.sqrt(width * height)).astype(np.float32))
