"""The landmark network with its contract: a square of the image in, 520 points in image px out."""

from __future__ import annotations

from math import isclose
from pathlib import Path

import numpy as np

from edge_runtime.arrays import FloatArray, Uint8Image
from edge_runtime.crop import SIDE_OVER_BOX, CropRegion, from_crop_units
from edge_runtime.errors import ModelFileError
from edge_runtime.layout import layout520
from edge_runtime.network.contract import CROP_RULE, ModelContract, read_model
from edge_runtime.network.interpreter import Interpreter
from edge_runtime.timings import Timings


class LandmarkModel:
    """A .tflite file written by face520-convert, ready to run.

    Raises ModelFileError for a file that is absent, damaged or made for other landmarks;
    InterpreterMissingError without an interpreter.
    """

    def __init__(self, path: Path, num_threads: int = 1) -> None:
        self.path = path
        content = read_model(path)
        self.contract = ModelContract.from_bytes(content, path)
        _check_contract(self.contract, path)
        self._interpreter = Interpreter(
            path, num_threads, self.contract.input_mean, self.contract.input_std, content
        )
        self._landmark_output, self._presence_output = self._find_outputs()

    @property
    def runtime(self) -> str:
        """The interpreter that runs the model, such as `ai-edge-litert`."""
        return self._interpreter.runtime

    def run(
        self, image: Uint8Image, region: CropRegion, timings: Timings
    ) -> tuple[FloatArray, float | None]:
        """Points (520, 3) in image px, and the presence that the model reports, if any.

        The time of each stage is added to timings.
        """
        size_px = self.contract.input_size_px
        with timings.measure("crop_ms"):
            crop = region.extract(image, size_px)
        with timings.measure("invoke_ms"):
            outputs = self._interpreter.invoke(crop)
        timings.invocations += 1
        with timings.measure("finish_ms"):
            units = outputs[self._landmark_output].reshape(-1, 3) * self.contract.output_std
            units += self.contract.output_mean
            points = region.to_image(from_crop_units(units, size_px), size_px)
            points[:, 2] -= points[:, 2].mean()
        if self._presence_output is None:
            return points, None
        return points, float(outputs[self._presence_output].reshape(()))

    def _find_outputs(self) -> tuple[int, int | None]:
        """Indices of landmarks and presence; by size, since converters rename outputs."""
        sizes = [int(np.prod(output.shape)) for output in self._interpreter.outputs]
        wanted = [self.contract.output_mean.size] + [1] * self.contract.has_presence
        size_px = self._interpreter.input_size_px
        if sorted(sizes) != sorted(wanted) or size_px != self.contract.input_size_px:
            raise ModelFileError(
                f"{self.path}: the model (input {size_px} px, outputs of {sizes} values) "
                f"and its contract (input {self.contract.input_size_px} px, outputs of {wanted} "
                "values) differ. Convert the model again."
            )
        return sizes.index(wanted[0]), sizes.index(1) if self.contract.has_presence else None


def _check_contract(contract: ModelContract, path: Path) -> None:
    layout = layout520()
    if contract.layout != layout.reference or len(contract.output_mean) != len(layout):
        raise ModelFileError(
            f"{path}: made for the landmarks {contract.layout}, while this version of face520 "
            f"reads {layout.reference}. Convert the model again or use the bundled one."
        )
    side_agrees = isclose(contract.crop_side_over_box, SIDE_OVER_BOX, rel_tol=1e-4)
    if contract.crop_rule != CROP_RULE or not side_agrees:
        raise ModelFileError(
            f"{path}: trained on crops by the rule {contract.crop_rule} "
            f"({contract.crop_side_over_box:.4f}), while this version of face520 crops by "
            f"{CROP_RULE} ({SIDE_OVER_BOX:.4f}). Use the bundled model."
        )
