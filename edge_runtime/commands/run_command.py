"""What a command line of face520-run asks for, and the order in which it is done."""

from __future__ import annotations

import io
import re
import warnings
from dataclasses import dataclass
from pathlib import Path

from edge_runtime.commands.photo_run import PhotoOutputs, run_photos
from edge_runtime.commands.video_run import VideoOutputs, run_video
from edge_runtime.console import NOTHING_DONE, SOME_FAILED, Reporter
from edge_runtime.detection.detector import FaceDetector
from edge_runtime.detection.detector_choice import Detector
from edge_runtime.detection.given_box import GivenBox
from edge_runtime.drawing import Style
from edge_runtime.errors import Face520Error, FrameSourceError
from edge_runtime.face_landmarker import FaceLandmarker, FaceLandmarkerOptions
from edge_runtime.file_kind import VIDEO_SUFFIXES
from edge_runtime.input_files import in_frame_order, input_files
from edge_runtime.native_stderr import stderr_of_libraries_closed
from edge_runtime.network.interpreter import default_num_threads
from edge_runtime.results.output_names import output_stems
from edge_runtime.tracking.face_tracker import TrackingOptions
from edge_runtime.tracking.one_euro import Smoothing
from edge_runtime.video.camera import open_camera
from edge_runtime.video.frame_source import FrameSource
from edge_runtime.video.image_sequence import ImageSequence
from edge_runtime.video.raw_frames import RawFormat, RawFrames
from edge_runtime.video.video_file import USUAL_FPS, VideoFile

RESULT_FOLDER = Path("face520_out")
STDOUT = "-"
STDIN_FILE = 0


@dataclass(frozen=True)
class RunOptions:
    """The options of face520-run as its --help explains them; "" and 0 stand for not given."""

    files: tuple[Path, ...]
    camera: str
    raw: str
    sequence: bool
    fps: float
    size: str
    output: Path | None
    style: Style
    zoom: int
    show: bool
    json: str
    no_json: bool
    csv: bool
    npz: bool
    obj: bool
    ply: bool
    smoothing: Smoothing
    every_frame: bool
    max_frames: int
    model: Path
    threads: int
    max_faces: int
    min_score: float
    detector: Detector
    box: str

    @property
    def is_live(self) -> bool:
        """Whether frames come from a camera or a pipe, not from files."""
        return bool(self.camera or self.raw)

    @property
    def folder(self) -> Path:
        """Where results go whose files are not named one by one."""
        return self.output or RESULT_FOLDER


