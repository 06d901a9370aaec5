"""A page in browsers as a frame sink: the server in a thread of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from errno import EACCES, EADDRINUSE, EADDRNOTAVAIL
from pathlib import Path
from threading import Event, Thread

from edge_runtime.drawing import Style
from edge_runtime.errors import Face520Error
from edge_runtime.face_landmarks import FaceLandmarks
from edge_runtime.live_page.page_address import PageAddress
from edge_runtime.live_page.snapshot import Snapshot
from edge_runtime.video.frame_source import Frame

INSTALL = "pip install 'face520[serve]'"
CLOSE_S = 3.0  # a server that hangs longer is left behind
SHUTDOWN_S = 1.0


class LivePage:
    """A `FrameSink` that any number of browsers watch; none of them is waited for.

    links: how browsers get there. folder, stem: where saved frames go. Raises Face520Error without
    aiohttp (`pip install 'face520[serve]'`), and where the address cannot be had.
    """

    wants_more = True

    def __init__(
        self, address: PageAddress, model: str, style: Style, folder: Path, stem: str
    ) -> None:
        try:
            from edge_runtime.live_page.page_server import PageServer
        except ImportError as error:
            raise Face520Error(f"--serve needs aiohttp. Run: {INSTALL}") from error
        self._make_server = PageServer
        self._address, self._model = address, model
        self._folder, self._stem = folder, stem
        self._hello = {"model": model, "style": style.value, "stem": stem}
        self._has_browser, self._is_let_go = Event(), Event()
        self._failure: BaseException | None = None
        started: Future[int] = Future()
        self._thread = Thread(target=self._run, args=(started,), name="live page", daemon=True)
        self._thread.start()
        self.links = address.links(started.result())

    def write(self, frame: Frame, faces: Sequence[FaceLandmarks]) -> None:
        """Take a frame in place of the one before; whoever looks on gets the newest.

        Raises what the server has broken off with.
        """
        if self._failure is not None:
            raise self._failure
        self._server.feed.give(frame, faces)

    def announce(self, message: str) -> None:
        """Tell an event in the page, such as a lost camera. Any thread."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._server.announce, message)

    def wait_for_browser(self) -> bool:
        """Return when the first browser looks on; False where nobody waits any more."""
        self._has_browser.wait()
        return not self._is_let_go.is_set()

    def wait(self, seconds: float) -> None:
        """Sleep, but not beyond `let_go`."""
        self._is_let_go.wait(seconds)

    def let_go(self) -> None:
        """Wake those who wait: the run ends. Any thread, a signal handler included."""
        self._is_let_go.set()
        self._has_browser.set()

    def close(self) -> list[Path]:
        """Tell the browsers and stop the server; what they have saved is not listed again."""
        self.let_go()
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._is_ending.set)
        self._thread.join(CLOSE_S)
        return []

    def _run(self, started: Future[int]) -> None:
        try:
            asyncio.run(self._serve(started))
        except BaseException as error:  # raised again where the page was opened, or by `write`
            self._failure = error
            if not started.done():
                started.set_exception(error)

    async def _serve(self, started: Future[int]) -> None:
        from aiohttp import web

        self._loop, self._is_ending = asyncio.get_running_loop(), asyncio.Event()
        with ThreadPoolExecutor(2, "live page") as executor:
            self._server = server = self._make_server(
                self._address, executor, self._hello, self._save, self._has_browser.set
            )
            runner = web.AppRunner(
                server.application(),
                access_log=None,
                handle_signals=False,
                shutdown_timeout=SHUTDOWN_S,
            )
            await runner.setup()
            try:
                site = web.TCPSite(runner, self._address.host, self._address.port)
                try:
                    await site.start()
                except OSError as error:
                    raise _no_address(self._address, error) from error
                started.set_result(runner.addresses[0][1])
                work = (server.feed.run(), server.pulse(), self._is_ending.wait())
                tasks = [asyncio.create_task(one) for one in work]
                # The first two end by an error alone.
                ended, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
                for task in tasks:
                    task.cancel()
                await server.say_goodbye()
                for task in ended:
                    task.result()
            finally:
                await runner.cleanup()

    def _save(self, snapshot: Snapshot) -> list[Path]:
        return snapshot.save(self._folder, self._stem, self._model)


def _no_address(address: PageAddress, error: OSError) -> Face520Error:
    where = f"{address.host}:{address.port}"
    if error.errno == EADDRINUSE:
        other = address.port + 1 if address.port < 65535 else address.port - 1
        return Face520Error(
            f"{where}: another program listens there. Stop it, or give --port {other}."
        )
    if error.errno == EACCES:
        return Face520Error(f"{where}: not allowed. Give a --port of 1024 or more.")
    if error.errno == EADDRNOTAVAIL:
        return Face520Error(
            f"{where}: this machine has no such address. Give one of `hostname -I`, or 0.0.0.0."
        )
    return Face520Error(f"{where}: cannot be listened at ({error.strerror or error}).")
