"""A headless Chromium that a test drives through its DevTools protocol."""

from __future__ import annotations

import asyncio
import base64
import json
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np

PROGRAM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--hide-scrollbars", "--remote-debugging-port=0",
)  # fmt: skip
START_S, WAIT_S, LOOK_S = 60.0, 60.0, 0.1


class Chromium:
    """One browser with one page; `with` closes it. complaints: its errors."""

    def __init__(self, profile: Path) -> None:
        import aiohttp

        self.complaints: list[str] = []
        self._calls = 0
        self._loop = asyncio.new_event_loop()
        command = [PROGRAM, *FLAGS, f"--user-data-dir={profile}", "about:blank"]
        self._process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        port = self._port(profile / "DevToolsActivePort")

        async def attach() -> None:
            self._session = aiohttp.ClientSession()
            while True:
                answer = await self._session.get(f"http://127.0.0.1:{port}/json")
                pages = [one for one in await answer.json() if one["type"] == "page"]
                if pages:
                    break
                await asyncio.sleep(LOOK_S)
            url = pages[0]["webSocketDebuggerUrl"]
            self._socket = await self._session.ws_connect(url, max_msg_size=0)

        self._loop.run_until_complete(attach())
        self.call("Runtime.enable")
        self.call("Log.enable")

    def _port(self, file: Path) -> str:
        until = time.monotonic() + START_S
        while time.monotonic() < until:
            lines = file.read_text().splitlines() if file.exists() else []
            if len(lines) == 2:
                return lines[0]
            time.sleep(LOOK_S)
        raise AssertionError("chromium does not start")

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """A method of the protocol and its result."""

        async def exchange() -> dict[str, Any]:
            self._calls += 1
            message = {"id": self._calls, "method": method, "params": parameters}
            await self._socket.send_json(message)
            while True:
                answer = json.loads((await self._socket.receive(WAIT_S)).data)
                if answer.get("id") == self._calls:
                    return answer["result"]
                is_error = answer.get("params", {}).get("entry", {}).get("level") == "error"
                if is_error or answer["method"] == "Runtime.exceptionThrown":
                    self.complaints.append(json.dumps(answer["params"]))

        return self._loop.run_until_complete(exchange())

    def open(self, url: str, width: int = 1280, height: int = 900, scheme: str = "light") -> None:
        """Show a page in a window of that size; scheme: light or dark."""
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500}
        self.call("Emulation.setDeviceMetricsOverride", **size)
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.call("Emulation.setEmulatedMedia", features=features)
        self.call("Page.navigate", url=url)
        self.wait_for("document.readyState === 'complete'")

    def evaluate(self, script: str) -> Any:
        """The value of an expression, awaited where it is a promise."""
        answer = self.call(
            "Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def wait_for(self, script: str) -> None:
        """Return once an expression is true."""
        until = time.monotonic() + WAIT_S
        while time.monotonic() < until:
            if self.evaluate(script):
                return
            time.sleep(LOOK_S)
        raise AssertionError(f"never true: {script}\n{self.evaluate('document.body.innerText')}")

    def screenshot(self) -> np.ndarray:
        """The page as it is seen, BGR."""
        data = base64.b64decode(self.call("Page.captureScreenshot")["data"])
        return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)

    def close(self) -> None:
        async def detach() -> None:
            await self._socket.close()
            await self._session.close()

        self._loop.run_until_complete(detach())
        self._loop.close()
        self._process.terminate()
        self._process.wait(20)
