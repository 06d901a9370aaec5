"""A tf_keras model together with the affine that turns its outputs into crop units."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np

from conversion.layer_graph import GraphModel
from edge_runtime.arrays import FloatArray, Uint8Image
from training.dataset.data_source import DataSource
from training.network.model import network_input
from training.network.standardisation import Standardisation
from training.run.trained_model import TrainedModel


@dataclass(frozen=True, eq=False)
class Network:
    """What is converted. standardisation: of this model's outputs; it goes into the contract.

    Equalisation changes both together, so that the points stay where they were. quantized_on: the
    photos of its quantization-aware training, where it had one that tells.
    """

    model: GraphModel
    standardisation: Standardisation
    quantized_on: DataSource | None = None

    @classmethod
    def of(cls, trained: TrainedModel) -> Network:
        """The trained model in tf_keras, whose graphs the converter and tfmot understand."""
        import tf_keras

        # tf_keras builds graphs of layers; Keras 3 would not.
        model = cast(GraphModel, trained.build(tf_keras))
        return cls(model, trained.standardisation)

    @property
    def size_px(self) -> int:
        """Side S of the square input."""
        return self.model.input_shape[1]

    def run(self, crops: Uint8Image) -> dict[str, FloatArray]:
        """Each output by name, of RGB crops: landmarks (B, N, 3) in crop units, others (B, n)."""
        outputs = self.model.predict(network_input(crops), verbose=0)
        found = {name: np.asarray(values) for name, values in outputs.items()}
        return found | {"landmarks": self.standardisation.undo(found["landmarks"])}
