"""What face520-run writes, and where."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from edge_runtime.commands.sources import RunSources
from edge_runtime.commands.video_run import LiveOutputs, VideoOutputs
from edge_runtime.drawing import Style
from edge_runtime.errors import Face520Error
from edge_runtime.files.file_kind import VIDEO_SUFFIXES

RESULT_FOLDER = Path("face520_out")


@dataclass(frozen=True)
class RunOutputs:
    """Everything asked for.

    output: the folder of the results, or the file of a single video; None where it is not given.
    zoom: of drawn photos. live: who looks on at videos. json: a file of JSON beside the other
    results of each photo and video. json_stream: a line a photo or frame on standard output.
    json_file: the file of a single video's lines.
    """

    output: Path | None
    style: Style
    zoom: int
    live: LiveOutputs
    json: bool
    json_stream: bool
    json_file: Path | None
    csv: bool
    npz: bool
    obj: bool
    ply: bool

    @property
    def folder(self) -> Path:
        """Where results go whose files are not named one by one."""
        return self.output or RESULT_FOLDER

    def of_video(self, stem: str) -> VideoOutputs:
        """What to write for one video."""
        video, json = None, self.json_file
        if self._is_output_a_video():
            video = self.output
        # Whoever only looks on, or asks for lines on standard output alone, wants no files.
        elif self.output is not None or not (self.live.are_any or self.json_stream):
            if self.style is not Style.NONE:
                video = self.folder / f"{stem}_face520.mp4"
            if self.json:
                json = self.folder / f"{stem}.jsonl"
        saved = self.output.parent if self.output and self._is_output_a_video() else self.folder
        return VideoOutputs(video, json, self.json_stream, self.style, self.live, saved, stem)

    def check(self, sources: RunSources) -> None:
        """Raises Face520Error where results have no place, or several would go into one file."""
        if sources.photos and replace(self.live, show=False).are_any:
            raise Face520Error(
                "--serve, --osc and --udp take a camera or a film. For photos, leave them out; "
                "for a folder of frames, give --sequence."
            )
        if not sources.photos and len(sources.videos) == 1:
            return
        if self._is_output_a_video():
            raise Face520Error(
                f"{self.output}: one video file for several results. Give a folder to --output."
            )
        if self.json_file is not None:
            raise Face520Error(
                "--json FILE takes the frames of one video. For photos, give --json - or nothing."
            )

    def _is_output_a_video(self) -> bool:
        return self.output is not None and self.output.suffix.lower() in VIDEO_SUFFIXES
