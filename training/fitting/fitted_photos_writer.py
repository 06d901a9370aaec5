"""Writes fitted photos: crops into a zip, their fits into `fits.npz`."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edge_runtime.atomic_file import whole_file
from edge_runtime.crop import Box, CropRegion
from edge_runtime.image_file import encode_jpeg, read_image
from edge_runtime.results.output_names import output_stems
from training.dataset.data_source import NOTHING_SAID, Statement
from training.fitting.face_fitter import FittedFace
from training.fitting.fitted_photos import RESIDUAL_STEP_PX
from training.fitting.photo_folder import FoundFace

CROP_PX = 160
CROP_OVER_BOX = 2.0
FACES_FILE, FITS_FILE = "faces.zip", "fits.npz"


@dataclass(frozen=True, eq=False)
class KeptFace:
    """A found face with a fit that is good enough."""

    face: FoundFace
    fit: FittedFace
    held_out: bool

    @property
    def region(self) -> CropRegion:
        """The square of the photo that is stored: twice the 68 landmarks' box."""
        box = Box.around(self.fit.landmarks68)
        return CropRegion(*box.center, side_px=CROP_OVER_BOX * max(box.width, box.height))

    def arrays(self, name: str) -> dict[str, NDArray[np.generic] | np.generic]:
        """One row of each array of `fits.npz`, in px of the crop."""
        region, fit = self.region, self.fit
        zoom = CROP_PX / region.side_px
        return {
            "name": np.str_(name),
            "val": np.bool_(self.held_out),
            "identity_q": fit.identity_q,
            "expression_q": fit.expression_q,
            "rotation": fit.pose.rotation,
            "scale": np.float32(fit.pose.scale * zoom),
            "translation": region.to_crop(fit.pose.translation[None], CROP_PX)[0],
            "residual68_q": np.round(fit.residual68 * zoom / RESIDUAL_STEP_PX).astype(np.int16),
            "label_source": np.uint8(fit.label_source),
            "label_source68": fit.source68,
        }


def write_fitted_photos(
    folder: Path,
    kept: Sequence[KeptFace],
    on_photo: Callable[[], None],
    statement: Statement = NOTHING_SAID,
) -> tuple[Path, Path]:
    """Cut every face from its photo, 160 px a side; returns the zip's and the fits' paths.

    Both files appear together and whole, or not at all. Faces of one photo must follow each other.
    Raises OutputWriteError, and ImageReadError for a photo that has gone since it was looked at.
    """
    photos = list(dict.fromkeys(one.face.photo for one in kept))
    stem_of = dict(zip(photos, output_stems(photos)))
    names = [f"{stem_of[one.face.photo]}_{one.face.number}.jpg" for one in kept]
    crops, fits = folder / FACES_FILE, folder / FITS_FILE
    with whole_file(fits) as fits_whole, whole_file(crops) as crops_whole:
        _write_crops(crops_whole, zip(names, kept), on_photo)
        rows = [one.arrays(name) for name, one in zip(names, kept)]
        columns = {key: np.stack([row[key] for row in rows]) for key in rows[0]}
        told = {name: np.str_(text) for name, text in asdict(statement).items()}
        np.savez_compressed(fits_whole, **columns, **told)
    return crops, fits


def _write_crops(
    path: Path, named: Iterable[tuple[str, KeptFace]], on_photo: Callable[[], None]
) -> None:
    photo: Path | None = None
    # Stored: JPEG does not get smaller.
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for name, one in named:
            if one.face.photo != photo:
                photo, image = one.face.photo, read_image(one.face.photo)
                on_photo()
            archive.writestr(name, encode_jpeg(one.region.extract(image, CROP_PX)))
