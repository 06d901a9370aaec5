"""`face520-train dataset`: build training sets and look at them."""

from __future__ import annotations

import os
from itertools import islice
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Annotated

import typer

from edge_runtime.console import out, progress_bar
from edge_runtime.drawing import Style
from edge_runtime.layout import LAYOUT520_PATH, layout520
from training.commands.data_options import FaceModelOption, LicenceOption, SourceOption
from training.dataset.data_source import Statement, licence_words, training_data_words
from training.face.face_model import FACE_MODEL_PATH

if TYPE_CHECKING:
    from training.dataset.builder import Sources
    from training.dataset.manifest import DatasetPart

HELP = "Build and look at training sets."
BUILD_EPILOG = """
\b
Three doors lead in:
  --photos ZIP --fits NPZ                     photos with a fitted morphable model
  --open-faces                                the 204 photos that come with face520, fitted first
  --position-maps DIR [--layout JSON]         maps of face3d or PRNet, NAME.npy beside NAME.jpg

\b
On N machines: run the same command with --shard 1/N to --shard N/N, bring the files into one
folder, and run it there once more without --shard.
"""

OPEN_FACES_FOLDER = "open_faces"  # of the dataset's, for the fits

app = typer.Typer(rich_markup_mode=None, help=HELP, no_args_is_help=True)


@app.command("build", epilog=BUILD_EPILOG, no_args_is_help=True)
def build(
    output: Annotated[Path, typer.Option("--output", "-o", metavar="DIR", help="Dataset folder.")],
    photos: Annotated[
        Path | None, typer.Option("--photos", metavar="ZIP", help="Zip of face photos.")
    ] = None,
    fits: Annotated[Path | None, typer.Option("--fits", metavar="NPZ", help="Their fits.")] = None,
    open_faces: Annotated[
        bool,
        typer.Option("--open-faces", help="Photos that come with face520 (CC BY 4.0); fits them."),
    ] = False,
    face_model: FaceModelOption = FACE_MODEL_PATH,
    source: SourceOption = None,
    licence: LicenceOption = None,
    turned: Annotated[
        float,
        typer.Option(
            "--turned",
            metavar="SHARE",
            min=0,
            max=2,
            help="Add this share of the training photos with the head turned to large yaws.",
        ),
    ] = 0,
    position_maps: Annotated[
        Path | None,
        typer.Option("--position-maps", metavar="DIR", help="Position maps with their photos."),
    ] = None,
    layout: Annotated[
        Path,
        typer.Option(
            "--layout",
            metavar="JSON",
            help="Which points are the landmarks. The shipped one is for this project's own UV; "
            "maps of face3d and PRNet need one from `import-layout`.",
        ),
    ] = LAYOUT520_PATH,
    shard: Annotated[
        str | None,
        typer.Option("--shard", metavar="I/N", help="Build the I-th of N parts only, such as 2/4."),
    ] = None,
    processes: Annotated[
        int, typer.Option("--processes", "-j", min=0, help="Parallel workers; 0: one per core.")
    ] = 0,
) -> None:
    """Turn labelled photos into TFRecord shards, each label sampled from a UV position map.

    An interrupted build goes on where it stopped: finished shards are checked by hash and kept.
    Every model that is trained on the dataset carries what --source and --licence say, here or in
    `fit`; what nobody says is "not stated".
    """
    from training.dataset.manifest import DatasetPart
    from training.sources.fitted_photo_records import FittedPhotoSources
    from training.sources.position_map_records import PositionMapSources
    from training.sources.turned_photo_records import TurnedPhotoSources

    part = DatasetPart.parse(shard) if shard is not None else None
    sources: Sources
    if turned and position_maps is not None:
        raise typer.BadParameter("--turned needs fitted photos; a position map cannot be turned.")
    if open_faces and (source or licence):
        raise typer.BadParameter("the source and the licence of --open-faces are known.")
    doors = [position_maps is not None, photos is not None or fits is not None, open_faces]
    if sum(doors) != 1 or (photos is None) != (fits is None):
        raise typer.BadParameter("give --photos with --fits, --open-faces or --position-maps.")
    statement = Statement.of_builder(source, licence)
    if position_maps is not None:
        sources = PositionMapSources(position_maps, layout, statement)
    else:
        if photos is None or fits is None:
            photos, fits = fitted_open_faces(output / OPEN_FACES_FOLDER, face_model)
        fitted = FittedPhotoSources(photos, fits, face_model, layout, statement)
        sources = TurnedPhotoSources(fitted, turned) if turned else fitted
    _build_with_progress(sources, output, processes, part)


