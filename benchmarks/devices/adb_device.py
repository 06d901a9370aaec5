"""Models on an Android phone, run by TFLite's benchmark_model over adb."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from benchmarks.arm_cores import cores_in
from benchmarks.device import DeviceRecord
from benchmarks.devices.adb_connection import ASK_SECONDS, AdbConnection
from benchmarks.errors import DeviceError
from benchmarks.model_file import ModelFile
from benchmarks.operators.benchmark_model_output import BenchmarkModelRun, parse_benchmark_model
from benchmarks.report.record import AndroidRun, Report, now_utc
from edge_runtime.files.git_revision import git_revision
from edge_runtime.live_page.sensors import SensorReading

FOLDER = "/data/local/tmp/face520"
PUSH_SECONDS, RUN_SECONDS = 120, 600
CLOCKS = "/sys/devices/system/cpu/cpu[0-9]*/cpufreq/scaling_cur_freq"
GOVERNORS = "/sys/devices/system/cpu/cpu[0-9]*/cpufreq/scaling_governor"
HEATS = "/sys/class/thermal/thermal_zone*/temp"
# Zones without a sensor behind them report values such as -40 or 0 degrees, or 10^6.
PLAUSIBLE_CELSIUS = (1.0, 150.0)


@dataclass(frozen=True)
class AdbDevice:
    """A phone. serial: as `adb devices` lists it; empty where only one is connected."""

    benchmark_model: Path
    serial: str = ""
    adb: str = "adb"

    def measure(
        self,
        models: Sequence[ModelFile],
        threads: Sequence[int] = (1, 4),
        on_step: Callable[[str], None] = lambda line: None,
    ) -> Report:
        """Push the binary and the models, run each with each thread count, clean up.

        Raises DeviceError when no phone is ready, a step fails or the connection breaks.
        """
        if not self.benchmark_model.is_file():
            raise DeviceError(
                f"{self.benchmark_model}: no such file. Give TFLite's benchmark_model for this "
                "phone's processor with --benchmark-model."
            )
        start = perf_counter()
        phone = _Phone(AdbConnection.ready(self.serial, self.adb))
        runs = []
        try:
            phone.shell(f"mkdir -p {FOLDER}")
            phone.push(self.benchmark_model, "benchmark_model")
            phone.shell(f"chmod 755 {FOLDER}/benchmark_model")
            device = phone.describe()
            for model in models:
                phone.push(model.path, f"{model.name}.tflite")
                for count in threads:
                    on_step(f"{device.name}: {model.name}, {count} threads")
                    runs.append(phone.measure(model, count))
        finally:
            # The first error matters; this one would only hide it.
            with suppress(DeviceError):
                phone.shell(f"rm -rf {FOLDER}")
        return Report(device, now_utc(), perf_counter() - start, android=tuple(runs))


@dataclass(frozen=True)
class _Phone:
    """A phone with benchmark_model in FOLDER."""

    connection: AdbConnection

    def shell(self, command: str, seconds: float = ASK_SECONDS) -> str:
        return self.connection.shell(command, seconds)

    def push(self, path: Path, name: str) -> None:
        self.connection.run(["push", str(path), f"{FOLDER}/{name}"], PUSH_SECONDS)

    def measure(self, model: ModelFile, threads: int) -> AndroidRun:
        """One run of benchmark_model, with the sensors before and after."""
        before = self._sensors()
        output = self.shell(
            f"{FOLDER}/benchmark_model --graph={shlex.quote(f'{FOLDER}/{model.name}.tflite')} "
            f"--num_threads={threads} --use_xnnpack=true --num_runs=100 --min_secs=3 "
            "--enable_op_profiling=true 2>&1",
            RUN_SECONDS,
        )
        run: BenchmarkModelRun = parse_benchmark_model(output)
        return AndroidRun(
            model.name, model.sha256, model.size_bytes, threads, run, before, self._sensors()
        )

    def describe(self) -> DeviceRecord:
        """The phone, by its own properties."""

        def prop(name: str) -> str:
            return self.shell(f"getprop {name}").strip()

        governors = sorted(set(self.shell(f"cat {GOVERNORS} 2>/dev/null || true").split()))
        cores = self.shell("nproc").strip()
        reading = self._sensors()
        known = {
            f"CPU clock: {CLOCKS} cannot be read": reading.mhz,
            f"temperature: {HEATS} cannot be read": reading.celsius,
            "throttling: Android does not tell": None,
        }
        absent = [name for name, value in known.items() if value is None]
        return DeviceRecord(
            name=f"{prop('ro.product.manufacturer')} {prop('ro.product.model')}".strip(),
            machine=prop("ro.product.cpu.abi"),
            processor=prop("ro.soc.model") or prop("ro.board.platform") or "unknown",
            cores=int(cores) if cores.isdigit() else 1,
            memory_mb=None,
            system=f"Android {prop('ro.build.version.release')}",
            kernel=self.shell("uname -r").strip(),
            governors=tuple(governors),
            max_mhz=None,
            python="none",
            packages={},
            git_revision=git_revision(),
            busy_percent=None,
            absent_sensors=tuple(absent),
            arm_cores=cores_in(self.shell("cat /proc/cpuinfo 2>/dev/null || true")),
        )

    def _sensors(self) -> SensorReading:
        low, high = PLAUSIBLE_CELSIUS
        heats = [value / 1e3 for value in self._numbers(HEATS)]
        sensible = [value for value in heats if low <= value <= high]
        clocks = self._numbers(CLOCKS)
        return SensorReading(
            mhz=max(clocks) / 1e3 if clocks else None,
            celsius=max(sensible) if sensible else None,
            throttled=None,
        )

    def _numbers(self, paths: str) -> list[float]:
        words = self.shell(f"cat {paths} 2>/dev/null || true").split()
        return [float(word) for word in words if word.lstrip("-").isdigit()]
