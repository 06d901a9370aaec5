"""`face520-train`: keypoint layout, datasets, training runs, evaluation, release."""

from __future__ import annotations

import json
import os
from itertools import islice
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from edge_runtime.drawing import Style
from edge_runtime.errors import Face520Error
from edge_runtime.layout import LAYOUT520_PATH
from training.quiet_tensorflow import load_tensorflow

HELP = """
Train 520-landmark networks from fitted photos.

\b
The line, station by station:
  face520-train layout          choose the 520 keypoints on the face model (shipped already)
  face520-train dataset build   photos and fits -> position maps -> TFRecord shards
  face520-train dataset show    a contact sheet of the labels, to look at
  face520-train run main        train an experiment of training/experiments/
  face520-train evaluate        NME by the AFLW2000-3D protocol
  face520-train release         round the weights and write a release folder for face520-convert

\b
Exit codes: 0 done; 2 the message says which file, what is wrong and what to do.
"""
DATASET_HELP = "Build and look at training sets."

app = typer.Typer(add_completion=False, rich_markup_mode=None, help=HELP, no_args_is_help=True)
dataset_app = typer.Typer(rich_markup_mode=None, help=DATASET_HELP, no_args_is_help=True)
app.add_typer(dataset_app, name="dataset")
_out = Console(highlight=False, soft_wrap=True)
_err = Console(stderr=True, highlight=False, soft_wrap=True)

FaceModelOption = Annotated[
    Path, typer.Option("--face-model", metavar="NPZ", help="Morphable model (ICT FaceKit).")
]
DatasetOption = Annotated[
    Path, typer.Option("--dataset", metavar="DIR", help="Folder that `dataset build` wrote.")
]


@app.command("layout")
def choose_keypoints(
    face_model: FaceModelOption,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="JSON", help="Layout file to write.")
    ] = LAYOUT520_PATH,
    picture: Annotated[
        Path | None, typer.Option("--picture", metavar="PNG", help="Also draw the layout.")
    ] = None,
) -> None:
    """Choose the 520 keypoints: 68 iBUG landmarks and 452 spread evenly over the facial mask.

    Reports the distance to the nearest neighbour on the neutral face. Writes the layout that the
    runtime reads; every dataset and model is tied to its version.
    """
    from edge_runtime.atomic_file import write_whole
    from training.face_model import FaceModel
    from training.keypoints import Spacing, choose_layout, keypoints_on_neutral
    from training.position_map import PositionMapRenderer

    model = FaceModel.load(face_model)
    renderer = PositionMapRenderer.build(model)
    layout = choose_layout(model, renderer)
    write_whole(output, (json.dumps(layout.to_json()) + "\n").encode())
    points_cm = keypoints_on_neutral(layout, model, renderer)
    for name, chosen in (("all 520", points_cm), ("the 452 surface points", points_cm[68:])):
        spacing = Spacing.of(chosen)
        _out.print(
            f"nearest neighbour of {name}: min {spacing.min_mm:.2f}, median "
            f"{spacing.median_mm:.2f}, max {spacing.max_mm:.2f} mm"
        )
    _out.print(f"{output}", style="green")
    if picture is not None:
        from training.layout_picture import draw_layout

        draw_layout(layout, picture)
        _out.print(f"{picture}", style="green")


@dataset_app.command("build")
def build(
    photos: Annotated[Path, typer.Option("--photos", metavar="ZIP", help="Zip of face photos.")],
    fits: Annotated[Path, typer.Option("--fits", metavar="NPZ", help="Their fits.")],
    face_model: FaceModelOption,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="DIR", help="Dataset folder.")],
    processes: Annotated[
        int, typer.Option("--processes", "-j", min=0, help="Parallel workers; 0: one per core.")
    ] = 0,
) -> None:
    """Turn fitted photos into TFRecord shards, each label sampled from a UV position map.

    An interrupted build goes on where it stopped: finished shards are checked by hash and kept.
    """
    from training.dataset_builder import BuildSources, build_dataset

    load_tensorflow()
    sources = BuildSources(photos, fits, face_model, LAYOUT520_PATH)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeRemainingColumn(), console=_err) as progress:
        task = progress.add_task("faces", total=None)
        manifest = build_dataset(
            sources,
            output,
            processes or os.cpu_count() or 1,
            lambda shard, done, total: progress.update(task, completed=done, total=total),
        )
    _out.print(
        f"{manifest.count('train')} faces to train on, {manifest.count('val')} held out, "
        f"layout {manifest.layout}"
    )
    _out.print(f"{output}", style="green")