def fitted_open_faces(folder: Path, face_model: Path) -> tuple[Path, Path]:
    """The photos that come with face520, fitted into a folder once; the zip's and fits' paths."""
    from training.commands.fit import fit_folder
    from training.fitting.fitted_photos_writer import FACES_FILE, FITS_FILE
    from training.open_faces import OPEN_PHOTOS, OPEN_STATEMENT

    paths = folder / FACES_FILE, folder / FITS_FILE
    if all(path.is_file() for path in paths):
        return paths
    return fit_folder(OPEN_PHOTOS, folder, face_model, OPEN_STATEMENT, folder_is_person=True)


@app.command("relabel")
def relabel(
    dataset: Annotated[Path, typer.Argument(metavar="DIR", help="Dataset folder.")],
    model: Annotated[
        Path,
        typer.Option("--model", metavar="DIR|TFLITE", help="Trained on a dataset of that layout."),
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="DIR", help="Folder of the new dataset.")
    ],
    share: Annotated[
        float, typer.Option("--share", min=0, max=1, help="Part of the model in a label.")
    ] = 0.5,
    processes: Annotated[
        int, typer.Option("--processes", "-j", min=0, help="Parallel workers; 0: one per core.")
    ] = 0,
) -> None:
    """Average training labels with a model's answers, themselves averaged over eight crops a face.

    Held-out faces keep their labels. A .tflite file is the quickest; an interrupted build goes on
    where it stopped.
    """
    from training.dataset.dataset import Dataset
    from training.sources.relabelled_records import RelabelledSources

    _build_with_progress(
        RelabelledSources(Dataset.open(dataset), model, share), output, processes, None
    )


def _build_with_progress(
    sources: Sources, output: Path, processes: int, part: DatasetPart | None
) -> None:
    from training.dataset.builder import build_dataset

    start = perf_counter()
    with progress_bar() as progress:
        task = progress.add_task("faces", total=None)
        manifest = build_dataset(
            sources,
            output,
            processes or os.cpu_count() or 1,
            lambda shard, done, total: progress.update(task, completed=done, total=total),
            part,
        )
    out.print(
        f"{manifest.count('train')} faces to train on, {manifest.count('val')} held out, "
        f"layout {manifest.layout}"
        + (f", part {part.number} of {part.count}" if part else "")
        + f", in {perf_counter() - start:.0f} s"
    )
    out.print(f"Models will say: {training_data_words([manifest.data])}.")
    out.print(f"Licence: {licence_words([manifest.data])}.")
    out.print(str(output), style="green")


@app.command("show")
def show(
    dataset: Annotated[Path, typer.Argument(metavar="DIR", help="Dataset folder.")],
    output: Annotated[Path, typer.Option("--output", "-o", metavar="JPG")] = Path("faces.jpg"),
    split: Annotated[str, typer.Option(help="train or val.")] = "val",
    first: Annotated[int, typer.Option(min=0, help="Skip this many faces.")] = 0,
    count: Annotated[int, typer.Option(min=1, help="Faces to show.")] = 40,
    columns: Annotated[int, typer.Option(min=1)] = 8,
    style: Annotated[Style, typer.Option(help="What to draw.")] = Style.POINTS,
) -> None:
    """Write a contact sheet with the labels drawn, so that wrong ones are seen at a glance."""
    from edge_runtime.image_file import write_jpeg
    from training.dataset.contact_sheet import Tile, draw_contact_sheet
    from training.dataset.dataset import Dataset
    from training.errors import DatasetError

    opened = Dataset.open(dataset)
    if style is Style.MESH and opened.layout.reference != layout520().reference:
        raise DatasetError(
            f"{dataset}: its landmarks are {opened.layout.reference}; only the mesh of "
            f"{layout520().reference} can be drawn. Show it with --style points."
        )
    records = list(islice(opened.split(split), first, first + count))
    if not records:
        raise DatasetError(f"{dataset}: the {split} split holds no face from {first} on.")
    tiles = [Tile(r.image(), r.landmarks, f"{r.name}  yaw {r.yaw_deg:+.0f}") for r in records]
    write_jpeg(output, draw_contact_sheet(tiles, columns, style, opened.layout))
    out.print(str(output), style="green")
