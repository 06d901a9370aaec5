"""How exact a model is through the runtime, file by file: the AFLW2000-3D protocol."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.engine import EngineOptions
from benchmarks.errors import BenchmarkError
from benchmarks.latency import Sampling, measure_latency
from benchmarks.model_file import ModelFile
from edge_runtime import FaceLandmarker
from edge_runtime.crop import CropRegion

# A face that the detector finds elsewhere in the picture is a miss: its centre must lie within half
# a side of the true box.
SAME_FACE = 0.5


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

    Raises BenchmarkError when the evaluator's dependencies are absent; what training.aflw2000
    raises for the folder, and the runtime for a model.
    """
    try:
        from training.aflw2000 import read_folder
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
    from training.evaluate import Evaluation
    from training.nme import nme_percent

    true_box, end_to_end, found_yaws = [], [], []
    with FaceLandmarker.create(model.path, num_threads=1) as landmarker:
        for face in faces:
            image, truth = face.image(), face.landmarks68
            region = CropRegion.around_landmarks(truth)
            points = landmarker.landmarks_in(image, region).ibug68
            true_box.append(float(nme_percent(points[None], truth[None])[0]))
            found = [
                one.ibug68 for one in landmarker.detect(image) if _is_same_face(one.ibug68, region)
            ]
            if found:
                end_to_end.append(float(nme_percent(found[0][None], truth[None])[0]))
                found_yaws.append(face.yaw_deg)
    names = tuple(face.path.name for face in faces)
    score = Evaluation(names, np.array([face.yaw_deg for face in faces]), np.array(true_box))
    found_score = Evaluation(("",) * len(end_to_end), np.array(found_yaws), np.array(end_to_end))
    speed = measure_latency(model, EngineOptions(), sampling)
    return Accuracy(
        model=model.name,
        folder=folder.name,
        faces=len(faces),
        nme_percent=score.headline_nme_percent,
        bins=tuple(
            AccuracyBin(
                one.yaw_from_deg, one.yaw_to_deg, one.faces, one.nme_percent if one.faces else None
            )
            for one in score.bins
        ),
        found_nme_percent=found_score.headline_nme_percent if end_to_end else None,
        missed=len(faces) - len(end_to_end),
        model_bytes=model.size_bytes,
        median_ms=speed.latency.median_ms,
    )


def _is_same_face(points: np.ndarray, region: CropRegion) -> bool:  # type: ignore[type-arg]
    found = CropRegion.around_landmarks(points)
    distance = np.hypot(found.center_x - region.center_x, found.center_y - region.center_y)
    return bool(distance < SAME_FACE * region.side_px)
