"""JSON lines over UDP: what arrives, how large it is, and that nobody has to listen."""

import json
import socket
from dataclasses import replace
from pathlib import Path

import jsonschema
import numpy as np
import pytest

import edge_runtime
from edge_runtime import Face520Error
from edge_runtime.video.frame_source import Frame
from edge_runtime.video.json_lines import frame_to_json
from edge_runtime.wires.udp_lines import UdpLines, brief, encode
from edge_runtime.wires.udp_wire import LARGEST_DATAGRAM, ONE_PACKET, HostPort, UdpWire

SCHEMA = json.loads((Path(edge_runtime.__file__).parent / "result.schema.json").read_text())
FRAME = Frame(np.zeros((480, 640, 3), np.uint8), 123456.789, 45678)
MODEL = "face520_main 1.3.0"


@pytest.fixture(params=["127.0.0.1", "::1"], ids=["IPv4", "IPv6"])
def receiver(request):
    family = socket.AF_INET6 if ":" in request.param else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as opened:
        try:
            opened.bind((request.param, 0))
        except OSError:
            pytest.skip(f"this machine has no {request.param}")
        opened.settimeout(5)
        yield opened


def address_of(receiver) -> HostPort:
    host, port, *_ = receiver.getsockname()
    return HostPort.parse(str(HostPort(host, port)), "--udp")


def test_a_brief_line_is_described_by_the_schema_and_fits_one_packet(receiver, lively_face):
    sink = UdpLines(address_of(receiver), MODEL, False, print)
    sink.write(FRAME, [lively_face.with_track_id(4)])
    datagram = receiver.recv(65536)
    line = json.loads(datagram)
    jsonschema.validate(line, SCHEMA)
    assert len(datagram) <= ONE_PACKET and datagram.endswith(b"\n")
    (face,) = line["faces"]
    assert line["format"] == "face520-brief" and line["frame"] == 45678
    assert face["track_id"] == 4 and face["blinking"]["blinks"] == 3
    assert "points" not in face and "visibility" not in face
    assert len(face["expression"]) == 44 and "eyeLookInLeft" not in face["expression"]
    assert sink.close() == []


def test_with_points_it_is_the_line_of_json_lines(receiver, lively_face):
    UdpLines(address_of(receiver), MODEL, True, print).write(FRAME, [lively_face])
    line = json.loads(receiver.recv(65536))
    jsonschema.validate(line, SCHEMA)
    assert line == json.loads(json.dumps(frame_to_json(FRAME, [lively_face], MODEL)))


def test_frames_without_a_face_are_sent_too(receiver):
    UdpLines(address_of(receiver), MODEL, False, print).write(FRAME, [])
    assert json.loads(receiver.recv(65536))["faces"] == []


def test_faces_without_room_are_left_out_and_told_of_once(receiver, lively_face):
    events: list[str] = []
    sink = UdpLines(address_of(receiver), MODEL, True, events.append)
    # Digits as a photo has them: the made-up face's own are short.
    points = lively_face.points + np.random.default_rng(1).normal(0, 9, (520, 3))
    many = [replace(lively_face, points=points.astype(np.float32))] * 9
    for _ in range(2):
        sink.write(FRAME, many)
        datagram = receiver.recv(65536)
        assert len(datagram) <= LARGEST_DATAGRAM
        assert 2 <= len(json.loads(datagram)["faces"]) < 9
    assert len(events) == 1 and "--max-faces" in events[0]


def test_thirty_brief_faces_fit_into_a_datagram(lively_face):
    faces = [lively_face.with_track_id(number) for number in range(30)]
    assert len(encode(brief(frame_to_json(FRAME, faces, MODEL)))) <= LARGEST_DATAGRAM


def test_nobody_listens():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    events: list[str] = []
    sink = UdpLines(HostPort("127.0.0.1", port), MODEL, False, events.append)
    for _ in range(5):
        sink.write(FRAME, [])
    assert events == [] and sink.wants_more


class Broken:
    """A socket of a network that is down until `error` is None."""

    def __init__(self, error):
        self.error = error

    def sendto(self, datagram, target):
        if self.error is not None:
            raise self.error


def test_a_network_that_is_down_is_told_of_once_and_when_it_is_back():
    events: list[str] = []
    wire = UdpWire(HostPort("127.0.0.1", 9), "--udp", events.append)
    wire._socket.close()
    wire._socket = broken = Broken(OSError(101, "Network is unreachable"))
    for _ in range(3):
        wire.send(b"x")
    broken.error = BlockingIOError(11, "Resource temporarily unavailable")
    wire.send(b"x")
    broken.error = None
    for _ in range(3):
        wire.send(b"x")
    assert len(events) == 2
    assert "Network is unreachable" in events[0] and "again" in events[1]


@pytest.mark.parametrize(
    ("text", "host", "port", "printed"),
    [
        ("127.0.0.1:39539", "127.0.0.1", 39539, "127.0.0.1:39539"),
        ("studio.local:1", "studio.local", 1, "studio.local:1"),
        ("[fe80::1%eth0]:65535", "fe80::1%eth0", 65535, "[fe80::1%eth0]:65535"),
    ],
)
def test_hosts_and_ports(text, host, port, printed):
    assert HostPort.parse(text, "--osc") == HostPort(host, port)
    assert str(HostPort(host, port)) == printed


@pytest.mark.parametrize(
    "text",
    ["", ":", "host", "host:", ":39539", "host:0", "host:65536", "host:-1", "host:9x", "::1:39539",
     "[]:5", "host:٣٤", "host: 5", "host:99999999999999999999"],
)  # fmt: skip
def test_what_is_no_host_and_port(text):
    with pytest.raises(Face520Error, match=r"--osc .*Give"):
        HostPort.parse(text, "--osc")


def test_a_host_that_nobody_knows():
    with pytest.raises(Face520Error, match=r"--udp no-such-host\.invalid:5: no such host"):
        UdpWire(HostPort("no-such-host.invalid", 5), "--udp", print)
