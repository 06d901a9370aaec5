"""The server of the page: who gets what, each browser at its own pace."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from aiohttp import WSMessage, WSMsgType, web

from edge_runtime.drawing import mesh_edges
from edge_runtime.errors import Face520Error
from edge_runtime.layout import layout520
from edge_runtime.live_page.page_address import PageAddress
from edge_runtime.live_page.picture_feed import PictureFeed
from edge_runtime.live_page.sensors import Sensors
from edge_runtime.live_page.snapshot import Snapshot

FILES = Path(__file__).parent / "page"
MOST_BROWSERS = 100
# A browser that has gone without a word is found out by then.
HEARTBEAT_S = 15.0
PULSE_S = 1.0
LAST_WORDS_S = 0.1
CLOSE_S = 1.0  # for a browser's goodbye
LONGEST_WORD = 64  # of a browser: "next" or "save"
GOING_AWAY = 1001  # RFC 6455
TRY_LATER = 1013
NOTICES_KEPT = 5

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Viewer:
    """One browser's connection: what it is to be sent, and its snapshot of last."""

    def __init__(self, socket: web.WebSocketResponse) -> None:
        self.socket = socket
        self.shown: Snapshot | None = None
        self.asks = False
        self._words: deque[str] = deque(maxlen=20)
        self._wake = asyncio.Event()

    def tell(self, kind: str, **values: Any) -> None:
        """Send a text message, in its turn."""
        self._words.append(json.dumps({"kind": kind, **values}))
        self._wake.set()

    def show(self, snapshot: Snapshot) -> None:
        """Send a snapshot that it has asked for."""
        self.shown, self.asks = snapshot, False
        self._wake.set()

    async def send_forever(self) -> None:
        """Send what there is, one after the other, until the connection ends."""
        sent: Snapshot | None = None
        while not self.socket.closed:
            await self._wake.wait()
            self._wake.clear()
            while self._words:
                await self.socket.send_str(self._words.popleft())
            if self.shown is not None and self.shown is not sent:
                sent = self.shown
                await self.socket.send_bytes(sent.message)


class PageServer:
    """Pages, their files and the live connection; all of it in the loop's thread.

    hello: what a browser is told first. save: writes a snapshot and returns its files; run in
    another thread. on_browser: called when a browser looks on.
    """

    def __init__(
        self,
        address: PageAddress,
        executor: ThreadPoolExecutor,
        hello: dict[str, Any],
        save: Callable[[Snapshot], list[Path]],
        on_browser: Callable[[], None],
    ) -> None:
        self.feed = PictureFeed(asyncio.get_running_loop(), executor, self._publish)
        self._address, self._executor, self._save = address, executor, save
        self._hello = hello | _drawing()
        self._on_browser = on_browser
        self._viewers: set[Viewer] = set()
        self._notices: deque[str] = deque(maxlen=NOTICES_KEPT)
        self._sensors = Sensors()

    def application(self) -> web.Application:
        """What aiohttp serves."""
        application = web.Application(middlewares=[self._guard])
        application.router.add_get("/", self._page)
        application.router.add_get("/live", self._live)
        for name in ("page.css", "page.js", "icon.svg"):
            application.router.add_get(f"/{name}", self._file)
        return application

    def announce(self, message: str) -> None:
        """Tell all browsers of an event, and those that come later."""
        self._notices.append(message)
        for viewer in self._viewers:
            viewer.tell("notice", text=message)

    async def pulse(self) -> None:
        """Tell all browsers how the machine does, over and over."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(PULSE_S)
            if not self._viewers:
                continue
            reading = await loop.run_in_executor(self._executor, self._sensors.read)
            age_s = self.feed.age_s
            for viewer in self._viewers:
                viewer.tell(
                    "pulse",
                    fps=round(self.feed.frames_a_second, 1),
                    age_s=None if age_s is None else round(age_s, 1),
                    celsius=reading.celsius,
                    throttled=reading.throttled,
                    browsers=len(self._viewers),
                )

    async def say_goodbye(self) -> None:
        """Close all connections, and say that it was on purpose."""
        viewers = tuple(self._viewers)
        for viewer in viewers:
            viewer.tell("ended")
        if viewers:
            await asyncio.sleep(LAST_WORDS_S)
        closing = (viewer.socket.close(code=GOING_AWAY) for viewer in viewers)
        await asyncio.gather(*closing, return_exceptions=True)

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        reason = self._address.why_refused(request.headers)
        token = request.query.get("token", "")
        if request.path in ("/", "/live") and not self._address.is_known(token):
            reason = reason or "This page needs the token of the link that face520-run printed."
        if reason is not None:
            return web.Response(status=403, text=reason + "\n", headers=_headers(None))
        return await handler(request)

    async def _page(self, request: web.Request) -> web.StreamResponse:
        text = (FILES / "page.html").read_text(encoding="utf-8")
        return web.Response(text=text, content_type="text/html", headers=_headers(request.host))

    async def _file(self, request: web.Request) -> web.StreamResponse:
        return web.FileResponse(FILES / request.path[1:], headers=_headers(None))

    async def _live(self, request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse(
            timeout=CLOSE_S, heartbeat=HEARTBEAT_S, compress=False, max_msg_size=LONGEST_WORD
        )
        await socket.prepare(request)
        if len(self._viewers) >= MOST_BROWSERS:
            await socket.close(code=TRY_LATER, message=b"too many browsers look on")
            return socket
        viewer = Viewer(socket)
        self._viewers.add(viewer)
        self.feed.viewers = len(self._viewers)
        self._on_browser()
        viewer.tell("hello", **self._hello)
        for notice in self._notices:
            viewer.tell("notice", text=notice)
        sending = asyncio.create_task(viewer.send_forever())
        try:
            async for message in socket:
                await self._answer(viewer, message)
        finally:
            self._viewers.discard(viewer)
            self.feed.viewers = len(self._viewers)
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)
        return socket

    async def _answer(self, viewer: Viewer, message: WSMessage) -> None:
        if message.type is not WSMsgType.TEXT:
            return
        if message.data == "next":
            latest = self.feed.latest
            if latest is not None and latest is not viewer.shown and not self.feed.is_behind:
                viewer.show(latest)
            else:
                viewer.asks = True
                self.feed.ask()
        elif message.data == "save" and viewer.shown is not None:
            loop = asyncio.get_running_loop()
            try:
                files = await loop.run_in_executor(self._executor, self._save, viewer.shown)
            except Face520Error as error:
                viewer.tell("failed", text=str(error))
            else:
                viewer.tell("saved", files=[str(path.absolute()) for path in files])

    def _publish(self, snapshot: Snapshot) -> None:
        for viewer in self._viewers:
            if viewer.asks:
                viewer.show(snapshot)


def _drawing() -> dict[str, Any]:
    """What a browser needs to draw a face: lines of landmarks, by number."""
    layout = layout520()
    return {
        "contours": [
            [*contour.indices, *contour.indices[: int(contour.closed)]]
            for contour in layout.contours
        ],
        "edges": mesh_edges().ravel().tolist(),
    }


def _headers(host: str | None) -> dict[str, str]:
    """What a browser may do with an answer; host: of a page, which connects to it."""
    # Not every browser counts a WebSocket to the same place as 'self'.
    sockets = f" ws://{host} wss://{host}" if host else ""
    policy = (
        f"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        f"connect-src 'self'{sockets}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return {
        "Content-Security-Policy": policy,
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }
