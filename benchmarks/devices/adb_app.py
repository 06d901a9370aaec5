"""The demo app's own benchmark on an Android phone, installed, started and read over adb."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter

from benchmarks.devices.adb_connection import AdbConnection
from benchmarks.errors import DeviceError
from benchmarks.report.record import Report, now_utc

PACKAGE = "org.face520.demo"
ACTIVITY = f"{PACKAGE}/.benchmark.BenchmarkActivity"
# The app's own folder on the shared storage, which adb may read.
RESULT = f"/sdcard/Android/data/{PACKAGE}/files/benchmark.json"
FAILURE = f"/sdcard/Android/data/{PACKAGE}/files/benchmark_error.txt"
STOP = f"am force-stop {PACKAGE}; rm -f {RESULT} {FAILURE}"
INSTALL_SECONDS = 180
# Beside the sustained run: the model is loaded, warmed up and sampled.
OTHER_SECONDS = 40


@dataclass(frozen=True)
class AdbApp:
    """A phone and the app's APK. serial: empty where only one phone is connected."""

    apk: Path
    serial: str = ""
    adb: str = "adb"
    poll_seconds: float = 1.0

    def measure(
        self,
        models: Sequence[str],
        threads: Sequence[int] = (1, 4),
        sustain_seconds: float = 20.0,
        on_step: Callable[[str], None] = lambda line: None,
    ) -> Report:
        """Run models that the app holds, by file name, with each thread count.

        A run with other threads than asked for, which the app notices, counts only where no other
        has the same. The sustained run is the last one's. An app that was not there before is
        removed. Raises DeviceError when no phone is ready, a step fails, the app says why it
        cannot, or the connection breaks; ReportFileError for a result that is no report.
        """
        if not self.apk.is_file():
            raise DeviceError(f"{self.apk}: no such file. Build it with `make android`.")
        start = perf_counter()
        phone = AdbConnection.ready(self.serial, self.adb)
        was_there = PACKAGE in phone.shell(f"pm path {PACKAGE} || true")
        reports: list[Report] = []
        try:
            on_step(f"{phone.serial}: installing {self.apk.name}")
            phone.run(["install", "-r", str(self.apk)], INSTALL_SECONDS)
            for model in models:
                for count in threads:
                    on_step(f"{phone.serial}: {model}, {count} threads")
                    report = self._measure_one(phone, model, count, sustain_seconds)
                    rows = {run.setting for earlier in reports for run in earlier.latency}
                    if rows.isdisjoint(run.setting for run in report.latency):
                        reports.append(report)
                    else:
                        on_step(f"{model}: {count} threads were asked for and not run: left out")
        finally:
            # The first error matters; these would only hide it.
            with suppress(DeviceError):
                phone.shell(STOP)
            if not was_there:
                with suppress(DeviceError):
                    phone.run(["uninstall", PACKAGE], INSTALL_SECONDS)
        return replace(
            reports[-1],
            created=now_utc(),
            seconds=perf_counter() - start,
            latency=tuple(run for report in reports for run in report.latency),
        )

    def _measure_one(
        self, phone: AdbConnection, model: str, threads: int, sustain_seconds: float
    ) -> Report:
        phone.shell(STOP)
        answer = phone.shell(
            f"am start -W -n {ACTIVITY} --ez run true --es model {model} --ei threads {threads} "
            f"--ef sustained_seconds {sustain_seconds:g}"
        )
        if "Error" in answer:
            raise DeviceError(
                f"adb: {phone.serial}: the app did not start ({answer.strip().splitlines()[-1]}). "
                "Unlock the phone and try again."
            )
        deadline = perf_counter() + sustain_seconds + OTHER_SECONDS
        while perf_counter() < deadline:
            time.sleep(self.poll_seconds)
            # The app writes beside it and renames, so a file that is there is whole.
            if text := phone.shell(f"cat {RESULT} 2>/dev/null || true").strip():
                return Report.from_json(text, f"{phone.serial}:{RESULT}")
            if reason := phone.shell(f"cat {FAILURE} 2>/dev/null || true").strip():
                raise DeviceError(f"adb: {phone.serial}: the app cannot run {model}: {reason}")
        raise DeviceError(
            f"adb: {phone.serial}: no result of {model} in time. Keep the phone's screen on and "
            "the app in front while it measures."
        )
