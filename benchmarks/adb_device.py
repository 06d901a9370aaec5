"""Models on an Android phone, run by TFLite's benchmark_model over adb."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from benchmarks.benchmark_model_output import BenchmarkModelRun, parse_benchmark_model
from benchmarks.device import DeviceRecord, git_revision
from benchmarks.errors import DeviceError
from benchmarks.model_file import ModelFile
from benchmarks.report import AndroidRun, Report, now_utc
from benchmarks.sensors import SensorReading
from benchmarks.tool import last_words, run_tool

FOLDER = "/data/local/tmp/face520"
PUSH_SECONDS, RUN_SECONDS, ASK_SECONDS = 120, 600, 20
CLOCKS = "/sys/devices/system/cpu/cpu[0-9]*/cpufreq/scaling_cur_freq"
GOVERNORS = "/sys/devices/system/cpu/cpu[0-9]*/cpufreq/scaling_governor"
HEATS = "/sys/class/thermal/thermal_zone*/temp"
# Zones without a sensor behind them report values such as -40 or 0 degrees, or 10^6.
PLAUSIBLE_CELSIUS = (1.0, 150.0)

REMEDIES = (
    ("No space left", "the phone is full. Free some space and try again"),
    ("not found", "the phone went away. Check the cable, and `adb devices`"),
    ("device offline", "the phone is offline. Unplug it, plug it in again"),
    ("unauthorized", "allow USB debugging in the dialog on the phone's screen"),
    ("no devices", "the phone went away. Check the cable, and `adb devices`"),
    ("closed", "the connection broke off. Check the cable and try again"),
)


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
        tell: Callable[[str], None] = lambda line: None,
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
        phone = AdbDevice(self.benchmark_model, self._ready_serial(), self.adb)
        runs = []
        try:
            phone._shell(f"mkdir -p {FOLDER}")
            phone._push(self.benchmark_model, "benchmark_model")
            phone._shell(f"chmod 755 {FOLDER}/benchmark_model")
            device = phone._describe()
            for model in models:
                phone._push(model.path, f"{model.name}.tflite")
                for count in threads:
                    tell(f"{device.name}: {model.name}, {count} threads")
                    runs.append(phone._measure_one(model, count))
        finally:
            phone._clean_up()
        return Report(device, now_utc(), perf_counter() - start, android=tuple(runs))

    def _measure_one(self, model: ModelFile, threads: int) -> AndroidRun:
        before = self._sensors()
        output = self._shell(
            f"{FOLDER}/benchmark_model --graph={shlex.quote(f'{FOLDER}/{model.name}.tflite')} "
            f"--num_threads={threads} --use_xnnpack=true --num_runs=100 --min_secs=3 "
            "--enable_op_profiling=true 2>&1",
            RUN_SECONDS,
        )
        run: BenchmarkModelRun = parse_benchmark_model(output)
        return AndroidRun(
            model.name, model.sha256, model.size_bytes, threads, run, before, self._sensors()
        )

    def _ready_serial(self) -> str:
        """Serial of the phone to use. Raises DeviceError unless exactly one is ready."""
        done = run_tool([self.adb, "devices"], ASK_SECONDS)
        if done.returncode:
            raise DeviceError(f"adb: {last_words(done)}. Try: adb kill-server")
        rows = [line.split("\t") for line in done.stdout.splitlines()[1:] if "\t" in line]
        states = {row[0].strip(): row[1].strip() for row in rows}
        if not states:
            raise DeviceError("adb: no device. Connect the phone and enable USB debugging on it.")
        if self.serial and self.serial not in states:
            raise DeviceError(f"adb: no device {self.serial}. Connected: {', '.join(states)}.")
        if not self.serial and len(states) > 1:
            raise DeviceError(f"adb: several devices. Choose with --serial: {', '.join(states)}.")
        serial = self.serial or next(iter(states))
        if states[serial] != "device":
            remedy = next(
                (text for words, text in REMEDIES if states[serial] in words),
                "wait until `adb devices` lists it as device",
            )
            raise DeviceError(f"adb: {serial} is {states[serial]}: {remedy}.")
        return serial

    def _describe(self) -> DeviceRecord:
        def prop(name: str) -> str:
            return self._shell(f"getprop {name}").strip()

        governors = sorted(set(self._shell(f"cat {GOVERNORS} 2>/dev/null || true").split()))
        cores = self._shell("nproc").strip()
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
            kernel=self._shell("uname -r").strip(),
            governors=tuple(governors),
            max_mhz=None,
            python="none",
            packages={},
            git_revision=git_revision(),
            busy_percent=None,
            absent_sensors=tuple(absent),
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
        words = self._shell(f"cat {paths} 2>/dev/null || true").split()
        return [float(word) for word in words if word.lstrip("-").isdigit()]

    def _push(self, path: Path, name: str) -> None:
        self._adb(["push", str(path), f"{FOLDER}/{name}"], PUSH_SECONDS)

    def _shell(self, command: str, seconds: float = ASK_SECONDS) -> str:
        return self._adb(["shell", command], seconds)

    def _adb(self, arguments: list[str], seconds: float) -> str:
        done = run_tool([self.adb, "-s", self.serial, *arguments], seconds)
        if done.returncode == 0:
            return done.stdout
        said = last_words(done)
        for words, remedy in REMEDIES:
            if words.lower() in (done.stderr + done.stdout).lower():
                raise DeviceError(f"adb: {self.serial}: {said}: {remedy}.")
        raise DeviceError(
            f"adb: {self.serial}: {arguments[0]} failed ({said}). Try it by hand: adb "
            f"{shlex.join(arguments)[:160]}"
        )

    def _clean_up(self) -> None:
        # The first error matters; this one would only hide it.
        with suppress(DeviceError):
            self._shell(f"rm -rf {FOLDER}")
