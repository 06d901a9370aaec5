"""Results as NumPy archives, one file per image, and back."""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np

from edge_runtime.arrays import FloatArray
from edge_runtime.atomic_file import write_whole
from edge_runtime.blendshapes import BLENDSHAPE_NAMES
from edge_runtime.crop import Box
from edge_runtime.errors import ResultFileError
from edge_runtime.face_landmarks import FaceLandmarks, VisibilitySource
from edge_runtime.layout import layout520
from edge_runtime.pose import HeadPose
from edge_runtime.results.result_json import ImageResult

FORMAT = "face520-result-npz"
VERSION = 2
READABLE_VERSIONS = (1, VERSION)  # 1 had neither expression nor visibility_from
NO_TRACK = -1
# What NumPy and zipfile raise on files that are no archive, or a damaged one.
UNREADABLE = (
    OSError, EOFError, ValueError, KeyError, TypeError, AttributeError, NotImplementedError,
    RuntimeError, zipfile.BadZipFile, zlib.error,
)  # fmt: skip


def write_npz(path: Path, result: ImageResult) -> None:
    """Write a result of F faces without loss. Raises OutputWriteError.

    Arrays: points (F, 520, 3) float32 px, visibility (F, 520) float32, presence (F,), boxes (F, 4)
    left, top, right, bottom in px, poses_deg (F, 3) yaw, pitch, roll, track_ids (F,) with -1 for
    none, expression (F, 52) float32 with NaN for what is not known, visibility_from (F,) "network"
    or "skin"; about: a JSON text with format, version, image, width, height, model, layout.
    """
    faces, count = result.faces, len(layout520())
    about = {
        "format": FORMAT,
        "version": VERSION,
        "image": result.image,
        "width": result.width,
        "height": result.height,
        "model": result.model,
        "layout": layout520().reference,
    }
    boxes = [(f.box.left, f.box.top, f.box.right, f.box.bottom) for f in faces]
    poses = [(f.pose.yaw_deg, f.pose.pitch_deg, f.pose.roll_deg) for f in faces]
    ids = [NO_TRACK if f.track_id is None else f.track_id for f in faces]
    unknown = np.full(len(BLENDSHAPE_NAMES), np.nan)
    expressions = [unknown if f.expression is None else f.expression for f in faces]
    encoded = io.BytesIO()
    np.savez_compressed(
        encoded,
        about=np.array(json.dumps(about)),
        points=np.array([f.points for f in faces], np.float32).reshape(-1, count, 3),
        visibility=np.array([f.visibility for f in faces], np.float32).reshape(-1, count),
        presence=np.array([f.presence for f in faces], np.float64),
        boxes=np.array(boxes, np.float64).reshape(-1, 4),
        poses_deg=np.array(poses, np.float64).reshape(-1, 3),
        track_ids=np.array(ids, np.int64),
        expression=np.array(expressions, np.float32).reshape(-1, len(BLENDSHAPE_NAMES)),
        visibility_from=np.array([f.visibility_from for f in faces], "U7"),
    )
    write_whole(path, encoded.getvalue())


def read_npz(path: Path) -> ImageResult:
    """Read what `write_npz` wrote. Raises ResultFileError."""
    try:
        with np.load(path, allow_pickle=False) as stored:
            about = json.loads(str(stored["about"]))
            if about["format"] != FORMAT or about["version"] not in READABLE_VERSIONS:
                raise ValueError(f"format {about['format']} version {about['version']}")
            rows = zip(
                stored["points"].reshape(-1, len(layout520()), 3),
                stored["visibility"].reshape(-1, len(layout520())),
                stored["presence"].tolist(),
                stored["boxes"].tolist(),
                stored["poses_deg"].tolist(),
                stored["track_ids"].tolist(),
                *_version_2(stored, len(stored["points"])),
                strict=True,
            )
            faces = [
                FaceLandmarks(
                    points=points,
                    presence=presence,
                    box=Box(*box),
                    pose=HeadPose(*pose),
                    visibility=visibility,
                    track_id=None if track_id == NO_TRACK else track_id,
                    expression=None if np.isnan(expression).all() else expression,
                    visibility_from=source,
                )
                for points, visibility, presence, box, pose, track_id, expression, source in rows
            ]
        return ImageResult(about["image"], about["width"], about["height"], about["model"], faces)
    except UNREADABLE as error:
        raise ResultFileError(
            f"{path}: not a face520 archive of version 1 to {VERSION} ({error!r}). "
            "Give an NPZ file written by face520-run."
        ) from error


def _version_2(stored: Any, count: int) -> tuple[FloatArray, list[VisibilitySource]]:
    """Expression (F, 52) and visibility_from of each face, which version 1 did not tell."""
    if "expression" not in stored:
        return np.full((count, len(BLENDSHAPE_NAMES)), np.nan, np.float32), ["skin"] * count
    return stored["expression"], stored["visibility_from"].tolist()
