"""How a model sees a face live, through the runtime: on a dataset's held-out faces, or on 300W."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from benchmarks.errors import BenchmarkError
from benchmarks.model_file import ModelFile

if TYPE_CHECKING:
    from training.evaluation.held_out_scores import HeldOutScores
    from training.evaluation.openness import OpennessScores
    from training.evaluation.scores_300w import InterOcularScores

Squares = Literal["held-out", "true boxes", "detector"]
HEADLINE_YAW, ANY_YAW, TRUE_SQUARE = "0-30", "any", "true square"


@dataclass(frozen=True)
class FaceAccuracy:
    """A model's openness and NME against people's; None where there is no such figure.

    squares "held-out": openness over `faces` below 30 degrees of yaw whose eyes and lips people
    placed, nme_percent over all held-out faces in their true squares, by the box's size, mean of
    three yaw bins; closed_eyes_auc, covered_auc, hidden_auc: as `face520-train evaluate` has them,
    the last two at any yaw. "true boxes" and "detector", on 300W: nme_percent over the 51 inner
    points, by the distance of the outer eye corners. missed: faces that the model did not find.
    """

    model: str
    folder: str
    squares: Squares
    faces: int
    missed: int
    nme_percent: float
    eyes_correlation: float | None
    eyes_slope: float | None
    mouth_correlation: float | None
    mouth_slope: float | None
    closed_eyes_auc: float | None = None
    covered_auc: float | None = None
    hidden_auc: float | None = None


def has_living_faces(folder: Path) -> bool:
    """Whether a folder is a dataset or in 300W's format, rather than AFLW2000-3D's.

    Raises BenchmarkError when the evaluator's dependencies are absent.
    """
    _check_evaluator()
    from training.evaluation.scores_300w import is_300w

    return _is_dataset(folder) or is_300w(folder)


def measure_face_accuracy(names: Sequence[str], folder: Path) -> tuple[FaceAccuracy, ...]:
    """Score models, MediaPipe's meshes among them, on a dataset or a folder in 300W's format.

    Raises BenchmarkError when the evaluator's dependencies are absent or there is no such model,
    and what `face520-train evaluate` raises for the folder.
    """
    _check_evaluator()
    from training.dataset.dataset import Dataset
    from training.evaluation.held_out_scores import HeldOutScores
    from training.evaluation.scores_300w import Scores300w, read_300w
    from training.run.scored_model import MEDIAPIPE_MESHES, ScoredModel

    paths = [
        Path(name) if name in MEDIAPIPE_MESHES else ModelFile.find(name).path for name in names
    ]
    models = {path: ScoredModel.open(path) for path in paths}
    if _is_dataset(folder):
        dataset = Dataset.open(folder)
        return tuple(
            _of_held_out(model.name, folder.name, HeldOutScores.measure(model, dataset))
            for model in models.values()
        )
    photos = read_300w(folder)
    scores: list[FaceAccuracy] = []
    for path, model in models.items():
        found = Scores300w.measure(model, photos, path)
        scores.append(_of_300w(model.name, folder.name, "true boxes", found.true_boxes))
        if found.end_to_end is not None:
            scores.append(_of_300w(model.name, folder.name, "detector", found.end_to_end))
    return tuple(scores)


def _of_held_out(model: str, folder: str, scores: HeldOutScores) -> FaceAccuracy:
    living = scores.living_face
    headline = living.in_yaw[HEADLINE_YAW]
    seen, closed = living.visibility.get(ANY_YAW), living.closed_eyes
    return FaceAccuracy(
        model=model,
        folder=folder,
        squares="held-out",
        faces=len(headline.errors_percent),
        missed=headline.missed,
        nme_percent=scores.of_squares[TRUE_SQUARE].headline_nme_percent,
        **_openness(headline.openness),
        closed_eyes_auc=closed.auc if len(closed.closed) and len(closed.open) else None,
        covered_auc=None if seen is None else seen.covered.auc,
        hidden_auc=None if seen is None else seen.hidden_by_face.auc,
    )


def _of_300w(model: str, folder: str, squares: Squares, scores: InterOcularScores) -> FaceAccuracy:
    return FaceAccuracy(
        model=model,
        folder=folder,
        squares=squares,
        faces=len(scores),
        missed=scores.missed,
        nme_percent=scores.regions_percent["51 inner"],
        **_openness(scores.openness),
    )


def _openness(scores: OpennessScores) -> dict[str, Any]:
    return {
        "eyes_correlation": scores.eyes.correlation,
        "eyes_slope": scores.eyes.slope,
        "mouth_correlation": scores.mouth.correlation,
        "mouth_slope": scores.mouth.slope,
    }


def _is_dataset(folder: Path) -> bool:
    from training.dataset.manifest import Manifest

    return Manifest.path_in(folder).is_file()


def _check_evaluator() -> None:
    try:
        import training.evaluation.report  # noqa: F401
    except ImportError as error:
        raise BenchmarkError(
            f"The evaluator needs {error.name}. Run: pip install 'face520[train]'"
        ) from error
