"""How exact a model is through the runtime, file by file: the AFLW2000-3D protocol."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.errors import BenchmarkError
from benchmarks.model_file import ModelFile
from benchmarks.timing.engine import EngineOptions
from benchmarks.timing.latency import Sampling, measure_latency


@dataclass(frozen=True)
class AccuracyBin:
    """Faces of one |yaw| range; None where it is empty."""

    yaw_from_deg: int
    yaw_to_deg: int
    faces: int
    nme_percent: float | None


@dataclass(frozen=True)
class Accuracy:
    """A model's NME in percent on a folder in AFLW2000-3D's format.

    nme_percent: mean of the bins' means, crops from the true boxes (arXiv:1511.07212, section 5).
    found_nme_percent: the same over the faces that BlazeFace finds, end to end; missed: the others.
    median_ms: of one inference in one thread.
    """

    model: str
    folder: str
    faces: int
    nme_percent: float
    bins: tuple[AccuracyBin, ...]
    found_nme_percent: float | None
    missed: int
    model_bytes: int
    median_ms: float


def measure_accuracy(
    models: Sequence[ModelFile], folder: Path, sampling: Sampling | None = None
) -> tuple[Accuracy, ...]:
    """Score models that carry face520's contract on every image of a folder.

    Raises BenchmarkError when the evaluator's dependencies are absent; what
    training.evaluation.aflw2000 raises for the folder, and the runtime for a model.
    """
    try:
        from training.evaluation.aflw2000 import read_folder
    except ImportError as error:
        raise BenchmarkError(
            f"The evaluator needs {error.name}. Run: pip install 'face520[train]'"
        ) from error
    sampling = sampling or Sampling(noise_seconds=0, cold_processes=0)
    faces = list(read_folder(folder))
    return tuple(_score(model, folder, faces, sampling) for model in models)


def pareto_front(points: Sequence[tuple[float, float]]) -> list[int]:
    """Indices of the points (cost, error) that no other beats in both, by rising cost."""
    front: list[int] = []
    for index in sorted(range(len(points)), key=lambda i: points[i]):
        if not front or points[index][1] < points[front[-1]][1]:
            front.append(index)
    return front


def _score(model: ModelFile, folder: Path, faces: Sequence, sampling: Sampling) -> Accuracy:  # type: ignore[type-arg]
    from training.evaluation.end_to_end import evaluate_end_to_end
    from training.evaluation.evaluate import evaluate
    from training.run.scored_model import ScoredModel

    scored = ScoredModel.open(model.path)
    score = evaluate(faces, scored.landmarks, scored.input_size_px).scores
    end_to_end = evaluate_end_to_end(faces, model.path)
    speed = measure_latency(model, EngineOptions(), sampling)
    return Accuracy(
        model=model.name,
        folder=folder.name,
        faces=len(faces),
        nme_percent=score.headline_nme_percent,
        bins=tuple(AccuracyBin(**asdict(one)) for one in score.bins),
        found_nme_percent=(
            end_to_end.found.headline_nme_percent if len(end_to_end.found) else None
        ),
        missed=end_to_end.missed,
        model_bytes=model.size_bytes,
        median_ms=speed.latency.median_ms,
    )
