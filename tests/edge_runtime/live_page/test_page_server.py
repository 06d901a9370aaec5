"""The page by a client of its own: what is sent, to whom, how often, and who is refused."""

from __future__ import annotations

import asyncio
import builtins
import json
import struct
import time
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge_runtime import Face520Error
from edge_runtime.drawing import Style
from edge_runtime.live_page.live_page import LivePage
from edge_runtime.live_page.own_pace import OwnPace
from edge_runtime.live_page.page_address import PageAddress
from edge_runtime.live_page.sensors import SensorReading, Sensors
from edge_runtime.live_page.snapshot import Snapshot
from edge_runtime.results.result_json import read_json
from edge_runtime.video.frame_source import Frame
from tests.edge_runtime.live_page.made_up_show import Show

aiohttp = pytest.importorskip("aiohttp")
page_server = pytest.importorskip("edge_runtime.live_page.page_server")

TOKEN = "0123456789abcdef"
WAIT_S = 30


def read(message: bytes) -> tuple[dict, np.ndarray, np.ndarray]:
    """What a browser reads: the head, points (faces, 520, 2), the picture."""
    (length,) = struct.unpack_from("<I", message)
    head = json.loads(message[4 : 4 + length])
    at, points = 4 + length, []
    for _ in head["faces"]:
        points.append(np.frombuffer(message, "<f4", 1040, at).reshape(520, 2))
        at += 1040 * 4 + 520
    picture = cv2.imdecode(np.frombuffer(message[at:], np.uint8), cv2.IMREAD_COLOR)
    return head, np.array(points), picture


class Watcher:
    """A connection as the page opens it."""

    def __init__(self, socket) -> None:
        self.socket = socket
        self.words: list[dict] = []
        self._given: dict | None = None

    async def word(self, kind: str) -> dict:
        """The next text message of a kind; others are kept in `words`."""
        while not self.words or self.words[-1]["kind"] != kind or self.words[-1] is self._given:
            message = await self.receive()
            if message.type is aiohttp.WSMsgType.TEXT:
                self.words.append(json.loads(message.data))
        self._given = self.words[-1]
        return self._given

    async def next(self) -> tuple[dict, np.ndarray, np.ndarray]:
        await self.socket.send_str("next")
        while True:
            message = await self.receive()
            if message.type is aiohttp.WSMsgType.BINARY:
                return read(message.data)

    async def receive(self):
        message = await asyncio.wait_for(self.socket.receive(), WAIT_S)
        assert message.type not in (aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR)
        return message


def watch(link: str, work, count: int = 1):
    """Run `work(watcher, ...)` with `count` connections."""

    async def run():
        async with aiohttp.ClientSession() as session:
            url = link.replace("/?", "/live?") if "?" in link else f"{link}live"
            sockets = [await session.ws_connect(url) for _ in range(count)]
            return await work(*map(Watcher, sockets))

    return asyncio.run(run())


def status(link: str, path: str = "", **headers: str) -> tuple[int, str]:
    async def ask():
        async with (
            aiohttp.ClientSession() as session,
            session.get(link + path, headers=headers) as answer,
        ):
            return answer.status, await answer.text()

    return asyncio.run(ask())


def test_a_frame_is_the_picture_with_its_points_and_values(show):
    async def work(watcher):
        hello = await watcher.word("hello")
        return hello, [await watcher.next() for _ in range(3)], await watcher.word("pulse")

    hello, frames, pulse = watch(show.link, work)
    assert hello["model"] == "main 1.3.0" and hello["style"] == "points"
    assert len(hello["edges"]) == 2 * 1510 and len(hello["contours"]) == 9
    numbers = [head["frame"] for head, _, _ in frames]
    assert numbers == sorted(set(numbers)), "each frame once, in order"
    head, points, picture = frames[-1]
    (face,) = head["faces"]
    assert picture.shape == (240, 320, 3) and (head["width"], head["height"]) == (320, 240)
    np.testing.assert_array_equal(points[0], show.landmarker._face.points[:, :2])
    assert face["expression"]["eyeLookInLeft"] is None and face["blinking"]["blinks"] == 3
    assert not {"points", "visibility"} & face.keys()
    assert 0 < pulse["fps"] <= 26 and pulse["age_s"] < 2 and pulse["browsers"] == 1


