"""face520-run on videos and pipes, from the outside."""

import asyncio
import json
import signal
import socket
import subprocess
import sys
import time

import cv2
import numpy as np
import pytest

from edge_runtime.video.video_file import VideoFile


def lines_of(text: str) -> list[dict]:
    return [json.loads(line) for line in text.splitlines()]


def count_frames(path) -> int:
    source, count = VideoFile(path), 0
    while source.read() is not None:
        count += 1
    source.close()
    return count


def test_a_clip_gets_an_overlay_and_lines(run_command, tmp_path, model_path, clip):
    done = run_command(tmp_path, clip, "--model", model_path)
    assert done.returncode == 0, done.stderr
    results = tmp_path / "face520_out"
    assert sorted(path.name for path in results.iterdir()) == ["clip.jsonl", "clip_face520.mp4"]
    assert count_frames(results / "clip_face520.mp4") == 30
    lines = lines_of((results / "clip.jsonl").read_text())
    assert [line["frame"] for line in lines] == list(range(30))
    assert {face["track_id"] for line in lines for face in line["faces"]} == {0}
    assert len(lines[7]["faces"][0]["points"]) == 520
    assert "30 frames" in done.stdout and "0 frames dropped" in done.stdout


def test_lines_on_standard_output_and_nothing_else(run_command, tmp_path, model_path, clip):
    done = run_command(tmp_path, clip, "--model", model_path, "--json", "-", "--max-frames", 5)
    assert done.returncode == 0 and len(lines_of(done.stdout)) == 5
    assert list(tmp_path.iterdir()) == []


def test_blinks_are_told_in_every_line_and_in_the_picture(run_command, tmp_path, model_path, clip):
    plain, counted = tmp_path / "plain.avi", tmp_path / "counted.avi"
    for target, options in ((plain, ()), (counted, ("--blinks", "--json", "a.jsonl"))):
        run_command(tmp_path, clip, "--model", model_path, "-o", target, *options)
    states = [line["faces"][0]["blinking"] for line in lines_of((tmp_path / "a.jsonl").read_text())]
    assert len(states) == 30
    assert states[-1].keys() == {"blinks", "yawns", "closed_ms", "perclos"}
    assert states[-1]["yawns"] == 0 and states[-1]["blinks"] <= 1
    frames = [VideoFile(path).read().image.astype(int) for path in (plain, counted)]
    assert (np.abs(frames[0] - frames[1]).max(axis=2) > 60).sum() > 200


def test_a_clip_through_wires_leaves_no_files(run_command, tmp_path, model_path, clip):
    pytest.importorskip("pythonosc")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as lines:
        lines.bind(("127.0.0.1", 0))
        lines.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        lines.settimeout(5)
        wires = ("--udp", f"127.0.0.1:{lines.getsockname()[1]}", "--osc", "[::1]:39539")
        done = run_command(tmp_path, clip, "--model", model_path, *wires)
        sent = [json.loads(lines.recv(65536)) for _ in range(30)]
    assert done.returncode == 0, done.stderr
    assert [line["frame"] for line in sent] == list(range(30))
    assert [len(line["faces"]) for line in sent] == [1] * 30
    assert "30 frames" in done.stdout and list(tmp_path.iterdir()) == []


def test_json_of_a_photo_on_standard_output(run_command, tmp_path, model_path, photo_path):
    done = run_command(tmp_path, photo_path, "--model", model_path, "--json", "-")
    (line,) = lines_of(done.stdout)
    assert line["format"] == "face520-result" and len(line["faces"]) == 1


@pytest.mark.parametrize("ending", ["mp4", "avi", "mov"])
def test_output_as_a_file(run_command, tmp_path, model_path, clip, ending):
    target = tmp_path / f"overlay.{ending}"
    options = ("--output", target, "--style", "contours", "--max-frames", 4)
    done = run_command(tmp_path, clip, "--model", model_path, *options)
    assert done.returncode == 0, done.stderr
    assert [path.name for path in tmp_path.iterdir()] == [target.name]
    assert count_frames(target) == 4


def test_a_folder_as_a_sequence(run_command, tmp_path, model_path, scene):
    (tmp_path / "frames").mkdir()
    for number in range(4):
        image = scene((300 + 5 * number, 240, 1, 0))[:, :, ::-1]
        cv2.imwrite(str(tmp_path / "frames" / f"{number}.jpg"), image)
    done = run_command(
        tmp_path, "frames", "--sequence", "--fps", 10, "--json", "-", "--model", model_path
    )
    assert [line["time_ms"] for line in lines_of(done.stdout)] == [0, 100, 200, 300]