class RunCommand:
    """Runs face520-run once. Raises Face520Error where nothing can be done."""

    def __init__(self, options: RunOptions, reporter: Reporter) -> None:
        self._options, self._reporter = options, reporter
        paths = in_frame_order(options.files) if options.sequence else options.files
        self._files = input_files(paths, leave_out=options.folder)
        self._videos, self._images = self._files.videos, self._files.images
        self._check()

    def run(self) -> int:
        """Do everything; returns the exit code."""
        options = self._options
        with warnings.catch_warnings(record=True) as warned, stderr_of_libraries_closed():
            warnings.simplefilter("always", UserWarning)
            landmarker = FaceLandmarker(self._landmarker_options())
        for warning in warned:
            self._reporter.complain(str(warning.message))
        contract = landmarker.contract
        name = f"{contract.model_name} {contract.model_version}, {landmarker.runtime}"
        self._reporter.say(name, style="dim")
        for line in self._files.report():
            self._reporter.say(line, style="dim")
        codes = []
        with landmarker:
            if self._images and not options.sequence:
                outputs = self._photo_outputs()
                codes.append(run_photos(self._images, landmarker, outputs, self._reporter))
            if options.is_live or (options.sequence and self._images):
                codes.append(self._run_video(None, self._live_stem(), landmarker))
            for path, stem in zip(self._videos, output_stems(self._videos), strict=True):
                codes.append(self._run_video(path, stem, landmarker))
        if min(codes) == NOTHING_DONE:
            return NOTHING_DONE
        return SOME_FAILED if any(codes) else 0

    def _run_video(self, path: Path | None, stem: str, landmarker: FaceLandmarker) -> int:
        options = self._options
        try:
            source = self._source(path)
            return run_video(
                source,
                landmarker,
                self._video_outputs(stem),
                self._reporter,
                options.every_frame,
                options.max_frames,
            )
        except Face520Error as error:
            self._reporter.complain(str(error))
            return NOTHING_DONE

    def _source(self, path: Path | None) -> FrameSource:
        options = self._options
        if path is not None:
            return VideoFile(path, options.fps)
        if options.raw:
            stdin = io.FileIO(STDIN_FILE, closefd=False)
            return RawFrames(stdin, RawFormat.parse(options.raw), options.fps)
        if options.sequence:
            return ImageSequence(self._images, options.fps or USUAL_FPS)
        size_px = _parse_size(options.size)
        complain = self._reporter.complain
        return open_camera(options.camera, size_px, options.fps or USUAL_FPS, complain)

    def _photo_outputs(self) -> PhotoOutputs:
        options = self._options
        return PhotoOutputs(
            folder=options.folder,
            style=options.style,
            zoom=options.zoom,
            json=not options.no_json and not options.json,
            json_stream=options.json == STDOUT,
            csv=options.csv,
            npz=options.npz,
            obj=options.obj,
            ply=options.ply,
        )

    def _video_outputs(self, stem: str) -> VideoOutputs:
        options = self._options
        json = Path(options.json) if options.json not in ("", STDOUT) else None
        video = None
        if self._is_output_a_video():
            video = options.output
        # Whoever asks for a window or for lines on standard output alone wants no files.
        elif options.output is not None or not (options.show or options.json == STDOUT):
            if options.style is not Style.NONE:
                video = options.folder / f"{stem}_face520.mp4"
            if not options.json and not options.no_json:
                json = options.folder / f"{stem}.jsonl"
        return VideoOutputs(
            video=video,
            json=json,
            json_stream=options.json == STDOUT,
            show=options.show,
            style=options.style,
        )

    def _landmarker_options(self) -> FaceLandmarkerOptions:
        options = self._options
        num_threads = options.threads or default_num_threads()
        detector: FaceDetector
        if options.box:
            detector = GivenBox.parse(options.box)
        else:
            detector = options.detector.open(options.min_score, num_threads)
        return FaceLandmarkerOptions(
            options.model,
            detector=detector,
            num_threads=options.threads,
            max_faces=options.max_faces,
            min_detection_score=options.min_score,
            tracking=TrackingOptions(smoothing=options.smoothing),
        )

    def _live_stem(self) -> str:
        if self._options.sequence and self._images:
            return self._images[0].resolve().parent.name or "sequence"
        return "stdin" if self._options.raw else "camera"

    def _is_output_a_video(self) -> bool:
        output = self._options.output
        return output is not None and output.suffix.lower() in VIDEO_SUFFIXES

    def _check(self) -> None:
        options = self._options
        if not options.files and not options.is_live:
            raise Face520Error(
                "No photo given. Try: face520-run photo.jpg   or: face520-run --help"
            )
        if bool(options.camera) + bool(options.raw) + bool(options.files) > 1:
            raise Face520Error("Give either files, or --camera, or --raw.")
        if not (self._images or self._videos or options.is_live):
            names = ", ".join(map(str, options.files))
            left_out = "".join(f" {line}." for line in self._files.report()).capitalize()
            raise Face520Error(f"No image in {names}. Give a folder that holds photos.{left_out}")
        as_photos = bool(self._images) and not options.sequence
        video_count = len(self._videos) + options.is_live + bool(self._images and options.sequence)
        if self._is_output_a_video() and (as_photos or video_count > 1):
            raise Face520Error(
                f"{options.output}: one video file for several results. Give a folder to --output."
            )
        if options.json not in ("", STDOUT) and (as_photos or video_count > 1):
            raise Face520Error(
                "--json FILE takes the frames of one video. For photos, give --json - or nothing."
            )


def _parse_size(text: str) -> tuple[int, int]:
    match = re.fullmatch(r"(\d{1,5})x(\d{1,5})", text)
    if not match or "0" in match.groups():
        raise FrameSourceError(f"{text!r} is no picture size. Give WIDTHxHEIGHT, such as 640x480.")
    return int(match[1]), int(match[2])
