"""Closed eyes, winks, wide mouths: a few percent of the faces, shown more often than the others."""

from __future__ import annotations

import numpy as np

from edge_runtime.arrays import Float64Array, Int64Array
from edge_runtime.face_landmarks import AspectRatios
from training.dataset.face_index import FaceIndex, FaceReader
from training.dataset.records import FaceRecord, LabelSource

BINS = 12


def how_often(index: FaceIndex, boost: float) -> Float64Array | None:
    """How many times an epoch shows each of F faces on average: (F,) of mean 1.

    Evened out over the openness of the less open eye, of the more open one and of the mouth: the
    rarest are shown `boost` times as often as the most common. None where boost is 1: every face
    once.
    """
    if boost <= 1:
        return None
    reader = FaceReader(index)
    openness = np.array([_openness(reader.record(face)) for face in range(len(index))])
    times = np.fmax.reduce([_evened_out(column, boost) for column in openness.T])
    times = np.nan_to_num(times, nan=1.0)  # nobody placed its eyes and lips
    return np.asarray(times / times.mean())


def in_epoch(often: Float64Array, rng: np.random.Generator) -> Int64Array:
    """F faces and the how-manieth time it is (F, 2), each face as often as its number (F,) says.

    A number between two whole ones becomes the lower or the higher one by chance, so that there are
    F in all.
    """
    ends = np.floor(np.cumsum(often) + rng.random() - 1e-9).astype(np.int64)
    ends[-1] = len(often)
    times = np.diff(np.minimum(ends, len(often)), prepend=0)
    faces = np.repeat(np.arange(len(often)), times)
    first = np.repeat(np.cumsum(times) - times, times)
    return np.stack([faces, np.arange(len(faces)) - first], axis=1)


def _openness(record: FaceRecord) -> tuple[float, float, float]:
    if record.label_source is LabelSource.NOBODY:
        return (np.nan,) * 3
    found = AspectRatios.of(record.landmarks)
    eyes = (found.left_eye, found.right_eye)
    return min(eyes), max(eyes), found.mouth


def _evened_out(openness: Float64Array, boost: float) -> Float64Array:
    """1 for the most common openness (F,), up to boost for rare ones, NaN where it is unknown."""
    known = openness[np.isfinite(openness)]
    if not len(known):
        return openness
    low, high = np.percentile(known, (0.5, 99.5))
    edges = np.linspace(low, high, BINS + 1)[1:-1]
    place = np.digitize(openness, edges)
    count = np.bincount(place[np.isfinite(openness)], minlength=BINS)
    times = np.minimum(count.max() / np.maximum(count, 1), boost)[place]
    return np.where(np.isfinite(openness), times, np.nan)
