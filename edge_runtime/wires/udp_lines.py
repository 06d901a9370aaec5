"""A video's faces as JSON over UDP, a datagram a frame."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from edge_runtime.face_landmarks import FaceLandmarks
from edge_runtime.video.frame_source import Frame
from edge_runtime.video.json_lines import frame_to_json
from edge_runtime.wires.udp_wire import LARGEST_DATAGRAM, HostPort, UdpWire

BRIEF_FORMAT = "face520-brief"
# Of a face in a brief line; the rest follows from the points, which are left out.
BRIEF_KEYS = ("track_id", "blinking", "presence", "box", "pose", "openings")


class UdpLines:
    """A `FrameSink`; `edge_runtime/result.schema.json` describes a datagram.

    with_points: the lines of `JsonLines`, some 20 kB a face; without, brief ones, in which a face
    mostly fits into one packet. Faces for which a datagram has no room are left out, the last
    first, and on_event hears of it once.
    """

    wants_more = True

    def __init__(
        self, address: HostPort, model: str, with_points: bool, on_event: Callable[[str], None]
    ) -> None:
        self._name = f"--udp {address}"
        self._wire = UdpWire(address, "--udp", on_event)
        self._model, self._with_points, self._on_event = model, with_points, on_event
        self._has_told = False

    def write(self, frame: Frame, faces: Sequence[FaceLandmarks]) -> None:
        """Send a frame's line."""
        line = frame_to_json(frame, faces, self._model, self._with_points)
        if not self._with_points:
            line = brief(line)
        datagram = encode(line)
        while len(datagram) > LARGEST_DATAGRAM and line["faces"]:
            line["faces"].pop()
            datagram = encode(line)
        if len(line["faces"]) < len(faces) and not self._has_told:
            self._has_told = True
            self._on_event(
                f"{self._name}: {len(faces)} faces do not fit into one datagram; the last are left "
                f"out. Give --max-faces {max(len(line['faces']), 1)}, or no --udp-points."
            )
        self._wire.send(datagram)

    def close(self) -> list[Path]:
        """Let go of the socket; writes no files."""
        self._wire.close()
        return []


def brief(line: dict[str, Any]) -> dict[str, Any]:
    """A line without points, their layout, visibility and unknown blendshapes."""
    head = {key: value for key, value in line.items() if key != "layout"}
    return head | {"format": BRIEF_FORMAT, "faces": [_brief_face(face) for face in line["faces"]]}


def encode(line: dict[str, Any]) -> bytes:
    """A line of JSON without a space, with its end."""
    return (json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n").encode()


def _brief_face(face: dict[str, Any]) -> dict[str, Any]:
    kept = {key: face[key] for key in BRIEF_KEYS if key in face}
    if "expression" in face:
        known = face["expression"].items()
        kept["expression"] = {name: value for name, value in known if value is not None}
    return kept
