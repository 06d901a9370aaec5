"""What a person looks at after fitting photos: a table, a list of rejections, a contact sheet."""

from __future__ import annotations

import csv
import io
from collections import Counter
from pathlib import Path

import numpy as np
from rich.table import Table
from rich.text import Text

from edge_runtime.atomic_file import write_whole
from edge_runtime.drawing import Style
from edge_runtime.image_file import write_jpeg
from edge_runtime.layout import LAYOUT520_PATH
from training.dataset.contact_sheet import Tile, draw_contact_sheet
from training.fitting.fit_run import FitRun
from training.sources.fitted_photo_records import FittedPhotoRecords, FittedPhotoSources

SHEET_FACES, SHEET_COLUMNS = 40, 8


def rejection_table(run: FitRun, folder: Path) -> Table:
    """Reasons, the most frequent first, with one photo for each."""
    counts = Counter(one.reason for one in run.rejections)
    table = Table("left out because", "times", "for example")
    for reason, count in counts.most_common():
        example = next(one for one in run.rejections if one.reason == reason)
        name = example.photo.relative_to(folder).as_posix()
        says_which = name in example.detail
        text = example.detail if says_which else f"{name}: {example.detail}"
        table.add_row(reason, str(count), Text(text))
    return table


def write_rejections(run: FitRun, folder: Path, path: Path) -> None:
    """CSV with a line for each photo or face left out; raises OutputWriteError."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(("photo", "reason", "detail"))
    for one in run.rejections:
        rows.writerow((one.photo.relative_to(folder).as_posix(), one.reason, one.detail))
    write_whole(path, text.getvalue().encode())


def draw_fits(run: FitRun, zip_path: Path, fits_path: Path, face_model: Path, path: Path) -> None:
    """Contact sheet of the 40 fits that lie furthest from their meshes, the furthest first.

    Their 520 landmarks are those that `dataset build` will make.
    """
    labelled = FittedPhotoRecords(
        FittedPhotoSources(zip_path, fits_path, face_model, LAYOUT520_PATH)
    )
    misfits = [one.fit.misfit_percent for one in run.kept]
    worst = np.argsort(misfits)[::-1][:SHEET_FACES].tolist()
    tiles = [
        Tile(record.image(), record.landmarks, f"{record.name}  misfit {misfits[index]:.1f} %")
        for index, record in zip(worst, labelled.records(worst))
    ]
    columns = min(SHEET_COLUMNS, len(tiles))
    write_jpeg(path, draw_contact_sheet(tiles, columns, Style.POINTS))
