"""The full measurement on a machine reached by ssh, such as a Raspberry Pi."""

from __future__ import annotations

import io
import re
import shlex
import tarfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.errors import DeviceError
from benchmarks.full_measurement import Plan, default_models
from benchmarks.model_file import ModelFile
from benchmarks.report.record import Report
from benchmarks.timing.child_process import REPOSITORY
from benchmarks.tool import CHECK_CONNECTION, last_line, run_tool
from edge_runtime.errors import Face520Error

# What the device needs of this repository; `training` only where accuracy is measured.
PACKAGES = ("edge_runtime", "benchmarks")
EVALUATOR = "training"
LEFT_OUT = {"__pycache__", "run", "runs"}
MODELS_FOLDER, FACES_FOLDER, RESULT = "given_models", "given_faces", "report.json"
PROCESS = "process"  # holds the number of the one that measures
CONNECTION_FAILED = 255  # ssh(1), EXIT STATUS
IN_USE = 75
CONNECT_SECONDS, COPY_SECONDS, RUN_SECONDS = 20, 300, 3600
# The device's folder of temporary files, which is also what a measurement locks: Linux lets go of
# the lock when its process ends, however it ends. Without flock(1), nobody is kept out.
TEMPORARY = '"${TMPDIR:-/tmp}"'
PREFIX = "face520-"
FOLDER = re.compile(rf"/[\w./-]*/{PREFIX}\w+")
LOCK = f"exec 9<{TEMPORARY}; ! command -v flock >/dev/null || flock -n 9 || exit {IN_USE}"

# What ssh and the far shell print, and what to do about it.
REMEDIES = (
    ("No space left", "the device is full. Free some 50 MB in its /tmp"),
    ("Disk quota exceeded", "the device is full. Free some 50 MB in its /tmp"),
    ("Permission denied", "the key is refused. Run: ssh-copy-id {host}"),
    (
        "IDENTIFICATION HAS CHANGED",
        "another machine answers there, or it was set up anew. If that is so: ssh-keygen -R {name}",
    ),
    ("Host key verification failed", "the host is unknown. Connect once by hand: ssh {host}"),
    ("Could not resolve", "no such host. Check the name in --ssh"),
    ("timed out", "no answer. Check that the device is on and in this network"),
    ("refused", "no ssh server answers there. Enable ssh on the device"),
    ("No module named", "a package is absent on the device. There, run: pip install face520"),
    ("not found", "Python is absent there. Install it, or name it with --remote-python"),
)


