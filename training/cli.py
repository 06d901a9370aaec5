"""`face520-train`: keypoint layout, datasets, training runs, evaluation, release."""

from __future__ import annotations

import typer

from edge_runtime.console import run_app
from training.commands import (
    average,
    dataset,
    evaluate,
    face_model,
    fit,
    layout,
    register_mesh,
    release,
    run,
    score_fit,
)

HELP = """
Train 520-landmark networks from fitted photos.

\b
The line, station by station:
  face520-train face-model      ICT FaceKit's folder -> the face model file
  face520-train layout          choose the 520 keypoints on the face model (shipped already)
  face520-train import-layout   the paper's 520 points, for position maps of face3d or PRNet
  face520-train fit             photos of your own -> crops and fits
  face520-train register-mesh   where people put eyes and lips on MediaPipe's mesh (shipped already)
  face520-train score-fit       how good fit is, on photos with labels
  face520-train dataset build   photos and fits -> position maps -> TFRecord shards
  face520-train dataset show    a contact sheet of the labels, to look at
  face520-train run main        train an experiment of training/experiments/
  face520-train average         a model between two: often better than both
  face520-train evaluate        NME by the AFLW2000-3D protocol, and presence
  face520-train release         round the weights and write a release folder for face520-convert

\b
Exit codes: 0 done; 2 the message says which file, what is wrong and what to do.
"""
app = typer.Typer(add_completion=False, rich_markup_mode=None, help=HELP, no_args_is_help=True)
app.add_typer(dataset.app, name="dataset")
app.command("layout")(layout.choose_keypoints)
app.command("import-layout")(layout.import_index_files)
app.command("fit", help=fit.HELP, no_args_is_help=True)(fit.fit)
app.command("register-mesh", help=register_mesh.HELP, no_args_is_help=True)(
    register_mesh.register_mesh
)
app.command("score-fit", help=score_fit.HELP, no_args_is_help=True)(score_fit.score_fit)
app.command("run", help=run.HELP)(run.run_experiment)
app.command("average", help=average.HELP, no_args_is_help=True)(average.average)
app.command("evaluate", help=evaluate.HELP)(evaluate.evaluate)
app.command("face-model")(face_model.import_face_kit)
app.command("release")(release.release)


def main() -> None:
    """Entry point of `face520-train`."""
    run_app(app, "face520-train")
