"""Results as JSON, one file per image, and back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from edge_runtime.arrays import FloatArray
from edge_runtime.atomic_file import write_whole
from edge_runtime.blendshapes import BLENDSHAPE_NAMES
from edge_runtime.crop import Box
from edge_runtime.errors import ResultFileError
from edge_runtime.face_landmarks import FaceLandmarks
from edge_runtime.layout import layout520
from edge_runtime.pose import HeadPose

FORMAT = "face520-result"
# Version 1 had no expression, and its openings were the aspect ratios of now.
VERSION = 2
READABLE_VERSIONS = (1, VERSION)


@dataclass(frozen=True)
class ImageResult:
    """The faces of one image of width x height px, found by a model.

    The JSON file holds the same fields; `edge_runtime/result.schema.json` describes it.
    """

    image: str
    width: int
    height: int
    model: str
    faces: Sequence[FaceLandmarks]


def write_json(path: Path, result: ImageResult) -> None:
    """Write a result, points rounded to 1/1000 px. Raises OutputWriteError."""
    write_whole(path, (json.dumps(result_to_json(result), ensure_ascii=False) + "\n").encode())


def result_to_json(result: ImageResult) -> dict[str, Any]:
    """The object that stands for a result."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "image": result.image,
        "width": result.width,
        "height": result.height,
        "model": result.model,
        "layout": layout520().reference,
        "faces": [face_to_json(face) for face in result.faces],
    }


def read_json(path: Path) -> ImageResult:
    """Read what `write_json` wrote. Raises ResultFileError."""
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        if stored["format"] != FORMAT or stored["version"] not in READABLE_VERSIONS:
            raise ValueError(f"format {stored['format']} version {stored['version']}")
        faces = [_face_from_json(face) for face in stored["faces"]]
        return ImageResult(
            stored["image"], stored["width"], stored["height"], stored["model"], faces
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ResultFileError(
            f"{path}: not a face520 result of version 1 to {VERSION} ({error!r}). "
            "Give a JSON file written by face520-run."
        ) from error


def face_to_json(face: FaceLandmarks, with_points: bool = True) -> dict[str, Any]:
    """The object that stands for a face in every JSON output.

    with_points: with its points and their visibility, which are most of it and most of the work.
    """
    numbered: dict[str, Any] = {} if face.track_id is None else {"track_id": face.track_id}
    if face.blinking is not None:
        numbered["blinking"] = {
            name: round(value, 3) for name, value in asdict(face.blinking).items()
        }
    expression = {} if face.expression is None else {"expression": _by_name(face.expression)}
    points: dict[str, Any] = {}
    if with_points:
        points = {
            "points": np.round(face.points.astype(float), 3).tolist(),
            "visibility": np.round(face.visibility.astype(float), 3).tolist(),
        }
    return (
        numbered
        | {
            "presence": round(face.presence, 4),
            "box": {name: round(value, 3) for name, value in asdict(face.box).items()},
            "pose": {name: round(value, 2) for name, value in asdict(face.pose).items()},
            "openings": {name: round(value, 4) for name, value in asdict(face.openings).items()},
            "aspect_ratios": {
                name: round(value, 4) for name, value in asdict(face.aspect_ratios).items()
            },
        }
        | points
        | {"visibility_from": face.visibility_from}
        | expression
    )


def _face_from_json(stored: dict[str, Any]) -> FaceLandmarks:
    return FaceLandmarks(
        points=np.array(stored["points"], np.float32).reshape(len(layout520()), 3),
        presence=stored["presence"],
        box=Box(**stored["box"]),
        pose=HeadPose(**stored["pose"]),
        visibility=np.array(stored["visibility"], np.float32).reshape(len(layout520())),
        track_id=stored.get("track_id"),
        expression=_in_order(stored["expression"]) if "expression" in stored else None,
        visibility_from=stored.get("visibility_from", "skin"),
    )


def _by_name(expression: FloatArray) -> dict[str, float | None]:
    """Coefficients under their names, None for those that are not known."""
    values = [None if np.isnan(value) else round(value, 4) for value in expression.tolist()]
    return dict(zip(BLENDSHAPE_NAMES, values, strict=True))


def _in_order(stored: dict[str, float | None]) -> FloatArray:
    """Coefficients (52,) as an array, NaN for None."""
    return np.array([stored[name] for name in BLENDSHAPE_NAMES], np.float32)