def test_raw_frames_through_a_pipe(run_command, tmp_path, model_path, scene):
    frames = b"".join(scene((300 + 5 * n, 240, 1, 0)).tobytes() for n in range(6))
    arguments = ("--raw", "640x480:rgb24", "--json", "-", "--model", model_path)
    done = run_command(tmp_path, *arguments, "--fps", 30, input=frames, text=False)
    lines = lines_of(done.stdout.decode())
    assert done.returncode == 0 and [len(line["faces"]) for line in lines] == [1] * 6
    cut = run_command(tmp_path, *arguments, "--fps", 30, input=frames[:-5], text=False)
    assert cut.returncode == 1 and b"at the end of frame 5" in cut.stderr
    assert len(lines_of(cut.stdout.decode())) == 5


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "sigterm"])
def test_ctrl_c_leaves_valid_files(tmp_path, model_path, scene, command_env, number):
    """An endless pipe; the signal comes while it runs."""
    arguments = ["--raw", "640x480:rgb24", "--output", "out", "--model", str(model_path)]
    process = subprocess.Popen(
        [sys.executable, "-m", "edge_runtime", *arguments],
        cwd=tmp_path,
        env=command_env,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    frame = scene((320, 240, 1, 0)).tobytes()
    until = time.monotonic() + 20
    sent = 0
    while time.monotonic() < until and sent < 40:
        process.stdin.write(frame)
        sent += 1
        time.sleep(0.02)
    process.send_signal(number)
    try:
        out, err = process.communicate(timeout=20)
    except BrokenPipeError:
        out, err = process.stdout.read(), process.stderr.read()
    assert process.returncode == 0, err
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "stdin.jsonl",
        "stdin_face520.mp4",
    ]
    assert len(lines_of((tmp_path / "out" / "stdin.jsonl").read_text())) > 1
    assert count_frames(tmp_path / "out" / "stdin_face520.mp4") > 1
    assert b"Traceback" not in err and b"frames in" in out


def test_a_reader_that_has_had_enough(tmp_path, model_path, clip, command_env):
    command = f"{sys.executable} -m edge_runtime {clip} --json - --model {model_path} | head -n 1"
    done = subprocess.run(
        command,
        shell=True,
        cwd=tmp_path,
        env=command_env,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert len(lines_of(done.stdout)) == 1 and "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr


def noise_clip(folder):
    path = folder / "noise.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 25.0, (64, 48))
    for _ in range(5):
        writer.write(np.full((48, 64, 3), 99, np.uint8))
    writer.release()
    return path


@pytest.mark.parametrize(
    ("prepare", "complaint"),
    [
        (lambda folder, clip: ["absent.mp4"], "absent.mp4: no such file"),
        (lambda folder, clip: [clip, clip, "-o", "one.mp4"], "one video file for several"),
        (lambda folder, clip: [clip, "--camera", "0"], "either files, or --camera"),
        (lambda folder, clip: ["--camera", "/dev/video99", "--show"], "cannot be opened"),
        (lambda folder, clip: ["--camera", "0", "--size", "big"], "no picture size"),
        (lambda folder, clip: ["--raw", "640"], "no frame format"),
        (lambda folder, clip: ["--camera", ""], "--camera is empty"),
        (lambda folder, clip: [noise_clip(folder)], "no face found in 5 frames"),
        (lambda folder, clip: [clip, "--show"], "--show needs a"),
        (lambda folder, clip: ["--demo", "--json", "all.json"], "--json FILE takes"),
        (lambda folder, clip: [clip, "--osc", "localhost"], "--osc localhost: not HOST:PORT"),
        (lambda folder, clip: [clip, "--udp", "no.invalid:5"], "--udp no.invalid:5: no such host"),
        (lambda folder, clip: [clip, "--serve", "--host", "0.0.0.0", "--token", "x"], "openssl"),
        (lambda folder, clip: [clip, "--serve", "--host", "203.0.113.9"], "no such address"),
        (lambda folder, clip: ["--demo", "--udp", "127.0.0.1:5"], "For photos, leave them out"),
        (lambda folder, clip: [clip, "--udp-points"], "Give --udp HOST:PORT too"),
    ],
    ids=[
        "absent",
        "two into one",
        "both",
        "no camera",
        "size",
        "raw",
        "empty",
        "no face",
        "show",
        "json",
        "no port",
        "no host",
        "token",
        "address",
        "wires of a photo",
        "points of nothing",
    ],
)
def test_nothing_could_be_done(
    run_command, tmp_path, model_path, clip, prepare, complaint, monkeypatch
):
    arguments = prepare(tmp_path, clip)
    monkeypatch.delenv("DISPLAY", raising=False)
    done = run_command(tmp_path, *arguments, "--model", model_path, stdin=subprocess.DEVNULL)
    assert done.returncode == 2, done.stderr
    assert complaint in done.stderr and "Traceback" not in done.stderr
    assert not list(tmp_path.glob("**/.face520-*")), "no unfinished file stays behind"


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_a_film_in_a_page_until_ctrl_c(tmp_path, model_path, clip, command_env):
    """It begins with the first browser; a second run finds the port taken; Ctrl-C ends in order."""
    aiohttp = pytest.importorskip("aiohttp")
    command = [sys.executable, "-m", "edge_runtime", str(clip), "--model", str(model_path)]
    command += ["--serve", "--json", "-", "--port"]
    process = subprocess.Popen(
        [*command, "0"], cwd=tmp_path, env=command_env, text=True, stdout=-1, stderr=-1
    )
    lines = iter(process.stderr.readline, "")
    link = next(line.strip() for line in lines if line.startswith("http://127.0.0.1:"))

    async def look():
        async with aiohttp.ClientSession() as session, session.ws_connect(f"{link}live") as socket:
            await socket.send_str("next")
            async for message in socket:
                if message.type is aiohttp.WSMsgType.BINARY:
                    return message.data

    port = link.rstrip("/").rpartition(":")[2]
    taken = subprocess.run(
        [*command, port], cwd=tmp_path, env=command_env, text=True, capture_output=True, timeout=90
    )
    assert taken.returncode == 2 and f"{port}: another program listens there" in taken.stderr
    assert b'"faces":[{' in asyncio.run(look())
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0 and "Traceback" not in err, err
    assert 1 <= len(lines_of(out)) <= 30 and list(tmp_path.iterdir()) == []
