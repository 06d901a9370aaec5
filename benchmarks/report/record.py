"""Everything measured on one device, as one record; the JSON file is this record."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from benchmarks.accuracy import Accuracy
from benchmarks.device import DeviceRecord
from benchmarks.errors import ReportFileError
from benchmarks.face_accuracy import FaceAccuracy
from benchmarks.operators.benchmark_model_output import BenchmarkModelRun
from benchmarks.operators.operators import OperatorTable
from benchmarks.timing.comparison import Comparison
from benchmarks.timing.latency import LatencyRun
from benchmarks.timing.published import PublishedRow
from benchmarks.timing.stages import Pipeline
from benchmarks.timing.sustained import SustainedRun
from benchmarks.timing.tracked_frames import TrackedFrames
from edge_runtime.atomic_file import write_whole
from edge_runtime.live_page.sensors import SensorReading

SCHEMA_VERSION = 1


@dataclass(frozen=True)
class AndroidRun:
    """One model in benchmark_model on a phone, with the sensors before and after."""

    model: str
    model_sha256: str
    model_bytes: int
    threads: int
    run: BenchmarkModelRun
    before: SensorReading
    after: SensorReading


@dataclass(frozen=True)
class Report:
    """What `face520-bench report` measures; of a part that is empty, `skipped` says why.

    created: UTC, ISO 8601.
    """

    device: DeviceRecord
    created: str
    seconds: float
    latency: tuple[LatencyRun, ...] = ()
    comparisons: tuple[Comparison, ...] = ()
    published: tuple[PublishedRow, ...] = ()
    pipeline: Pipeline | None = None
    tracked_frames: TrackedFrames | None = None
    accuracy: tuple[Accuracy, ...] = ()
    face_accuracy: tuple[FaceAccuracy, ...] = ()
    operators: tuple[OperatorTable, ...] = ()
    sustained: SustainedRun | None = None
    android: tuple[AndroidRun, ...] = ()
    skipped: tuple[str, ...] = ()
    schema_version: int = SCHEMA_VERSION

    def to_json(self) -> str:
        """The text of the JSON file."""
        return json.dumps(asdict(self), indent=1, allow_nan=False)

    def write_json(self, path: Path) -> None:
        """Write the JSON file whole or not at all. Raises OutputWriteError."""
        write_whole(path, self.to_json().encode())

    @classmethod
    def read(cls, path: Path) -> Report:
        """Read a JSON file and check it against the schema.

        Raises ReportFileError when the file is absent or is no report of this version.
        """
        return cls.from_json(read_text(path), str(path))

    @classmethod
    def from_json(cls, text: str, source: str) -> Report:
        """Parse what `to_json` wrote. source: named in errors. Raises ReportFileError."""
        # A device that only measures does without pydantic.
        from pydantic import TypeAdapter, ValidationError

        try:
            found = json.loads(text)
        except ValueError as error:
            raise ReportFileError(
                f"{source}: not JSON ({error}); cut short, or another file. "
                "Give a file written by face520-bench report --json."
            ) from error
        made_by = found.get("schema_version") if isinstance(found, dict) else None
        if made_by is None:
            raise ReportFileError(
                f"{source}: not a report. Give a file written by face520-bench report --json."
            )
        if made_by != SCHEMA_VERSION:
            raise ReportFileError(
                f"{source}: not a report of schema version {SCHEMA_VERSION} (found {made_by}). "
                "Measure again with this version of face520-bench."
            )
        try:
            return TypeAdapter(cls).validate_json(text)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"])
            raise ReportFileError(
                f"{source}: {where}: {first['msg']}. The file was changed or cut short; "
                "measure again."
            ) from error


def report_schema() -> dict[str, Any]:
    """JSON Schema of the report file."""
    from pydantic import TypeAdapter

    return TypeAdapter(Report).json_schema()


def now_utc() -> str:
    """The time for `Report.created`."""
    return datetime.now(timezone.utc).isoformat(timespec="seconds")


def read_text(path: Path) -> str:
    """Text of a file. Raises ReportFileError when it cannot be read."""
    try:
        return path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not text"
        raise ReportFileError(
            f"{path}: cannot be read ({reason}). Give a file written by face520-bench report "
            "--json."
        ) from error
