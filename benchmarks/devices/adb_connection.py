"""adb to one phone, its complaints turned into what to do."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.errors import DeviceError
from benchmarks.tool import CHECK_CONNECTION, last_line, run_tool

ASK_SECONDS = 20
RESTART = "Try: adb kill-server"

REMEDIES = (
    ("No space left", "the phone is full. Free some space and try again"),
    ("INSUFFICIENT_STORAGE", "the phone is full. Free some space and try again"),
    ("UPDATE_INCOMPATIBLE", "an app of another signature is there. Uninstall it first"),
    ("not found", "the phone went away. Check the cable, and `adb devices`"),
    ("device offline", "the phone is offline. Unplug it, plug it in again"),
    ("unauthorized", "allow USB debugging in the dialog on the phone's screen"),
    ("no devices", "the phone went away. Check the cable, and `adb devices`"),
    ("closed", "the connection broke off. Check the cable and try again"),
)


@dataclass(frozen=True)
class AdbConnection:
    """A phone that is connected and ready; serial as `adb devices` lists it."""

    serial: str
    adb: str = "adb"

    @classmethod
    def ready(cls, serial: str = "", adb: str = "adb") -> AdbConnection:
        """The phone of that serial, or the only one. Raises DeviceError unless it is ready."""
        done = run_tool([adb, "devices"], ASK_SECONDS, if_slow=RESTART)
        if done.returncode:
            raise DeviceError(f"adb: {last_line(done)}. {RESTART}")
        rows = [line.split("\t") for line in done.stdout.splitlines()[1:] if "\t" in line]
        states = {row[0].strip(): row[1].strip() for row in rows}
        if not states:
            raise DeviceError("adb: no device. Connect the phone and enable USB debugging on it.")
        if serial and serial not in states:
            raise DeviceError(f"adb: no device {serial}. Connected: {', '.join(states)}.")
        if not serial and len(states) > 1:
            raise DeviceError(f"adb: several devices. Choose with --serial: {', '.join(states)}.")
        chosen = serial or next(iter(states))
        if states[chosen] != "device":
            remedy = next(
                (text for words, text in REMEDIES if states[chosen] in words),
                "wait until `adb devices` lists it as device",
            )
            raise DeviceError(f"adb: {chosen} is {states[chosen]}: {remedy}.")
        return cls(chosen, adb)

    def shell(self, command: str, seconds: float = ASK_SECONDS) -> str:
        """What a command on the phone prints. Raises DeviceError as `run` does."""
        return self.run(["shell", command], seconds)

    def run(self, arguments: Sequence[str], seconds: float) -> str:
        """What adb prints. Raises DeviceError when it fails or takes longer."""
        done = run_tool(
            [self.adb, "-s", self.serial, *arguments],
            seconds,
            called=f"adb: {self.serial}",
            if_slow=CHECK_CONNECTION,
        )
        if done.returncode == 0:
            return done.stdout
        reason = last_line(done)
        for words, remedy in REMEDIES:
            if words.lower() in (done.stderr + done.stdout).lower():
                raise DeviceError(f"adb: {self.serial}: {reason}: {remedy}.")
        raise DeviceError(
            f"adb: {self.serial}: {arguments[0]} failed ({reason}). Try it by hand: adb "
            f"{shlex.join(arguments)[:160]}"
        )
