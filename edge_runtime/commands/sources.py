"""What face520-run looks at: photos, and videos from files, cameras, pipes and image sequences."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from edge_runtime.errors import Face520Error, FrameSourceError
from edge_runtime.files.input_files import InputFiles, in_frame_order, input_files
from edge_runtime.results.output_names import output_stems
from edge_runtime.video.camera import open_camera
from edge_runtime.video.frame_source import FrameSource
from edge_runtime.video.image_sequence import ImageSequence
from edge_runtime.video.raw_frames import RawFormat, RawFrames
from edge_runtime.video.video_file import USUAL_FPS, VideoFile

STDIN_FILE = 0
FFMPEG_QUIET = "-8"  # AV_LOG_QUIET


@dataclass(frozen=True)
class Video:
    """A video that has not been opened; `stem` names its results.

    open: raises FrameSourceError; what it is given hears of a camera that goes and comes back.
    """

    stem: str
    open: Callable[[Callable[[str], None]], FrameSource]


@dataclass(frozen=True)
class RunSources:
    """All photos and videos of a run.

    left_out: a line for each reason why files in the folders are not among them. every_frame: drop
    none of a camera's. max_frames: of each video.
    """

    photos: Sequence[Path]
    videos: Sequence[Video]
    left_out: Sequence[str] = ()
    every_frame: bool = False
    max_frames: int | None = None


def sources_of_files(
    paths: Sequence[Path], fps: float | None, is_sequence: bool, result_folder: Path
) -> RunSources:
    """Files and folders; is_sequence: the images are the frames of one video.

    Raises Face520Error where there is neither image nor video.
    """
    found = input_files(in_frame_order(paths) if is_sequence else paths, leave_out=result_folder)
    if not (found.images or found.videos):
        raise _nothing_in(paths, found)
    videos = [
        Video(stem, partial(_video_file, path, fps))
        for path, stem in zip(found.videos, output_stems(found.videos), strict=True)
    ]
    photos = found.images
    if is_sequence and photos:
        stem = photos[0].resolve().parent.name or "sequence"
        videos = [Video(stem, partial(_image_sequence, photos, fps)), *videos]
        photos = []
    return RunSources(photos, videos, list(found.report()))


def camera_video(camera: str, size: str, fps: float | None) -> Video:
    """The camera of `--camera` at WIDTHxHEIGHT px. Raises FrameSourceError for another size."""
    match = re.fullmatch(r"(\d{1,5})x(\d{1,5})", size)
    if not match or "0" in match.groups():
        raise FrameSourceError(f"{size!r} is no picture size. Give WIDTHxHEIGHT, such as 640x480.")
    size_px = int(match[1]), int(match[2])
    return Video("camera", partial(open_camera, camera, size_px, fps or USUAL_FPS))


def raw_video(raw: str, fps: float | None) -> Video:
    """Raw frames from standard input; raises FrameSourceError for a format that is none."""
    raw_format = RawFormat.parse(raw)

    def open_stdin(on_event: Callable[[str], None]) -> FrameSource:
        return RawFrames(io.FileIO(STDIN_FILE, closefd=False), raw_format, fps)

    return Video("stdin", open_stdin)


def _video_file(path: Path, fps: float | None, on_event: Callable[[str], None]) -> FrameSource:
    # FFmpeg's own words on every damaged block; what is lost is told in one line.
    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", FFMPEG_QUIET)
    source = VideoFile(path, fps)
    if not source.has_times and not fps:
        on_event(f"{path}: holds no times; {source.fps:g} frames a second are assumed. Give --fps.")
    return source


def _image_sequence(
    images: Sequence[Path], fps: float | None, on_event: Callable[[str], None]
) -> FrameSource:
    return ImageSequence(images, fps or USUAL_FPS)


def _nothing_in(paths: Sequence[Path], found: InputFiles) -> Face520Error:
    if not paths:
        return Face520Error("No photo given. Try: face520-run photo.jpg   or: face520-run --help")
    names = ", ".join(map(str, paths))
    left_out = "".join(f" {line}." for line in found.report()).capitalize()
    return Face520Error(f"No image in {names}. Give a folder that holds photos.{left_out}")