@dataset_app.command("show")
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
    from edge_runtime.image_writer import write_jpeg
    from training.contact_sheet import Tile, draw_contact_sheet
    from training.dataset import DatasetError, read_split

    load_tensorflow()
    records = list(islice(read_split(dataset, split), first, first + count))
    if not records:
        raise DatasetError(f"{dataset}: the {split} split holds no face from {first} on.")
    tiles = [Tile(r.image(), r.landmarks, f"{r.name}  yaw {r.yaw_deg:+.0f}") for r in records]
    write_jpeg(output, draw_contact_sheet(tiles, columns, style))
    _out.print(f"{output}", style="green")


@app.command("run")
def run_experiment(
    experiment: Annotated[str, typer.Argument(help="Name of a file in training/experiments/.")],
    dataset: DatasetOption,
    run: Annotated[Path, typer.Option("--run", metavar="DIR", help="Folder of this run.")],
    start: Annotated[
        Path | None,
        typer.Option(
            "--start",
            metavar="NPZ|DIR",
            help="Weights to begin with: 3DDFA_V2's MobileNetV1 (.npz), or a run or release "
            "folder; a narrower model takes its strongest channels.",
        ),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with an interrupted run.")
    ] = False,
) -> None:
    """Train an experiment; checkpoints, curves.csv and TensorBoard logs go to the run folder."""
    load_tensorflow()
    from training.experiment import load_experiment
    from training.run_folder import RunFolder
    from training.train import train

    verbose = "auto" if _out.is_terminal else 2
    best = train(load_experiment(experiment), dataset, RunFolder(run), start, resume, verbose)
    _out.print(f"best validation NME {best:.3f} %, weights in {run}")


@app.command()
def evaluate(
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="Run or release folder.")],
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="AFLW2000-3D, or the like.")],
    json_path: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Also write the scores.")
    ] = None,
) -> None:
    """NME by the AFLW2000-3D protocol: xy of 68 points over sqrt(w*h) of their true box.

    Crops come from the true boxes and no image is left out; the score is the mean of the means of
    three yaw ranges.
    """
    load_tensorflow()
    import keras

    from edge_runtime.atomic_file import write_whole
    from training.aflw2000 import read_folder
    from training.evaluate import evaluate as score
    from training.evaluate import keras_predictor
    from training.trained_model import TrainedModel

    trained = TrainedModel.open(model)
    predict = keras_predictor(trained.build(keras), trained.standardisation)
    scores = score(read_folder(folder), predict, trained.config.input_size_px)
    table = Table("|yaw|, deg", "faces", "NME, %")
    for one in scores.bins:
        table.add_row(
            f"{one.yaw_from_deg}-{one.yaw_to_deg}", str(one.faces), f"{one.nme_percent:.3f}"
        )
    table.add_section()
    table.add_row("mean of bins", str(len(scores.names)), f"{scores.headline_nme_percent:.3f}")
    _out.print(table)
    if json_path is not None:
        write_whole(json_path, (json.dumps(scores.to_json(), indent=1) + "\n").encode())


@app.command()
def release(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="Folder of a finished run.")],
    name: Annotated[str, typer.Option(help="Name of the model, such as main.")],
    version: Annotated[str, typer.Option(help="Its version, such as 1.0.0.")],
    output: Annotated[Path, typer.Option("--output", "-o", metavar="DIR", help="Release folder.")],
    folder: Annotated[
        Path | None, typer.Option("--evaluate", metavar="FOLDER", help="Score it on AFLW2000-3D.")
    ] = None,
) -> None:
    """Round the best weights to float16 and write them with configuration and provenance.

    face520-convert turns the release folder into .tflite files.
    """
    load_tensorflow()
    from training.release import write_release

    scores = write_release(run, name, version, output, folder)
    for key, value in scores.items():
        _out.print(f"{key}: {value:.3f}")
    _out.print(f"{output}", style="green")


def main() -> None:
    """Entry point of `face520-train`."""
    try:
        app()
    except Face520Error as error:
        _err.print(str(error), style="red", markup=False)
        raise SystemExit(2) from None
    except KeyboardInterrupt:
        _err.print("Interrupted; what is finished is kept.", style="red")
        raise SystemExit(130) from None
