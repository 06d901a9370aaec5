"""68 landmarks that people placed: `.pts` of 300W, `.mat` of 300W-LP and AFLW2000-3D."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.io import loadmat

from edge_runtime.arrays import FloatArray
from edge_runtime.layout import IBUG68_COUNT
from training.errors import LandmarkAnnotationError
from training.mat_file import DAMAGED_MAT, no_number_in

ANNOTATION_SUFFIXES = (".mat", ".pts")


@dataclass(frozen=True, eq=False)
class LandmarkAnnotation:
    """points (68, 2) in image px, pixel centres at integers from 0.

    on_outline: the jaw points 0 to 16 follow the outline that the photo shows, as in 2D
    annotations, rather than the jaw itself, which a turned head hides.
    """

    points: FloatArray
    on_outline: bool


def annotation_beside(photo: Path) -> LandmarkAnnotation | None:
    """What a file of the photo's stem says; `.mat` goes before `.pts`, None where there is none.

    Raises LandmarkAnnotationError.
    """
    for suffix in ANNOTATION_SUFFIXES:
        for spelling in (suffix, suffix.upper()):
            path = photo.with_suffix(spelling)
            if path.is_file():
                return _checked(path, _read_mat) if suffix == ".mat" else read_pts(path)
    return None


def read_pts(path: Path) -> LandmarkAnnotation:
    """300W's format, or a bare list: 68 lines "x y" in braces or alone, there also "x, y".

    The first pixel's centre is (1, 1), MATLAB's convention, in lists made of 300W's files too.
    Raises LandmarkAnnotationError.
    """
    return _checked(path, _read_pts)


def _checked(path: Path, read: Callable[[Path], LandmarkAnnotation]) -> LandmarkAnnotation:
    try:
        annotation = read(path)
    except (ValueError, TypeError, NotImplementedError, *DAMAGED_MAT) as error:
        raise LandmarkAnnotationError(f"{path}: not readable ({error}).") from error
    if not np.isfinite(annotation.points).all():
        raise LandmarkAnnotationError(f"{path}: a landmark is no number.")
    return annotation


def _read_pts(path: Path) -> LandmarkAnnotation:
    text = path.read_text()
    _, opening, rest = text.partition("{")
    body, closing, _ = rest.partition("}")
    if opening and not closing:
        raise LandmarkAnnotationError(
            f"{path}: not in 300W's format, which is 'n_points: 68' and 68 lines 'x y' in braces."
        )
    if not opening:
        body = text.replace(",", " ")
    points = np.array([line.split() for line in body.splitlines() if line.strip()], np.float32)
    if points.shape != (IBUG68_COUNT, 2):
        raise LandmarkAnnotationError(
            f"{path}: holds {len(points)} points; only the 68 of iBUG are read. Remove the file "
            "to go on without it."
        )
    return LandmarkAnnotation(points - 1, on_outline=True)


def _read_mat(path: Path) -> LandmarkAnnotation:
    """pt3d_68 (3, 68), or else pt2d (2, 68); taken as they stand, as AFLW2000-3D is evaluated."""
    stored = loadmat(path, variable_names=["pt3d_68", "pt2d"])
    for name, rows in (("pt3d_68", 3), ("pt2d", 2)):
        if name in stored and stored[name].shape == (rows, IBUG68_COUNT):
            points = stored[name][:2].astype(np.float32)
            if bad := no_number_in(name, points):
                raise LandmarkAnnotationError(
                    f"{path}: {bad}. Get it again, or remove it to fit without it."
                )
            return LandmarkAnnotation(points.T, on_outline=name == "pt2d")
    raise LandmarkAnnotationError(
        f"{path}: holds neither pt3d_68 (3, 68) nor pt2d (2, 68). Remove the "
        "file to fit without it."
    )
