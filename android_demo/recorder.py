"""Runs of the Python runtime, recorded: what went into each network and what came out.

The Kotlin tests replay them in place of the networks, which the JVM cannot run.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from edge_runtime import FaceLandmarker, FaceLandmarkerOptions, FaceLandmarks
from edge_runtime.arrays import FloatArray, Uint8Image
from edge_runtime.crop import CropRegion
from edge_runtime.detection.blazeface import BlazeFace
from edge_runtime.detection.detector import FaceDetection
from edge_runtime.network.interpreter import NetworkRun

FRAMES = 6
FRAME_MS = 33.0
# Two faces: so many frames, so far apart that a search for new faces falls between them.
MOST_FACES, FACE_FRAMES, FACE_FRAME_MS = 3, 20, 150.0
SECOND_AT, GONE_AT, BACK_AT = 3, 10, 15


@dataclass(frozen=True, eq=False)
class Run:
    """One run: the model's file name, its input (S, S, 3) uint8 and its outputs."""

    model: str
    crop: Uint8Image
    outputs: list[FloatArray]

    def to_json(self) -> Any:
        """Sum of the input's values, and the outputs as flat lists."""
        outputs = [output.reshape(-1).tolist() for output in self.outputs]
        return {
            "model": self.model,
            "input_sum": int(self.crop.astype(int).sum()),
            "outputs": outputs,
        }


class BlazeFaceAlone:
    """BlazeFace without far search and hints, which the port does not have."""

    def __init__(self, blazeface: BlazeFace) -> None:
        self._blazeface = blazeface

    def detect(self, image: Uint8Image) -> list[FaceDetection]:
        """Faces, as BlazeFace by itself finds them."""
        return self._blazeface.detect(image)


class Recorder:
    """A landmarker on one model; `runs` grows with each network that it runs."""

    def __init__(self, model: Path, max_faces: int = 1) -> None:
        self.runs: list[Run] = []
        self.landmarker = FaceLandmarker(
            FaceLandmarkerOptions(
                model,
                detector=BlazeFaceAlone(BlazeFace(on_run=self._record)),
                num_threads=1,
                max_faces=max_faces,
                on_run=self._record,
            )
        )

    def _record(self, run: NetworkRun) -> None:
        outputs = [output.copy() for output in run.outputs]
        self.runs.append(Run(run.model.name, run.image.copy(), outputs))


def recorded_detection(recorder: Recorder, image: Uint8Image) -> Any:
    """`FaceLandmarker.detect` on an image: its runs and the face it finds."""
    recorder.runs.clear()
    faces = recorder.landmarker.detect(image)
    return {
        "runs": [run.to_json() for run in recorder.runs],
        "faces": [face_to_golden(f) for f in faces],
    }


def recorded_track(image: Uint8Image, model: Path) -> Any:
    """`FaceLandmarker.track` while a photo is shifted from frame to frame, then blank frames."""
    frames = [np.roll(image, (2 * number, 3 * number), axis=(0, 1)) for number in range(FRAMES)]
    frames += [np.zeros_like(image)] * 3
    written = []
    recorder = Recorder(model)
    for number, frame in enumerate(frames):
        recorder.runs.clear()
        faces = recorder.landmarker.track(frame, number * FRAME_MS)
        written.append(
            {
                "shift": [3 * number, 2 * number] if number < FRAMES else None,
                "time_ms": number * FRAME_MS,
                "runs": [run.to_json() for run in recorder.runs],
                "faces": [face_to_golden(face) for face in faces],
            }
        )
    return {"model": str(model), "frames": written}


def recorded_faces(folder: Path, image: Uint8Image, model: Path) -> Any:
    """Two faces in a video: one comes later, the first goes for a while and comes back.

    Frames are stored as PNG files.
    """
    head = image[20:260, 110:350]
    written = []
    recorder = Recorder(model, MOST_FACES)
    for number in range(FACE_FRAMES):
        frame = np.full((320, 640, 3), 90, np.uint8)
        if number < GONE_AT or number >= BACK_AT:
            frame[30 : 30 + 240, 20 + 2 * number : 20 + 2 * number + 240] = head
        if number >= SECOND_AT:
            frame[60 : 60 + 240, 380 - number : 380 - number + 240] = head[:, ::-1]
        file = f"faces{number}.png"
        cv2.imwrite(str(folder / file), frame[:, :, ::-1])
        recorder.runs.clear()
        faces = recorder.landmarker.track(frame, number * FACE_FRAME_MS)
        written.append(
            {
                "file": file,
                "time_ms": number * FACE_FRAME_MS,
                "runs": [run.to_json() for run in recorder.runs],
                "faces": [face_to_golden(face) for face in faces],
            }
        )
    return {"model": str(model), "max_faces": MOST_FACES, "frames": written}


def with_nulls(values: FloatArray | None) -> list[float | None]:
    """As a list for JSON, which has no NaN; empty for None."""
    return (
        [] if values is None else [None if value != value else value for value in values.tolist()]
    )


def face_to_golden(face: FaceLandmarks) -> Any:
    """What the Kotlin tests compare of a face."""
    return {
        "points": face.points.tolist(),
        "presence": face.presence,
        "visibility": face.visibility.tolist(),
        "visibility_from": face.visibility_from,
        "expression": with_nulls(face.expression),
        "openings": list(astuple(face.openings)),
        "pose": [face.pose.yaw_deg, face.pose.pitch_deg, face.pose.roll_deg],
        "track_id": face.track_id,
        "around": CropRegion.around_landmarks(face.points).side_px,
    }
