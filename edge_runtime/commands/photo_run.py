"""What face520-run does with photos."""

from __future__ import annotations

import json
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path

import cv2
from rich.text import Text

from edge_runtime.arrays import Uint8Image
from edge_runtime.commands.outputs import RunOutputs
from edge_runtime.console import NOTHING_DONE, SOME_FAILED, Reporter, print_line
from edge_runtime.drawing import Style, draw_landmarks
from edge_runtime.errors import Face520Error
from edge_runtime.face_landmarker import FaceLandmarker
from edge_runtime.face_landmarks import FaceLandmarks
from edge_runtime.files.input_files import DRAWN_SUFFIX
from edge_runtime.image_file import read_image, write_jpeg
from edge_runtime.results.output_names import output_stems, readable_name
from edge_runtime.results.result_csv import write_csv, write_faces_csv
from edge_runtime.results.result_json import ImageResult, result_to_json, write_json
from edge_runtime.results.result_mesh import write_ply, write_textured_obj
from edge_runtime.results.result_npz import write_npz


def run_photos(
    images: Sequence[Path], landmarker: FaceLandmarker, outputs: RunOutputs, reporter: Reporter
) -> int:
    """Process every image; returns the exit code."""
    model = landmarker.model_name
    inputs = {path.resolve() for path in images}
    failed = face_count = 0
    for image_path, stem in zip(images, output_stems(images), strict=True):
        try:
            image = read_image(image_path)
            faces = landmarker.detect(image)
            written = _write(outputs, stem, image_path, image, faces, model, inputs)
        except Face520Error as error:
            reporter.complain(str(error))
            failed += 1
            continue
        except (MemoryError, cv2.error) as error:
            reason = getattr(error, "err", "") or "too little memory"
            reporter.complain(f"{image_path}: cannot be searched ({reason}). Scale it down.")
            failed += 1
            continue
        except BrokenPipeError:  # the reader of --json -, such as `head`, has had enough
            break
        face_count += len(faces)
        _report(image_path, faces, landmarker, written, reporter)
    if failed:
        reporter.complain(f"{failed} of {len(images)} files failed.")
    if failed == len(images) or not face_count:
        return NOTHING_DONE
    return SOME_FAILED if failed else 0


def _write(
    outputs: RunOutputs,
    stem: str,
    source: Path,
    image: Uint8Image,
    faces: list[FaceLandmarks],
    model: str,
    inputs: AbstractSet[Path],
) -> list[Path]:
    """Everything asked for; without a face only JSON and CSV. Returns the files.

    inputs: resolved paths of all photos, none of which is overwritten.
    """
    written = []

    def target(ending: str) -> Path:
        path = outputs.folder / f"{stem}{ending}"
        if path.resolve() in inputs:
            raise Face520Error(f"{path}: the result would replace a photo. Give another --output.")
        written.append(path)
        return path

    height, width = image.shape[:2]
    result = ImageResult(readable_name(source.name), width, height, model, faces)
    if faces and outputs.style is not Style.NONE:
        drawn = draw_landmarks(image, faces, outputs.style, outputs.zoom)
        write_jpeg(target(DRAWN_SUFFIX), drawn)
    if outputs.json:
        write_json(target(".json"), result)
    if outputs.json_stream:
        print_line(json.dumps(result_to_json(result), ensure_ascii=False))
    if outputs.csv:
        write_csv(target(".csv"), faces)
        write_faces_csv(target(".faces.csv"), faces)
    if outputs.npz:
        write_npz(target(".npz"), result)
    if faces and outputs.obj:
        written += write_textured_obj(outputs.folder / f"{stem}.obj", faces, image)
    if faces and outputs.ply:
        write_ply(target(".ply"), faces, image)
    return written


def _report(
    image_path: Path,
    faces: list[FaceLandmarks],
    landmarker: FaceLandmarker,
    written: list[Path],
    reporter: Reporter,
) -> None:
    if not faces:
        reporter.complain(
            f"{image_path}: no face found. A face should be 20 px wide or more: give a larger "
            "picture, or lower --smallest-face, --min-score or --min-presence."
        )
    else:
        times = landmarker.last_timings
        count = "1 face" if len(faces) == 1 else f"{len(faces)} faces"
        reporter.say(
            Text.assemble(
                (str(image_path), "bold"),
                f": {count}; detection {times.detect_ms:.1f} ms, landmarks "
                f"{times.invoke_ms / times.invocations:.1f} ms x {times.invocations}",
            )
        )
        for number, face in enumerate(faces):
            pose = face.pose
            reporter.say(
                f"  face {number}: yaw {pose.yaw_deg:+.0f}, pitch {pose.pitch_deg:+.0f}, "
                f"roll {pose.roll_deg:+.0f} deg, presence {face.presence:.2f}"
            )
    for path in written:
        reporter.say(f"  {path}", style="green")
