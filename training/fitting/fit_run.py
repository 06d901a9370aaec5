"""One pass over a folder of photos: faces found, fitted, and kept or rejected."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from edge_runtime.crop import Box
from training.fitting.face_finder import LEAST_PRESENCE
from training.fitting.face_fitter import FaceFitter, FittedFace
from training.fitting.fitted_photos import IDENTITY_STEP
from training.fitting.fitted_photos_writer import KeptFace
from training.fitting.photo_folder import (
    Finder,
    FoundFace,
    Rejection,
    find_faces,
    held_out_photos,
)

# Longer side of the 68 landmarks' box; the crop would be enlarged by more than a third.
SMALLEST_FACE_PX = 60
# Mean distance of a view's landmarks from the mean of the views, of the face's size. Chosen on one
# half of the held-out photos with labels: none of the kept is wrong by more than 8 % there.
LARGEST_SPREAD_PERCENT = 1.7
LARGEST_MISFIT_PERCENT = 2.0  # of the face's size, mean over the keypoints
# Standard deviations; misfit and this reach 1.97 % and 2.5 on 1000 photos of all poses.
LARGEST_IDENTITY = 3.0
LEAST_INSIDE = 0.75  # share of the 68 landmarks that lie in the photo
LARGEST_DISAGREEMENT_PERCENT = 10.0


@dataclass(frozen=True, eq=False)
class FitRun:
    """Outcome for a folder: faces in the order of photos, rejections in the order of photos."""

    kept: tuple[KeptFace, ...]
    rejections: tuple[Rejection, ...]

    @property
    def kept_photo_count(self) -> int:
        """Photos that at least one face is kept of."""
        return len({one.face.photo for one in self.kept})


def fit_photos(
    folder: Path,
    photos: Sequence[Path],
    finder: Finder,
    fitter: FaceFitter,
    on_photo: Callable[[], None],
    folder_is_person: bool = False,
) -> FitRun:
    """Find and fit the faces of photos in a folder; held out is a tenth of the photos kept.

    folder_is_person: of the folders instead, so that nobody's photos lie on both sides.
    """
    faces, rejections = find_faces(photos, finder, on_photo)
    fitted = []
    if faces:
        fits = fitter.fit([face.seen for face in faces], [face.annotation for face in faces])
        for face, fit in zip(faces, fits):
            rejection = rejection_of(face, fit)
            if rejection is None:
                fitted.append((face, fit))
            else:
                rejections.append(rejection)
    kept_photos = [face.photo for face, _ in fitted]
    held_out = held_out_photos(folder, kept_photos, folder_is_person) if fitted else set()
    kept = tuple(KeptFace(face, fit, face.photo in held_out) for face, fit in fitted)
    place = {photo: index for index, photo in enumerate(photos)}
    return FitRun(kept, tuple(sorted(rejections, key=lambda one: place[one.photo])))


def rejection_of(face: FoundFace, fit: FittedFace) -> Rejection | None:
    """The first thing that is wrong with a fit; None where nothing is."""
    box = Box.around(fit.landmarks68)
    side_px = max(box.width, box.height)
    x, y = fit.landmarks68[:, 0], fit.landmarks68[:, 1]
    inside = float(np.mean((x >= 0) & (y >= 0) & (x < face.width_px) & (y < face.height_px)))
    identity = float(np.abs(fit.identity_q).max() * IDENTITY_STEP)
    disagreement = fit.disagreement_percent or 0.0
    found = (
        (
            side_px < SMALLEST_FACE_PX,
            f"smaller than {SMALLEST_FACE_PX} px",
            f"{side_px:.0f} px",
        ),
        (
            inside < LEAST_INSIDE,
            "cut off by the photo's border",
            f"{inside:.0%} of its landmarks lie in the photo",
        ),
        (
            disagreement > LARGEST_DISAGREEMENT_PERCENT,
            "annotation elsewhere than the face found",
            f"they differ by {disagreement:.0f} % of the face",
        ),
        (
            face.seen.presence < LEAST_PRESENCE,
            "perhaps no face",
            f"one with a probability of {face.seen.presence:.2f}",
        ),
        (
            face.seen.spread_percent > LARGEST_SPREAD_PERCENT,
            f"landmarks uncertain by over {LARGEST_SPREAD_PERCENT} %",
            f"by {face.seen.spread_percent:.1f} %",
        ),
        (
            fit.misfit_percent > LARGEST_MISFIT_PERCENT,
            f"fit misses the face by over {LARGEST_MISFIT_PERCENT:.0f} %",
            f"by {fit.misfit_percent:.1f} %",
        ),
        (
            identity > LARGEST_IDENTITY,
            "implausible face shape",
            f"a coefficient of {identity:.1f} standard deviations",
        ),
    )
    for is_wrong, reason, detail in found:
        if is_wrong:
            return Rejection(face.photo, reason, f"face {face.number}: {detail}")
    return None
