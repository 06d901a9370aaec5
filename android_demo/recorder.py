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
from edge_runtime.detection.blazeface import ANCHOR_COUNT, BLAZEFACE_PATH
from edge_runtime.network.interpreter import NetworkRun

FRAMES = 6
FRAME_MS = 33.0
# Two faces: so many frames, so far apart that a search for new faces falls between them.
MOST_FACES, FACE_FRAMES, FACE_FRAME_MS = 3, 20, 150.0
SECOND_AT, GONE_AT, BACK_AT = 3, 10, 15
# Small faces: a film longer than a sweep of the far search, the face away long enough to be lost.
FAR_FRAMES, FAR_GONE_AT, FAR_BACK_AT = 22, 14, 17
GREY = 90
# Of what the detector says, only anchors as likely as this are kept: the others stand for nothing.
LEAST_LOGIT = -3.0


@dataclass(frozen=True, eq=False)
class Run:
    """One run: the model's file name, its input (S, S, 3) uint8 and its outputs."""

    model: str
    crop: Uint8Image
    outputs: list[FloatArray]

    def to_json(self) -> Any:
        """Sum of the input's values, and the outputs as flat lists; BlazeFace's likely anchors."""
        written: dict[str, Any] = {
            "model": self.model,
            "input_sum": int(self.crop.astype(int).sum()),
        }
        if self.model == BLAZEFACE_PATH.name:
            return written | {"anchors": self._likely_anchors()}
        return written | {"outputs": [output.reshape(-1).tolist() for output in self.outputs]}

    def _likely_anchors(self) -> list[list[float]]:
        """Place, logit and 16 regressors of each."""
        logits, regressors = (
            next(output.reshape(ANCHOR_COUNT, -1) for output in self.outputs if output.size == size)
            for size in (ANCHOR_COUNT, ANCHOR_COUNT * 16)
        )
        likely = np.flatnonzero(logits > LEAST_LOGIT)
        return [[at, *logits[at].tolist(), *regressors[at].tolist()] for at in likely.tolist()]


class Recorder:
    """A landmarker on one model; `runs` grows with each network that it runs."""

    def __init__(self, model: Path, max_faces: int = 1) -> None:
        self.runs: list[Run] = []
        self.landmarker = FaceLandmarker(
            FaceLandmarkerOptions(
                model,
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
    head = head_of(image)
    frames = []
    for number in range(FACE_FRAMES):
        frame = np.full((320, 640, 3), GREY, np.uint8)
        if number < GONE_AT or number >= BACK_AT:
            frame[30 : 30 + 240, 20 + 2 * number : 20 + 2 * number + 240] = head
        if number >= SECOND_AT:
            frame[60 : 60 + 240, 380 - number : 380 - number + 240] = head[:, ::-1]
        frames.append(frame)
    return _recorded_film(folder, "faces", frames, model)


def recorded_far_faces(folder: Path, image: Uint8Image, model: Path) -> Any:
    """A face too small for the whole frame's search in a video: it is found, lost and found again.

    It is tilted, so that the window in which a lost face is looked for is, too.
    """
    turn = cv2.getRotationMatrix2D((120, 95), 12.0, 1.0)
    head = cv2.warpAffine(head_of(image), turn, (240, 240), borderMode=cv2.BORDER_REPLICATE)
    small = cv2.resize(head, (72, 72), interpolation=cv2.INTER_AREA)
    frames = []
    for number in range(FAR_FRAMES):
        frame = np.full((480, 640, 3), GREY, np.uint8)
        if number < FAR_GONE_AT or number >= FAR_BACK_AT:
            frame[90 : 90 + 72, 480 - number : 480 - number + 72] = small
        frames.append(frame)
    return _recorded_film(folder, "far", frames, model)


def head_of(image: Uint8Image) -> Uint8Image:
    """The bundled photo's head (240, 240, 3)."""
    return image[20:260, 110:350]


def _recorded_film(folder: Path, name: str, frames: list[Uint8Image], model: Path) -> Any:
    written = []
    recorder = Recorder(model, MOST_FACES)
    for number, frame in enumerate(frames):
        file = f"{name}{number}.png"
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