def test_heat_and_throttling_are_told_where_the_board_tells(show, monkeypatch):
    for reading in (SensorReading(1500.0, 82.4, ("throttled",)), SensorReading(None, None, None)):
        monkeypatch.setattr(Sensors, "read", lambda self, reading=reading: reading)
        pulse = watch(show.link, lambda watcher: watcher.word("pulse"))
        throttled = None if reading.throttled is None else list(reading.throttled)
        assert (pulse["celsius"], pulse["throttled"]) == (reading.celsius, throttled)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_server_that_breaks_off_is_no_secret(show, monkeypatch):
    def fail(number, frame, faces):
        raise ValueError("the made-up encoder broke")

    monkeypatch.setattr(Snapshot, "of", fail)

    async def work(watcher):
        await watcher.socket.send_str("next")
        while not watcher.socket.closed:
            await asyncio.wait_for(watcher.socket.receive(), WAIT_S)

    watch(show.link, work)
    show.thread.join(WAIT_S)
    with pytest.raises(ValueError, match="encoder broke"):
        show.page.write(Frame(np.zeros((2, 2, 3), np.uint8), 0.0, 0), [])


def test_more_browsers_than_there_is_room_for(show, monkeypatch):
    monkeypatch.setattr(page_server, "MOST_BROWSERS", 1)

    async def work(first, second):
        message = await asyncio.wait_for(second.socket.receive(), WAIT_S)
        await first.next()
        return message

    assert watch(show.link, work, count=2).data == page_server.TRY_LATER


def test_nothing_is_encoded_while_nobody_asks(show):
    time.sleep(0.5)
    assert show.feed.latest is None and show.feed.frames_a_second > 0
    watch(show.link, lambda watcher: watcher.next())
    seen = show.feed.latest.number
    time.sleep(0.5)
    assert show.feed.latest.number <= seen + 1


def test_a_frame_is_encoded_once_for_all(show):
    async def work(*watchers):
        async def look(watcher):
            return [(await watcher.next())[0]["frame"] for _ in range(10)]

        return await asyncio.gather(*map(look, watchers))

    seen = watch(show.link, work, count=8)
    different = len({number for frames in seen for number in frames})
    assert different <= show.feed.latest.number <= different + 2
    assert different < 40, "of 80 that were shown"


def test_a_slow_browser_gets_the_newest_frame_and_slows_nobody(show):
    async def work(slow, fast):
        await slow.next()
        before = [(await fast.next())[0]["frame"] for _ in range(25)]
        return before, (await slow.next())[0]["frame"]

    before, later = watch(show.link, work, count=2)
    assert before == sorted(set(before)), "the fast one went on, a new frame each time"
    assert later >= before[-1], "the slow one has skipped them"


def test_saving_writes_the_frame_that_is_shown(show, tmp_path):
    async def work(watcher):
        head, _, picture = await watcher.next()
        await watcher.socket.send_str("save")
        return head, picture, await watcher.word("saved")

    head, picture, saved = watch(show.link, work)
    jpeg, result = map(Path, saved["files"])
    assert jpeg.parent == tmp_path / "saved" and jpeg.stem.endswith(f"_{head['frame']}")
    np.testing.assert_array_equal(cv2.imread(str(jpeg)), picture)
    read_back = read_json(result)
    assert read_back.image == jpeg.name and (read_back.width, read_back.height) == (320, 240)
    assert len(read_back.faces) == 1 and len(read_back.faces[0].points) == 520


def test_where_nothing_can_be_saved_the_page_says_so(show, tmp_path):
    (tmp_path / "saved").write_text("a file, not a folder")

    async def work(watcher):
        await watcher.next()
        await watcher.socket.send_str("save")
        return await watcher.word("failed")

    assert "cannot be written" in watch(show.link, work)["text"]


def test_a_lost_camera_and_its_return_are_told(show):
    async def work(watcher):
        await watcher.next()
        show.plug.is_in.clear()
        gone = await watcher.word("notice")
        show.plug.is_in.set()
        back = await watcher.word("notice")
        assert (await watcher.next())[0]["faces"]
        return gone["text"], back["text"]

    gone, back = watch(show.link, work)
    assert gone.startswith("camera desk has gone") and back == "camera desk is back"
    late = watch(show.link, lambda watcher: watcher.word("notice"))
    assert late["text"] == gone, "who comes later hears of it too"


