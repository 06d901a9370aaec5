"""A layout for landmarks chosen elsewhere: index files, and maps to see the points on faces."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial.distance import cdist

from edge_runtime.arrays import Float64Array, FloatArray, Int64Array
from edge_runtime.layout import IBUG68_COUNT, Layout, layout520
from training import ibug68
from training.errors import PositionMapError
from training.face.position_map import MAP_SIDE_TEXELS, sampling_matrix
from training.face.position_map_folder import PositionMapFolder
from training.face.shape_fit import WORST_FIT, WORST_MEDIAN_FIT, fit_shape, flipped_axis
from training.layout.index_files import IndexFiles
from training.layout.keypoints import mean_shape_of, surface_regions
from training.layout.landmark_mesh import triangulate

LAYOUT_NAME, LAYOUT_VERSION = "paper520", 1
# More faces do not move the mean face by what a landmark can show.
MOST_FACES = 300
# sqrt(w*h) of the 68 landmarks on the neutral face of ICT FaceKit: the mesh is made in cm.
FACE_SIZE_CM = 14.7


@dataclass(frozen=True, eq=False)
class ImportedLayout:
    """A layout and how many faces made it."""

    layout: Layout
    faces: int  # position maps that the mean face was taken from


def import_layout(files: IndexFiles, folder: PositionMapFolder) -> ImportedLayout:
    """Make a layout of the index files' points; the maps show where on a face they lie.

    Raises PositionMapError when the maps have another UV than the index files.
    """
    names = folder.names()
    names = names[:: 1 + len(names) // MOST_FACES]
    points_cm = _frontal_faces(files, folder, names).mean(axis=0) * FACE_SIZE_CM * (1, -1, -1)
    mean_shape = mean_shape_of(points_cm)
    layout = Layout(
        name=LAYOUT_NAME,
        version=LAYOUT_VERSION,
        uv=files.uv,
        mirror=mirror_pairs(mean_shape),
        triangles=triangulate(files.uv, points_cm),
        regions=ibug68.GROUPS | surface_regions(points_cm),
        contours=ibug68.CONTOURS,
        mean_shape=mean_shape,
    )
    return ImportedLayout(layout, len(names))


def _frontal_faces(
    files: IndexFiles, folder: PositionMapFolder, names: tuple[str, ...]
) -> Float64Array:
    """Points (M, N, 3) of the maps, turned onto the shipped mean face by their 68 landmarks."""
    sampling = sampling_matrix(files.uv)
    mean68 = layout520().mean_shape[:IBUG68_COUNT]
    faces, errors = [], []
    for name in names:
        position_map = folder.read_map(name)
        if len(position_map) != MAP_SIDE_TEXELS:
            raise PositionMapError(
                f"{folder.map_path(name)}: is {len(position_map)} texels wide, the index files are "
                f"for maps of {MAP_SIDE_TEXELS}."
            )
        points = (sampling @ position_map.reshape(-1, 3)).astype(np.float64)
        fit = fit_shape(mean68, points[:IBUG68_COUNT])
        if fit.error > WORST_FIT and (axis := flipped_axis(mean68, points[:IBUG68_COUNT])):
            raise PositionMapError(
                f"{folder.map_path(name)}: its {axis} points the wrong way. Expected x to the "
                "right and y downward in px of the photo, z toward the viewer."
            )
        centred = points - points[:IBUG68_COUNT].mean(axis=0)
        faces.append(centred @ fit.rotation / fit.scale_px)
        errors.append(fit.error)
    if np.median(errors) > WORST_MEDIAN_FIT:
        raise PositionMapError(
            f"{folder.path}: the 68 landmarks of the index files, sampled from these maps, lie "
            f"{np.median(errors):.2f} of a face away from their mean places (median of "
            f"{len(errors)}; below {WORST_MEDIAN_FIT} for maps with their UV). Take maps of face3d "
            "or PRNet."
        )
    return np.array(faces)


def mirror_pairs(mean_shape: FloatArray) -> Int64Array:
    """Mirror permutation (N,) of a frontal shape (N, 3): the 68 landmarks by name, others by place.

    Nearest pairs first; distances are between a point and its partner's mirror image, and a point
    near the midline may be its own partner.
    """
    others = mean_shape[IBUG68_COUNT:].astype(np.float64)
    distance = cdist(others, others * (-1, 1, 1))
    one, other = np.triu_indices(len(others))
    partner = np.full(len(others), -1)
    for pair in np.argsort(distance[one, other], kind="stable"):
        i, j = int(one[pair]), int(other[pair])
        if partner[i] < 0 and partner[j] < 0:
            partner[i], partner[j] = j, i
    return np.concatenate([ibug68.mirror_order(), partner + IBUG68_COUNT]).astype(np.int64)
