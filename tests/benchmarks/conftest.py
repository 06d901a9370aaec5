"""What the tests of the harness share: small models, a made-up report, stand-ins of programs."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks.accuracy import Accuracy, AccuracyBin
from benchmarks.device import DeviceRecord
from benchmarks.face_accuracy import FaceAccuracy
from benchmarks.model_file import ModelFile
from benchmarks.operators.benchmark_model_output import parse_benchmark_model
from benchmarks.operators.operators import NodeTime, OperatorCosts, read_operators
from benchmarks.report.record import AndroidRun, Report
from benchmarks.timing.cold_start import ColdStart
from benchmarks.timing.comparison import Comparison
from benchmarks.timing.distribution import Distribution
from benchmarks.timing.latency import LatencyRun
from benchmarks.timing.paired_ratio import MedianTime, PairedRatio
from benchmarks.timing.published import PublishedRow, PublishedRun
from benchmarks.timing.stages import STAGES, Pipeline, Stage
from benchmarks.timing.stopwatch import WarmUp
from benchmarks.timing.sustained import SustainedPoint, SustainedRun
from benchmarks.timing.tracked_frames import FrameCost, TrackedFrames
from edge_runtime.detection.blazeface import BLAZEFACE_PATH
from edge_runtime.live_page.sensors import SensorReading

STAND_INS = Path(__file__).parent / "stand_ins"


@pytest.fixture(scope="session")
def blazeface() -> ModelFile:
    """A small float model that is always there: 128 px in, 896 anchors out."""
    return ModelFile("blazeface", BLAZEFACE_PATH)


@pytest.fixture(scope="session")
def main_int8() -> ModelFile:
    return ModelFile.find("main_int8")


@pytest.fixture
def stand_in(tmp_path, monkeypatch):
    """Puts a stand-in first in PATH; returns the file that its commands are noted in."""
    folder = tmp_path / "bin"
    folder.mkdir()
    log = tmp_path / "commands.log"
    log.touch()
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    monkeypatch.setenv("STAND_IN_LOG", str(log))
    monkeypatch.setenv("STAND_IN_OUTPUT", str(STAND_INS / "benchmark_model.txt"))
    monkeypatch.setenv("STAND_IN_FAILS", "")

    def put(name: str, fails: str = "") -> Path:
        shutil.copy(STAND_INS / name, folder / name)
        (folder / name).chmod(0o755)
        monkeypatch.setenv("STAND_IN_FAILS", fails)
        return log

    return put


def made_up_times(median_ms: float, seed: int = 0) -> np.ndarray:
    """500 samples with a tail, as a machine gives them."""
    rng = np.random.default_rng(seed)
    return median_ms * (0.97 + rng.gamma(1.5, 0.03, 500))


@pytest.fixture(scope="session")
def device() -> DeviceRecord:
    return DeviceRecord(
        name="Board <4>",
        machine="aarch64",
        processor="Cortex-A72",
        cores=4,
        memory_mb=4000.0,
        system="Linux 12",
        kernel="6.1",
        governors=("ondemand",),
        max_mhz=1800.0,
        python="3.11.2",
        packages={"ai-edge-litert": "2.3.0"},
        git_revision="0123456789ab",
        busy_percent=1.0,
        absent_sensors=(),
    )


@pytest.fixture(scope="session")
def report(device, blazeface) -> Report:
    """Every part of a report, made up but for the operators."""

    def run(model: str, median_ms: float, threads: int = 1, xnnpack: bool = True) -> LatencyRun:
        return LatencyRun(
            model,
            "0" * 64,
            1_200_000,
            "ai-edge-litert",
            "2.3.0",
            threads,
            xnnpack,
            (),
            WarmUp(100, 0.2, True),
            Distribution.of(made_up_times(median_ms)),
            0.02,
            PairedRatio(20, 1.0, 0.99, 1.01),
            ColdStart(3, 9.0, 8.0, 1.2, 7.0, 6.5) if threads == 1 and xnnpack else None,
        )

    table = read_operators(blazeface)
    costs = (None, *(1234.0 for _ in table.operators[1:]))
    output = parse_benchmark_model((STAND_INS / "benchmark_model.txt").read_text())
    points = tuple(
        SustainedPoint(
            seconds=float(second),
            inferences=400,
            median_ms=2.4 if second < 30 else 3.1,
            p95_ms=2.6 if second < 30 else 3.6,
            mhz=1800.0 if second < 30 else 1200.0,
            celsius=45.0 + 0.7 * second,
            throttled=second >= 30,
            reasons=("throttled",) if second >= 30 else (),
        )
        for second in range(60)
    )
    return Report(
        device=device,
        created="2026-01-01T00:00:00+00:00",
        seconds=200.0,
        latency=(
            run("main_int8", 2.4),
            run("main_int8", 1.1, 4),
            run("main_int8", 9.0, xnnpack=False),
            run("mediapipe", 6.0),
            run("mediapipe", 2.9, 4),
        ),
        comparisons=(
            Comparison(
                "main_int8 (ai-edge-litert, 1 thread)",
                "mediapipe (ai-edge-litert, 1 thread)",
                2.4,
                6.0,
                PairedRatio(50, 0.4, 0.395, 0.405),
                PairedRatio(50, 1.0, 0.99, 1.01),
                True,
                (),
            ),
        ),
        published=(
            PublishedRow(
                "main_int8",
                "0" * 64,
                1_200_000,
                "ai-edge-litert",
                "2.3.0",
                (
                    PublishedRun(60.2, 25_000, 2.4, 2.51, 0.0, 41.0, 63.0, 0.5, False),
                    PublishedRun(60.1, 25_000, 2.41, 2.55, 74.0, 42.9, 63.4, 0.4, False),
                ),
                3.6,
            ),
            PublishedRow(
                "mediapipe",
                "1" * 64,
                2_400_000,
                "ai-edge-litert",
                "2.3.0",
                (
                    PublishedRun(60.2, 9_000, 6.0, 6.2, 80.0, 42.0, 66.0, 0.5, False),
                    PublishedRun(60.1, 9_000, 6.0, 6.9, 90.0, 42.0, 66.0, 0.5, False),
                ),
                None,
                ("the runs differ by 11 %",),
            ),
        ),
        pipeline=Pipeline(
            "face520 main",
            "photo.jpg",
            512,
            512,
            1,
            100,
            tuple(
                Stage(name, Distribution.of(made_up_times(1 + i))) for i, name in enumerate(STAGES)
            ),
            55.0,
            120.0,
            100.0,
        ),
        tracked_frames=TrackedFrames(
            720,
            576,
            3,
            150,
            1,
            tuple(
                FrameCost(
                    name,
                    "points",
                    MedianTime.of(made_up_times(cpu_ms)),
                    MedianTime.of(made_up_times(wall_ms)),
                    PairedRatio(150, cpu_ms / 12.34, 0.3, 0.4),
                    PairedRatio(150, wall_ms / 11.0, 0.3, 0.4),
                )
                for name, cpu_ms, wall_ms in (
                    ("main_int8", 4.1, 4.2),
                    ("mediapipe", 12.34, 11.0),
                    ("mediapipe with attention", 14.0, 12.0),
                )
            ),
        ),
        face_accuracy=(
            FaceAccuracy("main_int8", "ds", "held-out", 367, 0, 2.0, 0.9, 0.8, 0.95, 0.94, 0.99),
            FaceAccuracy("mediapipe", "ds", "held-out", 366, 1, 6.1, 0.65, 0.38, 0.86, 0.86),
        ),
        accuracy=(
            Accuracy(
                "main_int8",
                "faces",
                2000,
                3.6,
                (
                    AccuracyBin(0, 30, 1312, 2.7),
                    AccuracyBin(30, 60, 383, 3.5),
                    AccuracyBin(60, 90, 305, None),
                ),
                3.9,
                12,
                1_200_000,
                2.4,
            ),
            Accuracy(
                "main_float32",
                "faces",
                2000,
                3.5,
                (
                    AccuracyBin(0, 30, 1312, 2.6),
                    AccuracyBin(30, 60, 383, 3.4),
                    AccuracyBin(60, 90, 305, None),
                ),
                3.8,
                12,
                3_800_000,
                6.4,
            ),
            Accuracy(
                "other",
                "faces",
                2000,
                3.9,
                (
                    AccuracyBin(0, 30, 1312, 2.6),
                    AccuracyBin(30, 60, 383, 3.4),
                    AccuracyBin(60, 90, 305, None),
                ),
                None,
                2000,
                3_800_000,
                7.4,
            ),
        ),
        operators=(
            replace(
                table,
                node_times=(NodeTime("Convolution (NHWC)", 9, 0.4, 0.7),),
                costs=(OperatorCosts("emulated cortex-a72", "instructions", costs, 4321.0),),
            ),
        ),
        sustained=SustainedRun(
            "main_int8",
            "ai-edge-litert",
            1,
            (),
            60.0,
            24_000,
            Distribution.of(made_up_times(2.4)),
            1.29,
            30.0,
            (),
            points,
        ),
        android=(
            AndroidRun(
                "main_int8",
                "0" * 64,
                1_200_000,
                4,
                output,
                SensorReading(2400.0, 35.0, None),
                SensorReading(2100.0, 44.0, None),
            ),
        ),
        skipped=("8 threads: this machine has 4 cores",),
    )