def test_words_that_no_page_says_do_no_harm(show):
    async def work(watcher):
        await watcher.socket.send_str("save")  # before anything was shown
        await watcher.socket.send_str("x" * 60)
        await watcher.socket.send_bytes(b"next")
        head, _, _ = await watcher.next()
        await watcher.socket.send_str("x" * 10_000)
        while not watcher.socket.closed:
            await asyncio.wait_for(watcher.socket.receive(), WAIT_S)
        return head

    assert watch(show.link, work)["faces"]
    assert watch(show.link, lambda watcher: watcher.next())[0]["faces"], "others go on"


def test_who_is_refused(show):
    page, text = status(show.link)
    assert page == 200 and "<canvas" in text
    assert status(show.link, Host="evil.example")[0] == 403
    assert status(show.link, "live", Origin="https://evil.example")[0] == 403
    assert status(show.link, "page.js", Origin="https://evil.example")[0] == 403
    assert status(show.link, "secrets")[0] == 404
    assert status(show.link, "../sensors.py")[0] == 404


def test_a_wrong_token_is_refused(tmp_path, lively_face):
    running = Show(tmp_path, lively_face, PageAddress("0.0.0.0", 0, TOKEN))
    port = running.link.split(":")[2].split("/")[0]
    bare = f"http://127.0.0.1:{port}/"
    try:
        for path in ("", "?token=", f"?token={TOKEN[:-1]}x", "live", "live?token=wrong"):
            code, text = status(bare, path)
            assert code == 403 and "token" in text
        assert status(bare, f"?token={TOKEN}")[0] == 200
        assert watch(f"{bare}?token={TOKEN}", lambda watcher: watcher.next())[0]["faces"]
    finally:
        running.end()


def test_answers_forbid_what_the_page_does_not_need(show):
    async def ask():
        async with aiohttp.ClientSession() as session, session.get(show.link) as answer:
            return answer.headers

    headers = asyncio.run(ask())
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["Referrer-Policy"] == "no-referrer", "the token stays in the link"


def test_a_port_in_use(show, tmp_path):
    port = int(show.link.split(":")[2].strip("/"))
    with pytest.raises(Face520Error, match=f"{port}: another program listens there.*--port"):
        LivePage(PageAddress(port=port), "main", Style.POINTS, tmp_path, "desk")


def test_an_address_that_is_not_this_machines(tmp_path):
    with pytest.raises(Face520Error, match=r"203\.0\.113\.9:8520: this machine has no such"):
        LivePage(PageAddress("203.0.113.9", token=TOKEN), "main", Style.POINTS, tmp_path, "desk")


def test_without_the_extra_a_line_names_it(monkeypatch, tmp_path):
    imported = builtins.__import__

    def refuse(name, *arguments, **named):
        if name.endswith("page_server"):
            raise ImportError(name)
        return imported(name, *arguments, **named)

    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(Face520Error, match=r"pip install 'face520\[serve\]'"):
        LivePage(PageAddress(), "main", Style.POINTS, tmp_path, "desk")


class Film:
    name, is_live, fps = "film", False, 25.0

    def __init__(self, times_ms):
        self._frames = [
            Frame(np.zeros((2, 2, 3), np.uint8), time_ms, index)
            for index, time_ms in enumerate(times_ms)
        ]

    def read(self):
        return self._frames.pop(0) if self._frames else None

    def close(self):
        pass


class Browserless:
    """What a film needs of a page; `waited` sums up how long it was told to wait."""

    def __init__(self, comes=True):
        self.comes, self.waited = comes, 0.0

    def wait_for_browser(self):
        return self.comes

    def wait(self, seconds):
        self.waited += seconds
        time.sleep(seconds)


def test_a_film_keeps_its_times():
    page = Browserless()
    film = OwnPace(Film([40.0, 140.0, 340.0]), page)
    start = time.monotonic()
    seen = [(film.read().index, time.monotonic() - start) for _ in range(3)]
    assert film.read() is None
    assert [index for index, _ in seen] == [0, 1, 2]
    assert page.waited < 0.31 and seen[2][1] >= 0.29


def test_a_film_does_not_hurry_after_a_slow_tracker():
    page = Browserless()
    film = OwnPace(Film([0.0, 10.0, 510.0]), page)
    film.read()
    time.sleep(0.3)
    film.read()
    film.read()
    assert 0.2 < page.waited < 0.51


def test_a_film_that_nobody_comes_for_ends():
    assert OwnPace(Film([0.0]), Browserless(comes=False)).read() is None
