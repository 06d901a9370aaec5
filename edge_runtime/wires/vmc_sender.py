"""Blendshapes and head pose in the VMC protocol, which programs that move avatars read.

https://protocol.vmc.info/english. Names of blendshapes are those of Unity's ARKitBlendShapeLocation
(`JawOpen`), to which the protocol points and which VRM avatars made for perfect sync bear. What the
model does not know is not sent, nor is `_neutral`, which ARKit has not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from math import cos, isnan, radians, sin
from pathlib import Path
from typing import TYPE_CHECKING

from edge_runtime.blendshapes import BLENDSHAPE_NAMES
from edge_runtime.errors import Face520Error
from edge_runtime.face_landmarks import FaceLandmarks
from edge_runtime.video.frame_source import Frame
from edge_runtime.wires.udp_wire import ONE_PACKET, HostPort, UdpWire

if TYPE_CHECKING:
    from pythonosc.osc_message import OscMessage

INSTALL = "pip install 'face520[osc]'"
LOADED, CALIBRATED, NORMAL_MODE = 1, 3, 0  # arguments of /VMC/Ext/OK, version 2.7
BUNDLE_HEAD = 16  # "#bundle" and its time tag
ELEMENT_HEAD = 4  # a message's size before it

Value = int | float | str


class VmcSender:
    """A `FrameSink` that moves one avatar after the face that has been followed the longest.

    Raises Face520Error without python-osc (`pip install 'face520[osc]'`).
    """

    wants_more = True

    def __init__(self, address: HostPort, on_event: Callable[[str], None]) -> None:
        try:
            import pythonosc  # noqa: F401 - the extra may be missing
        except ImportError as error:
            raise Face520Error(f"--osc needs python-osc. Run: {INSTALL}") from error
        self._wire = UdpWire(address, "--osc", on_event)

    def write(self, frame: Frame, faces: Sequence[FaceLandmarks]) -> None:
        """Send a frame's bundles."""
        for bundle in bundles(frame.timestamp_ms / 1e3, faces):
            self._wire.send(bundle)

    def close(self) -> list[Path]:
        """Let go of the socket; writes no files."""
        self._wire.close()
        return []


def bundles(time_s: float, faces: Sequence[FaceLandmarks]) -> Iterator[bytes]:
    """OSC bundles of a frame, each of which fits into one packet; its values before their Apply.

    Without a face, the tracking status is 0, and nothing moves.
    """
    content: list[OscMessage] = []
    size = BUNDLE_HEAD
    for address, values in _messages(time_s, faces):
        message = _message(address, values)
        if size + ELEMENT_HEAD + message.size > ONE_PACKET:
            yield _bundle(content)
            content, size = [], BUNDLE_HEAD
        content.append(message)
        size += ELEMENT_HEAD + message.size
    yield _bundle(content)


def head_rotation(face: FaceLandmarks) -> tuple[float, float, float, float]:
    """The head's quaternion x, y, z, w in Unity's axes, of a head that looks along z.

    Unity's axes are left-handed, for a head its own right, up and ahead. Those of `pose.py`, in
    which a head looks along -z with its own right along -x, are the same turned about: x, y and z
    all change their signs, which leaves a rotation's matrix as it is, and so its quaternion: the
    product of those of roll about z, -yaw about y and -pitch about x.
    """
    pose = face.pose
    halves = [radians(angle) / 2 for angle in (pose.roll_deg, -pose.yaw_deg, -pose.pitch_deg)]
    (cos_z, cos_y, cos_x), (sin_z, sin_y, sin_x) = map(cos, halves), map(sin, halves)
    return (
        cos_z * cos_y * sin_x - sin_z * sin_y * cos_x,
        cos_z * sin_y * cos_x + sin_z * cos_y * sin_x,
        sin_z * cos_y * cos_x - cos_z * sin_y * sin_x,
        cos_z * cos_y * cos_x + sin_z * sin_y * sin_x,
    )


def _messages(
    time_s: float, faces: Sequence[FaceLandmarks]
) -> Iterator[tuple[str, tuple[Value, ...]]]:
    face = min(faces, key=lambda one: one.track_id or 0, default=None)
    yield "/VMC/Ext/OK", (LOADED, CALIBRATED, NORMAL_MODE, int(face is not None))
    yield "/VMC/Ext/T", (time_s,)
    if face is None:
        return
    # Where its head sits on its neck, an avatar knows better.
    yield "/VMC/Ext/Bone/Pos", ("Head", 0.0, 0.0, 0.0, *head_rotation(face))
    if face.expression is None:
        return
    for name, value in zip(BLENDSHAPE_NAMES, face.expression.tolist(), strict=True):
        if not (isnan(value) or name.startswith("_")):
            yield "/VMC/Ext/Blend/Val", (name[0].upper() + name[1:], value)
    yield "/VMC/Ext/Blend/Apply", ()


def _message(address: str, values: tuple[Value, ...]) -> OscMessage:
    from pythonosc.osc_message_builder import OscMessageBuilder

    builder = OscMessageBuilder(address)
    for value in values:
        builder.add_arg(value)
    return builder.build()


def _bundle(content: Sequence[OscMessage]) -> bytes:
    from pythonosc.osc_bundle_builder import IMMEDIATELY, OscBundleBuilder

    builder = OscBundleBuilder(IMMEDIATELY)
    for message in content:
        builder.add_content(message)
    return builder.build().dgram