@dataclass(frozen=True)
class SshDevice:
    """A machine and how to reach it. host: as for ssh, user@name. python: on the device."""

    host: str
    python: str = "python3"
    ssh: str = "ssh"

    def measure(self, plan: Plan, on_step: Callable[[str], None] = lambda line: None) -> Report:
        """Copy the code, the models and the images there, measure, fetch the report, clean up.

        Raises DeviceError when a step fails, or somebody else measures there; the copied folder is
        removed all the same, and what runs in it ended, or else the error names it.
        """
        # ssh would take a leading dash as an option of its own.
        if self.host.startswith("-") or not self.host:
            raise DeviceError(f"{self.host!r}: not a host. Give user@name or user@address.")
        on_step(f"{self.host}: connecting")
        made = f"{LOCK}; mktemp -d {TEMPORARY}/{PREFIX}XXXXXXXX"
        folder = self._run(made, CONNECT_SECONDS).strip()
        if not FOLDER.fullmatch(folder):
            raise DeviceError(
                f"{self.host}: its shell prints {folder[:80]!r} where a folder's name was asked "
                "for. Make its start-up files silent for ssh."
            )
        try:
            text = self._measure_in(folder, plan, on_step)
        except BaseException as error:  # Ctrl-C among them
            if not self._clean_up(folder) and isinstance(error, Face520Error):
                raise DeviceError(
                    f"{error} It does not answer any more, so what was copied stays there. Remove "
                    f"it: ssh {self.host} rm -rf {folder}"
                ) from error
            raise
        self._clean_up(folder)
        return Report.from_json(text, f"{self.host}:{folder}/{RESULT}")

    def _measure_in(self, folder: str, plan: Plan, on_step: Callable[[str], None]) -> str:
        """The report's JSON. Raises DeviceError."""
        # MediaPipe's file goes along, so that its wheel is not needed there.
        models = [ModelFile.find(name) for name in plan.models] or default_models()
        packed = _pack(models, plan.accuracy_folder)
        on_step(f"{self.host}: copying {len(packed) / 1e6:.1f} MB")
        self._run(f"tar -xzf - -C {folder}", COPY_SECONDS, packed)
        on_step(f"{self.host}: measuring")
        command = shlex.join([self.python, "-m", "benchmarks", *remote_arguments(plan, models)])
        # `exec`: the number is that of what measures, so that a break can end it.
        self._run(f"{LOCK}; cd {folder} && echo $$ > {PROCESS} && exec {command}", RUN_SECONDS)
        return self._run(f"cat {folder}/{RESULT}", COPY_SECONDS)

    def _run(self, command: str, seconds: float, input_bytes: bytes | None = None) -> str:
        done = run_tool(
            self._command(command), seconds, input_bytes, called=self.host, if_slow=CHECK_CONNECTION
        )
        if done.returncode == 0:
            return done.stdout
        if done.returncode == IN_USE:
            raise DeviceError(
                f"{self.host}: somebody measures there already, and two would disturb each other. "
                "Try again when that has ended."
            )
        reason = last_line(done)
        for words, remedy in REMEDIES:
            if words.lower() in (done.stderr + done.stdout).lower():
                name = self.host.split("@")[-1]
                remedy = remedy.format(host=self.host, name=name)
                raise DeviceError(f"{self.host}: {reason}: {remedy}.")
        if done.returncode == CONNECTION_FAILED:
            raise DeviceError(
                f"{self.host}: the connection broke off ({reason}). Check power and network, and "
                "try again; nothing was written here."
            )
        raise DeviceError(
            f"{self.host}: failed there ({reason}). Run the same on the device to see more: "
            f"{command[:200]}"
        )

    def _clean_up(self, folder: str) -> bool:
        """End what still runs in the folder and remove it; whether that was done."""
        end = (
            f"pid=$(cat {folder}/{PROCESS} 2>/dev/null) && "
            # Numbers of processes are used again: this one works in the folder, or it has ended.
            f'[ "$(readlink /proc/$pid/cwd)" = {folder} ] && kill $pid && sleep 0.5; '
            f"rm -rf {folder}"
        )
        try:
            return run_tool(self._command(end), CONNECT_SECONDS).returncode == 0
        except DeviceError:
            return False

    def _command(self, command: str) -> list[str]:
        # BatchMode: a password prompt would wait for ever. ServerAlive: notice a device that died.
        options = ("BatchMode=yes", f"ConnectTimeout={CONNECT_SECONDS // 2}")
        alive = ("ServerAliveInterval=5", "ServerAliveCountMax=3")
        flags = [part for option in (*options, *alive) for part in ("-o", option)]
        # The login shell may be fish or csh.
        return [self.ssh, *flags, self.host, f"sh -c {shlex.quote(command)}"]


def remote_arguments(plan: Plan, models: Sequence[ModelFile]) -> list[str]:
    """The plan as a command line of face520-bench on the device."""
    arguments = ["report"]
    for model in models:
        arguments += ["--model", f"{MODELS_FOLDER}/{model.name}.tflite"]
    arguments += ["--json", RESULT, "--threads", ",".join(map(str, plan.threads))]
    arguments += ["--compare-seconds", str(plan.compare_seconds)]
    arguments += ["--sustain", f"{plan.sustain_seconds:g}s"]
    for runtime in plan.runtimes:
        arguments += ["--runtime", runtime]
    if plan.accuracy_folder:
        arguments += ["--accuracy", FACES_FOLDER]
    if plan.cores:
        arguments += ["--cores", ",".join(map(str, plan.cores))]
    if plan.instruction_set:
        arguments += ["--instruction-set", plan.instruction_set]
    if plan.device_name:
        arguments += ["--name", plan.device_name]
    arguments += ["--publish"] * plan.published
    return arguments + ["--quick"] * plan.quick


def _pack(models: Sequence[ModelFile], faces: Path | None) -> bytes:
    """A compressed tar of the packages, the models and the annotated faces."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz", compresslevel=1) as archive:
        for package in (*PACKAGES, *((EVALUATOR,) if faces else ())):
            for path in _files(REPOSITORY / package):
                archive.add(path, str(path.relative_to(REPOSITORY)), recursive=False)
        for model in models:
            archive.add(model.path, f"{MODELS_FOLDER}/{model.name}.tflite")
        if faces:
            for path in sorted(faces.glob("*.jpg")) + sorted(faces.glob("*.mat")):
                archive.add(path, f"{FACES_FOLDER}/{path.name}")
    return buffer.getvalue()


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.name in LEFT_OUT or path.name.startswith("."):
            continue
        if path.is_dir():
            yield from _files(path)
        else:
            yield path
