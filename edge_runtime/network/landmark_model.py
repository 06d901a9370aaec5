"""The landmark network with its contract: a square of the image in, what it shows out."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from math import isclose
from pathlib import Path
from time import perf_counter

import numpy as np

from edge_runtime.arrays import FloatArray, Uint8Image
from edge_runtime.blendshapes import BLENDSHAPE_MIRROR, BlendshapeScale
from edge_runtime.crop import SIDE_OVER_BOX, CropRegion
from edge_runtime.errors import ModelFileError
from edge_runtime.face_landmarks import FaceLandmarks
from edge_runtime.layout import layout520
from edge_runtime.network.contract import CROP_RULE, ModelContract, read_model
from edge_runtime.network.interpreter import Interpreter, OnRun
from edge_runtime.timings import Timings, ms_since


@dataclass(frozen=True, eq=False)
class Prediction:
    """What the network says of one square; None for an output that the model does not have.

    points (520, 3) in image px, z 0 at their mean. presence: probability of a face. expression
    (52,): 0 to 1, NaN where the value means nothing. visibility (520,): probability that the camera
    sees the landmark.
    """

    points: FloatArray
    presence: float | None = None
    expression: FloatArray | None = None
    visibility: FloatArray | None = None

    def face(self, presence: float, track_id: int | None = None) -> FaceLandmarks:
        """The result that callers get; its presence may have been measured otherwise."""
        return FaceLandmarks(
            points=self.points,
            presence=presence,
            visibility=self.visibility,
            track_id=track_id,
            expression=self.expression,
            visibility_from="skin" if self.visibility is None else "network",
        )


class LandmarkModel:
    """A .tflite file written by face520-convert, ready to run.

    Raises ModelFileError for a file that is absent, damaged or made for other landmarks;
    InterpreterMissingError without an interpreter. Of a file with outputs that this version does
    not know the others are read, and a warning (UserWarning) names those left out. on_run is called
    with each run of the network.
    """

    def __init__(self, path: Path, num_threads: int = 1, on_run: OnRun | None = None) -> None:
        self.path = path
        content = read_model(path)
        self.contract = ModelContract.from_bytes(content, path)
        _check_contract(self.contract, path)
        self._interpreter = Interpreter(
            path, num_threads, self.contract.input_mean, self.contract.input_std, content, on_run
        )
        self._output_places = self._find_outputs()
        self.blendshapes = BlendshapeScale.of(
            self.contract.expression_at_rest, self.contract.unknown_blendshapes
        )
        if self.contract.unknown_outputs:
            warnings.warn(
                f"{path}: its output {', '.join(self.contract.unknown_outputs)} is not known to "
                "this version of face520 and is left out; the others are read. Update face520 to "
                "get it.",
                stacklevel=2,
            )

    @property
    def runtime(self) -> str:
        """The interpreter that runs the model, such as `ai-edge-litert`."""
        return self._interpreter.runtime

    @property
    def numbers(self) -> str:
        """What the network computes with or its weights are stored as: int8, float16, float32."""
        return self._interpreter.numbers

    def run(
        self, image: Uint8Image, region: CropRegion, timings: Timings, mirrored: bool = False
    ) -> Prediction:
        """What the square of the image shows; the time of each stage is added to timings.

        mirrored: the network sees the square in a mirror; what it says is carried back, so that
        only its mistakes differ.
        """
        size_px = self.contract.input_size_px
        start = perf_counter()
        crop = region.extract(image, size_px)
        if mirrored:
            crop = np.ascontiguousarray(crop[:, ::-1])
        timings.crop_ms += ms_since(start)
        start = perf_counter()
        outputs = self._interpreter.invoke(crop)
        timings.invoke_ms += ms_since(start)
        timings.invocations += 1
        start = perf_counter()
        named = {name: outputs[at] for name, at in self._output_places.items()}
        units = named["landmarks"].reshape(-1, 3) * self.contract.output_std
        units += self.contract.output_mean
        presence = expression = visibility = None
        if "presence" in named:
            presence = named["presence"].item()
        if "expression" in named:
            expression = named["expression"].reshape(-1)
        if "visibility" in named:
            visibility = named["visibility"].reshape(-1)
        if mirrored:
            mirror = layout520().mirror
            units = units[mirror]
            units[:, 0] *= -1
            expression = None if expression is None else expression[BLENDSHAPE_MIRROR]
            visibility = None if visibility is None else visibility[mirror]
        if expression is not None:
            expression = self.blendshapes.read(expression)
        points = region.units_to_image(units)
        timings.finish_ms += ms_since(start)
        return Prediction(points, presence, expression, visibility)

    def run_on_crops(self, crops: Uint8Image) -> list[Prediction]:
        """What each of the crops (C, S, S, 3) of the model's own size shows, points in crop px."""
        size_px = self.contract.input_size_px
        # The crop as an image of its own: the square that spans all of it.
        whole = CropRegion((size_px - 1) / 2, (size_px - 1) / 2, size_px)
        return [self.run(crop, whole, Timings()) for crop in crops]

    def _find_outputs(self) -> dict[str, int]:
        """Where each known output stands in the file."""
        contract = self.contract
        sizes = [int(np.prod(output.shape)) for output in self._interpreter.outputs]
        wanted = {n: size for n, size in contract.output_sizes.items() if n in contract.outputs}
        places = {name: _place(name, size, sizes, contract) for name, size in wanted.items()}
        size_px = self._interpreter.input_size_px
        is_whole = len(sizes) == len(contract.outputs) and size_px == contract.input_size_px
        found = {name: at for name, at in places.items() if at is not None}
        if not is_whole or len(found) < len(wanted):
            expected = [f"{name} ({wanted.get(name, 'unknown')})" for name in contract.outputs]
            raise ModelFileError(
                f"{self.path}: the model (input {size_px} px, outputs of {sizes} values) "
                f"and its contract (input {contract.input_size_px} px, outputs "
                f"{', '.join(expected)}) differ. Convert the model again."
            )
        return found


def _place(name: str, size: int, sizes: list[int], contract: ModelContract) -> int | None:
    """The only output of that size; of several, as an unknown output may be as large, its own."""
    places = [at for at, one in enumerate(sizes) if one == size]
    own = contract.outputs.index(name)
    if len(places) > 1:
        return own if own in places else None
    return places[0] if places else None


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
