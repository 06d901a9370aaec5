"""What an avatar program reads: parsed by OSC 1.0's own rules, without python-osc."""

import builtins
import socket
import struct
from dataclasses import replace

import numpy as np
import pytest

from edge_runtime import BLENDSHAPE_NAMES, Face520Error, HeadPose
from edge_runtime.pose import rotation_of_pose
from edge_runtime.video.frame_source import Frame
from edge_runtime.wires.udp_wire import ONE_PACKET, HostPort
from edge_runtime.wires.vmc_sender import VmcSender, bundles, head_rotation

pytest.importorskip("pythonosc")

FRAME = Frame(np.zeros((48, 64, 3), np.uint8), 1500.0, 45)


def read_string(data: bytes, at: int) -> tuple[str, int]:
    """A string that ends with a zero and is filled up to a multiple of four."""
    end = data.index(b"\0", at)
    filled = at + (end - at) // 4 * 4 + 4
    assert not data[end:filled].strip(b"\0")
    return data[at:end].decode("ascii"), filled


def read_message(data: bytes) -> tuple[str, str, list]:
    address, at = read_string(data, 0)
    types, at = read_string(data, at)
    values = []
    for kind in types[1:]:
        if kind == "s":
            value, at = read_string(data, at)
        else:
            (value,) = struct.unpack_from({"i": ">i", "f": ">f"}[kind], data, at)
            at += 4
        values.append(value)
    assert at == len(data), "nothing is left over"
    return address, types, values


def read_bundle(data: bytes) -> list[tuple[str, str, list]]:
    assert data[:8] == b"#bundle\0" and data[8:16] == b"\0\0\0\0\0\0\0\1", "immediately"
    at, found = 16, []
    while at < len(data):
        (size,) = struct.unpack_from(">i", data, at)
        found.append(read_message(data[at + 4 : at + 4 + size]))
        at += 4 + size
    return found


def read_frame(faces) -> list[tuple[str, str, list]]:
    return [message for data in bundles(1.5, faces) for message in read_bundle(data)]


def test_a_frame_holds_state_time_head_and_blendshapes(lively_face):
    messages = read_frame([lively_face])
    assert messages[0] == ("/VMC/Ext/OK", ",iiii", [1, 3, 0, 1])
    assert messages[1] == ("/VMC/Ext/T", ",f", [1.5])
    assert messages[2][:2] == ("/VMC/Ext/Bone/Pos", ",sfffffff")
    assert messages[2][2][:4] == ["Head", 0, 0, 0]
    assert messages[-1] == ("/VMC/Ext/Blend/Apply", ",", [])
    assert {message[:2] for message in messages[3:-1]} == {("/VMC/Ext/Blend/Val", ",sf")}


def test_known_blendshapes_under_their_names_and_no_others(lively_face):
    sent = dict(one[2] for one in read_frame([lively_face]) if one[0].endswith("/Val"))
    known = {
        name[0].upper() + name[1:]: value
        for name, value in zip(BLENDSHAPE_NAMES, lively_face.expression.tolist())
        if not name.startswith(("_", "eyeLook"))
    }
    assert sent == pytest.approx(known)
    assert {"JawOpen", "EyeBlinkLeft", "MouthSmileRight"} <= sent.keys() and len(sent) == 43


def test_every_bundle_fits_into_one_packet_and_apply_comes_last(lively_face):
    everything = replace(lively_face, expression=np.ones(len(BLENDSHAPE_NAMES), np.float32))
    sent = list(bundles(1.5, [everything]))
    assert max(map(len, sent)) <= ONE_PACKET and len(sent) > 1
    assert read_bundle(sent[-1])[-1][0] == "/VMC/Ext/Blend/Apply"


def test_a_model_without_expression_still_turns_the_head(face):
    assert [one[0] for one in read_frame([face])][-1] == "/VMC/Ext/Bone/Pos"


def test_without_a_face_the_status_says_so_and_nothing_moves():
    assert read_frame([]) == [
        ("/VMC/Ext/OK", ",iiii", [1, 3, 0, 0]),
        ("/VMC/Ext/T", ",f", [1.5]),
    ]


def test_the_face_followed_the_longest_moves_the_avatar(lively_face):
    turned = replace(lively_face, pose=HeadPose(40.0, 0.0, 0.0))
    two = [turned.with_track_id(7), lively_face.with_track_id(3)]
    bone = read_frame(two)[2][2]
    assert bone[4:] == pytest.approx(head_rotation(lively_face), abs=1e-6)


def turned_by(face, pose: HeadPose, vector: tuple[float, float, float]) -> np.ndarray:
    """Where Unity's `quaternion * vector` points: v + 2 w (q x v) + 2 q x (q x v)."""
    *axis, w = head_rotation(replace(face, pose=pose))
    once = np.cross(axis, vector)
    return np.asarray(vector) + 2 * w * once + 2 * np.cross(axis, once)


@pytest.mark.parametrize(
    ("pose", "vector", "expected"),
    [
        # Unity's axes of a head: x to its own right, y up, z ahead.
        (HeadPose(0, 0, 0), (0, 0, 1), (0, 0, 1)),
        # To the picture's right is to the person's left.
        (HeadPose(90, 0, 0), (0, 0, 1), (-1, 0, 0)),
        (HeadPose(-90, 0, 0), (0, 0, 1), (1, 0, 0)),
        (HeadPose(0, 90, 0), (0, 0, 1), (0, 1, 0)),
        # Clockwise as the camera sees it: the crown leans to the person's left.
        (HeadPose(0, 0, 90), (0, 1, 0), (-1, 0, 0)),
    ],
    ids=["ahead", "to the left", "to the right", "up", "tilted left"],
)
def test_the_head_turns_the_persons_way(face, pose, vector, expected):
    assert turned_by(face, pose, vector) == pytest.approx(expected, abs=1e-9)


def test_the_quaternion_is_the_pose_in_unitys_axes(face):
    to_unity = np.diag([-1.0, -1.0, -1.0])  # own right, up, ahead, of x right, y down, z away
    rng = np.random.default_rng(3)
    for angles in rng.uniform(-85, 85, (50, 3)):
        pose = HeadPose(*angles)
        expected = to_unity @ rotation_of_pose(pose) @ to_unity.T
        found = np.column_stack([turned_by(face, pose, axis) for axis in np.eye(3)])
        np.testing.assert_allclose(found, expected, atol=1e-9)
        assert np.linalg.norm(head_rotation(replace(face, pose=pose))) == pytest.approx(1)


def test_datagrams_arrive(lively_face):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        receiver.settimeout(5)
        sender = VmcSender(HostPort("127.0.0.1", receiver.getsockname()[1]), print)
        sender.write(FRAME, [lively_face])
        first = read_bundle(receiver.recv(65536))
        assert sender.close() == [] and first[0][0] == "/VMC/Ext/OK"


def test_python_osc_reads_the_same(lively_face):
    from pythonosc.osc_bundle import OscBundle

    for data in bundles(1.5, [lively_face]):
        theirs = [(one.address, list(one.params)) for one in OscBundle(data)]
        assert theirs == [(address, values) for address, _, values in read_bundle(data)]


def test_without_the_extra_a_line_names_it(monkeypatch):
    imported = builtins.__import__

    def refuse(name, *arguments, **named):
        if name.startswith("pythonosc"):
            raise ImportError(name)
        return imported(name, *arguments, **named)

    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(Face520Error, match=r"pip install 'face520\[osc\]'"):
        VmcSender(HostPort("127.0.0.1", 39539), print)
