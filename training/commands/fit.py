"""`face520-train fit`: photos of one's own become fitted photos."""

from __future__ import annotations

import csv
import io
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import numpy as np
import typer
from rich.table import Table
from rich.text import Text

from edge_runtime.atomic_file import write_whole
from edge_runtime.console import out, progress_bar
from edge_runtime.drawing import Style
from edge_runtime.image_file import write_jpeg
from edge_runtime.layout import LAYOUT520_PATH, layout520
from edge_runtime.network.contract import ModelContract
from edge_runtime.results.output_names import readable_name
from training.commands.data_options import FaceModelOption, LicenceOption, SourceOption
from training.dataset.data_source import Statement
from training.errors import PhotoFolderError
from training.face.face_model import FACE_MODEL_PATH

if TYPE_CHECKING:
    from training.fitting.fit_run import FitRun

HELP = """
Find the faces in a folder of photos and fit the face model to them.

MediaPipe finds the faces, this project's own model 520 points on each, and MediaPipe's mesh looks
at eyes and lips once more; pose, identity and expression follow in closed form. Where a file of the
photo's name lies beside it, its 68 landmarks are met exactly: .pts as in 300W (the first pixel is
1, 1), or .mat with pt3d_68 or pt2d as in 300W-LP.

\b
FITTED then holds:
  faces.zip     crops, 160 px, twice the face
  fits.npz      their fits; the faces of every tenth photo are held out for validation
  fits.jpg      a contact sheet, the least certain faces first: look at it
  rejected.csv  photos and faces that were left out, and why

\b
Example:
  face520-train fit photos/ --source "photos of our own, 2026" --licence "written consent of all"
      --output fitted/
  face520-train dataset build --photos fitted/faces.zip --fits fitted/fits.npz --output dataset/

Whose photos these are and what one may do with them is written into fits.npz as you say it, and
from there into every dataset, model and file; what you do not say is "not stated" in all of them.

faces.zip and fits.npz appear whole and together, when all photos are done.
"""
REJECTED_FILE, SHEET_FILE = "rejected.csv", "fits.jpg"
SHEET_FACES, SHEET_COLUMNS = 40, 8


def fit(
    photos: Annotated[Path, typer.Argument(metavar="PHOTOS", help="Folder of photos.")],
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FITTED", help="Folder to write.")
    ],
    face_model: FaceModelOption = FACE_MODEL_PATH,
    source: SourceOption = None,
    licence: LicenceOption = None,
    folder_is_person: Annotated[
        bool,
        typer.Option("--folder-is-person", help="Hold out whole folders: one person's photos."),
    ] = False,
) -> None:
    """The command; `HELP` is what a person reads."""
    statement = Statement.of_builder(source, licence)
    fit_folder(photos, output, face_model, statement, folder_is_person)


def fit_folder(
    photos: Path, output: Path, face_model: Path, statement: Statement, folder_is_person: bool
) -> tuple[Path, Path]:
    """Fit a folder of photos with a progress bar; returns the zip's and the fits' paths."""
    from training.face.face_model import FaceModel
    from training.fitting.face_finder import FaceFinder
    from training.fitting.face_fitter import FaceFitter
    from training.fitting.fit_run import fit_photos
    from training.fitting.fitted_photos_writer import write_fitted_photos
    from training.fitting.mesh_registration import MeshRegistration
    from training.fitting.photo_folder import PhotoFolder

    found = PhotoFolder.search(photos, leave_out=output)
    fitter = FaceFitter(FaceModel.load(face_model), layout520(), MeshRegistration.load())
    rejected_path, sheet_path = output / REJECTED_FILE, output / SHEET_FILE
    with FaceFinder() as finder, progress_bar() as progress:
        looking = progress.add_task("photos searched", total=len(found.photos))

        def on_photo() -> None:
            progress.advance(looking)

        run = fit_photos(photos, found.photos, finder, fitter, on_photo, folder_is_person)
        if run.kept:
            cutting = progress.add_task("photos cut", total=run.kept_photo_count)
            told = replace(statement, labels=labelled_by(run))
            written = write_fitted_photos(output, run.kept, lambda: progress.advance(cutting), told)
    run = replace(run, rejections=(*run.rejections, *found.left_out))
    write_rejections(run, photos, rejected_path)
    if run.rejections:
        out.print(rejection_table(run, photos))
    if not run.kept:
        raise PhotoFolderError(
            f"{photos}: none of {len(found.photos)} photos shows a face that could be fitted; "
            f"{rejected_path} says why."
        )
    draw_fits(run, *written, face_model, sheet_path)
    held_out = sum(one.held_out for one in run.kept)
    out.print(
        f"{len(run.kept)} faces of {run.kept_photo_count} photos fitted, {held_out} of them held "
        f"out; {len(run.rejections)} left out"
    )
    for path in (*written, sheet_path, rejected_path):
        out.print(str(path), style="green")
    return written


def labelled_by(run: FitRun) -> str:
    """What the labels of a run come from, in words that models carry on."""
    from training.fitting.face_finder import LANDMARK_MODEL_PATH

    contract = ModelContract.read(LANDMARK_MODEL_PATH)
    people = sum(one.face.annotation is not None for one in run.kept)
    by_people = f"people on {people} faces, " if people else ""
    return f"{by_people}face520 {contract.model_name} {contract.model_version} and MediaPipe"


def rejection_table(run: FitRun, folder: Path) -> Table:
    """Reasons, the most frequent first, with one photo for each."""
    counts = Counter(one.reason for one in run.rejections)
    table = Table("left out because", "times", "for example")
    for reason, count in counts.most_common():
        example = next(one for one in run.rejections if one.reason == reason)
        name = example.photo.relative_to(folder).as_posix()
        says_which = name in example.detail
        text = example.detail if says_which else f"{name}: {example.detail}"
        table.add_row(reason, str(count), Text(readable_name(text)))
    return table


def write_rejections(run: FitRun, folder: Path, path: Path) -> None:
    """CSV with a line for each photo or face left out; raises OutputWriteError."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(("photo", "reason", "detail"))
    for one in run.rejections:
        rows.writerow((one.photo.relative_to(folder).as_posix(), one.reason, one.detail))
    write_whole(path, readable_name(text.getvalue()).encode())


def draw_fits(run: FitRun, zip_path: Path, fits_path: Path, face_model: Path, path: Path) -> None:
    """Contact sheet of the 40 faces whose landmarks are least certain, those first.

    Their 520 landmarks are those that `dataset build` will make.
    """
    from training.dataset.contact_sheet import Tile, draw_contact_sheet
    from training.sources.fitted_photo_records import FittedPhotoRecords, FittedPhotoSources

    labelled = FittedPhotoRecords(
        FittedPhotoSources(zip_path, fits_path, face_model, LAYOUT520_PATH)
    )
    spreads = [one.face.seen.spread_percent for one in run.kept]
    worst = np.argsort(spreads)[::-1][:SHEET_FACES].tolist()
    tiles = [
        Tile(record.image(), record.landmarks, f"{record.name}  +- {spreads[index]:.1f} %")
        for index, record in zip(worst, labelled.records(worst))
    ]
    columns = min(SHEET_COLUMNS, len(tiles))
    write_jpeg(path, draw_contact_sheet(tiles, columns, Style.POINTS))
