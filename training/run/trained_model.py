"""A trained model: weights, configuration and provenance, from a run or a release folder."""

from __future__ import annotations

import json
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from edge_runtime.atomic_file import whole_file, write_whole
from edge_runtime.blendshapes import BlendshapeScale
from training.dataset.data_source import DataSource
from training.dataset.manifest import file_sha256
from training.errors import TrainedModelError
from training.face.blendshape_labels import UNKNOWN_BLENDSHAPES
from training.network.keras_model import KerasModel
from training.network.model import build_model
from training.network.regressor_config import RegressorConfig
from training.network.standardisation import Standardisation
from training.run.run_folder import CONFIG_FILE, RunFolder

SMALL_ARRAY_BYTES = 8192
RELEASE_WEIGHTS, RELEASE_FILE = "model.weights.h5", "model.json"
LEARNED_FROM = "learned_from"  # in the provenance


@dataclass(frozen=True, eq=False)
class TrainedModel:
    """Weights on disk and what is needed to use them.

    provenance: the experiment's settings, git revision and data hashes. scores: NME and the like,
    empty until measured. expression_at_rest: what its blendshapes are on faces at rest (52), or
    empty: not measured, or none.
    """

    name: str
    version: str
    config: RegressorConfig
    standardisation: Standardisation
    weights: Path
    provenance: dict[str, Any]
    scores: dict[str, float]
    expression_at_rest: tuple[float, ...] = ()

    @classmethod
    def open(cls, folder: Path) -> TrainedModel:
        """Read a release folder, or the best checkpoint of a run folder."""
        if (folder / RELEASE_FILE).is_file():
            return cls._from_release(folder)
        if (folder / CONFIG_FILE).is_file():
            return cls._from_run(RunFolder(folder))
        raise TrainedModelError(
            f"{folder}: holds neither a training run ({CONFIG_FILE}) nor a released model "
            f"({RELEASE_FILE})."
        )

    @classmethod
    def _from_release(cls, folder: Path) -> TrainedModel:
        path = folder / RELEASE_FILE
        try:
            stored = json.loads(path.read_text())
            return cls(
                name=stored["name"],
                version=stored["version"],
                config=RegressorConfig.from_json(stored["model"]),
                standardisation=Standardisation.from_json(stored["standardisation"]),
                weights=folder / RELEASE_WEIGHTS,
                provenance=stored["provenance"],
                scores=stored["scores"],
                expression_at_rest=tuple(stored.get("expression_at_rest", ())),
            )
        except (ValueError, KeyError, TypeError) as error:
            raise TrainedModelError(
                f"{path}: not a model that face520-train released ({error!r}). "
                "Release the run again."
            ) from error

    @classmethod
    def _from_run(cls, run: RunFolder) -> TrainedModel:
        return cls(
            name=run.config()["name"],
            version="0",
            config=run.model_config(),
            standardisation=run.standardisation(),
            weights=run.best_weights,
            provenance=run.config(),
            scores={"val_nme_percent": best} if isfinite(best := run.best_nme_percent()) else {},
        )

    @property
    def learned_from(self) -> tuple[DataSource, ...]:
        """The photos of this training, then those of the trainings that it started from.

        Raises TrainedModelError where the folder tells it in another form.
        """
        stored = self.provenance.get(LEARNED_FROM)
        if stored is None:  # a run begun before runs told it
            return (DataSource(f"{self.name} {self.version}"),)
        try:
            return tuple(DataSource(**one) for one in stored)
        except TypeError as error:
            raise TrainedModelError(
                f"{self.weights.parent}: its {LEARNED_FROM!r} cannot be read ({error})."
            ) from error

    @property
    def blendshapes(self) -> BlendshapeScale:
        """How its expression output is read."""
        return BlendshapeScale.of(self.expression_at_rest, UNKNOWN_BLENDSHAPES)

    def build(self, keras: ModuleType) -> KerasModel:
        """The Keras model with its weights; keras is `keras` or `tf_keras`."""
        if not self.weights.is_file():
            raise TrainedModelError(f"{self.weights}: no weights yet; train for an epoch first.")
        model = build_model(self.config, keras)
        try:
            model.load_weights(str(self.weights))
        except (ValueError, OSError, KeyError) as error:
            raise TrainedModelError(
                f"{self.weights}: does not fit {self.config} ({error})."
            ) from error
        return model

    def release(self, folder: Path, name: str, version: str, scores: dict[str, float]) -> None:
        """Write a release folder: weights as gzipped float16, everything else as JSON.

        The weights are rounded once, here; every file converted from the release starts from the
        rounded ones.
        """
        with whole_file(folder / RELEASE_WEIGHTS) as temporary:
            _copy_as_float16(self.weights, temporary)
        self.tell(folder, name, version, scores)

    def tell(self, folder: Path, name: str, version: str, scores: dict[str, float]) -> None:
        """Write a release folder's JSON alone: all that is known of weights that lie there."""
        content = {
            "name": name,
            "version": version,
            "model": self.config.to_json(),
            "scores": scores,
            "expression_at_rest": self.expression_at_rest,
            "provenance": self.provenance,
            "standardisation": self.standardisation.to_json(),
        }
        write_whole(folder / RELEASE_FILE, (json.dumps(content) + "\n").encode())


def _copy_as_float16(source: Path, target: Path) -> None:
    """Copy a Keras `.weights.h5`, optimizer state left out, arrays as gzipped float16."""
    import h5py  # not needed to read a release, nor for a .tflite file

    with h5py.File(source) as full, h5py.File(target, "w", libver="latest") as small:

        def copy(path: str, item: Any) -> None:
            if path.split("/")[0] == "optimizer":
                return
            if isinstance(item, h5py.Dataset):
                rounded = item[()].astype(np.float16)
                # Packing costs two kB of index per array.
                packing = "gzip" if rounded.nbytes > SMALL_ARRAY_BYTES else None
                small.create_dataset(
                    path, data=rounded, compression=packing, shuffle=packing is not None
                )
            else:
                small.require_group(path)
            for key, value in item.attrs.items():
                small[path].attrs[key] = value

        full.visititems(copy)
        for key, value in full.attrs.items():
            small.attrs[key] = value


def weights_sha256(model: Path) -> str:
    """Of a file (.tflite, .npz), or of a run or release folder's weights.

    Raises TrainedModelError for a folder without a model.
    """
    if model.is_file():
        return file_sha256(model)
    return file_sha256(TrainedModel.open(model).weights)
