"""Records of another dataset whose training labels are averaged with a trained model's answers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from edge_runtime.arrays import BoolArray, FloatArray
from edge_runtime.crop import from_crop_units
from edge_runtime.layout import Layout, has_mirror_pairs
from edge_runtime.native_stderr import stderr_of_libraries_closed
from training.crops.augment import Augmentation, augmented_region
from training.dataset.data_source import DataSource
from training.dataset.dataset import Dataset
from training.dataset.face_index import FaceReader
from training.dataset.manifest import LAYOUT_FILE
from training.dataset.records import FaceRecord
from training.errors import DatasetError
from training.run.scored_model import ScoredModel
from training.run.trained_model import weights_sha256

# Looks at every face, each moved like this; every second one in the mirror
# if the layout has mirror pairs.
VIEWS = 8
MOVED = Augmentation(roll_deg=8.0, scale=0.05, shift=0.02)
# Bumped when the same sources would give other labels, so that stale shards are rebuilt.
RELABELLER_VERSION = 1


@dataclass(frozen=True)
class RelabelledSources:
    """A dataset, a model (run, release or .tflite) and its share in the training labels."""

    dataset: Dataset
    model: Path
    share: float

    @property
    def layout(self) -> Path:
        """The layout file of the landmarks."""
        return self.dataset.directory / LAYOUT_FILE

    def hashes(self) -> dict[str, str]:
        """The dataset's own, and the model's, its share and the version of the averaging."""
        return self.dataset.manifest.sources | {
            "relabelled_by": weights_sha256(self.model),
            "relabelled_share": f"{self.share:g}",
            "relabeller": str(RELABELLER_VERSION),
        }

    def held_out(self) -> BoolArray:
        """Training faces first. Raises DatasetError when the model predicts other landmarks."""
        layout, model = self.dataset.layout, _opened(self.model)
        empty = np.zeros((1, model.input_size_px, model.input_size_px, 3), np.uint8)
        predicted_count = model.landmarks(empty).shape[1]
        if predicted_count != len(layout):
            raise DatasetError(
                f"{self.model}: predicts {predicted_count} landmarks, "
                f"{self.dataset.directory} has {len(layout)}. "
                "Take a model that was trained on the dataset's layout."
            )
        counts = [len(self.dataset.index(split)) for split in ("train", "val")]
        return np.repeat([False, True], counts)

    def data(self, held_out: BoolArray) -> DataSource:
        """That of the dataset."""
        return self.dataset.manifest.data

    def open(self) -> RelabelledRecords:
        """Load the model and open the shards."""
        return RelabelledRecords(self)


class RelabelledRecords:
    """The faces of a dataset: those to train on with averaged labels, the others as they are."""

    def __init__(self, sources: RelabelledSources) -> None:
        train, val = (sources.dataset.index(split) for split in ("train", "val"))
        self._train_count = len(train)
        self._train, self._val = FaceReader(train), FaceReader(val)
        self._layout = sources.dataset.layout
        self._model = _opened(sources.model)
        self._share = np.float32(sources.share)

    def records(self, indices: Sequence[int]) -> Iterator[FaceRecord]:
        """Records of the chosen faces, in that order."""
        for index in indices:
            if index >= self._train_count:
                yield self._val.record(index - self._train_count)
            else:
                yield self._relabelled(self._train.record(index), np.random.default_rng(index))

    def _relabelled(self, record: FaceRecord, rng: np.random.Generator) -> FaceRecord:
        predicted = model_landmarks(self._model, record, self._layout, rng)
        landmarks = record.landmarks + self._share * (predicted - record.landmarks)
        landmarks[:, 2] -= landmarks[:, 2].mean()
        return replace(record, landmarks=landmarks)


def model_landmarks(
    model: ScoredModel, record: FaceRecord, layout: Layout, rng: np.random.Generator
) -> FloatArray:
    """A model's landmarks (N, 3) in px of a record's photo, averaged over VIEWS crops."""
    size_px, image = model.input_size_px, record.image()
    regions = [augmented_region(record.landmarks, MOVED, rng) for _ in range(VIEWS)]
    crops = np.stack([region.extract(image, size_px) for region in regions])
    in_mirror = slice(1, None, 2) if has_mirror_pairs(layout) else slice(0)
    crops[in_mirror] = crops[in_mirror, :, ::-1]
    predicted = model.landmarks(crops)
    predicted[in_mirror] = predicted[in_mirror][:, layout.mirror] * np.array([-1, 1, 1], np.float32)
    in_photo = [
        region.to_image(from_crop_units(units, size_px), size_px)
        for region, units in zip(regions, predicted)
    ]
    return np.asarray(np.mean(in_photo, axis=0, dtype=np.float32))


def _opened(model: Path) -> ScoredModel:
    """The model, without what LiteRT prints of its delegate once in every process."""
    with stderr_of_libraries_closed():
        return ScoredModel.open(model)
