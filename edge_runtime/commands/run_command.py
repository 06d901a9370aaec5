"""The order in which face520-run does what it was asked for."""

from __future__ import annotations

import warnings

from edge_runtime.commands.outputs import RunOutputs
from edge_runtime.commands.photo_run import run_photos
from edge_runtime.commands.sources import RunSources
from edge_runtime.commands.video_run import run_video
from edge_runtime.console import NOTHING_DONE, SOME_FAILED, Reporter
from edge_runtime.face_landmarker import FaceLandmarker, FaceLandmarkerOptions
from edge_runtime.native_stderr import stderr_of_libraries_closed


def run_all(
    sources: RunSources, outputs: RunOutputs, options: FaceLandmarkerOptions, reporter: Reporter
) -> int:
    """Photos, then videos; returns the exit code. Raises Face520Error where nothing can be done."""
    codes = []
    with _opened(options, reporter) as landmarker:
        for line in sources.left_out:
            reporter.say(line, style="dim")
        if sources.photos:
            codes.append(run_photos(sources.photos, landmarker, outputs, reporter))
        for video in sources.videos:
            outputs_of_video = outputs.of_video(video.stem)
            codes.append(
                run_video(
                    video,
                    landmarker,
                    outputs_of_video,
                    reporter,
                    sources.every_frame,
                    sources.max_frames,
                )
            )
    if min(codes) == NOTHING_DONE:
        return NOTHING_DONE
    return SOME_FAILED if any(codes) else 0


def _opened(options: FaceLandmarkerOptions, reporter: Reporter) -> FaceLandmarker:
    with warnings.catch_warnings(record=True) as warned, stderr_of_libraries_closed():
        warnings.simplefilter("always", UserWarning)
        landmarker = FaceLandmarker(options)
    for warning in warned:
        reporter.complain(str(warning.message))
    reporter.say(f"{landmarker.model_name}, {landmarker.runtime}", style="dim")
    return landmarker
