"""A page that shows a made-up camera and a made-up face, without a model to run."""

from __future__ import annotations

import time
from dataclasses import replace
from threading import Event, Thread

import numpy as np

from edge_runtime import FaceLandmarks, HeadPose
from edge_runtime.drawing import Style
from edge_runtime.live_page.live_page import LivePage
from edge_runtime.live_page.page_address import PageAddress
from edge_runtime.video.camera import Camera
from edge_runtime.video.live_pipeline import LivePipeline


class Plug:
    """A webcam of 25 frames a second, in the manner of cv2.VideoCapture; pull it, put it back."""

    def __init__(self, size_px: tuple[int, int] = (320, 240)) -> None:
        self.is_in = Event()
        self.is_in.set()
        self._size_px, self._count = size_px, 0

    def isOpened(self) -> bool:
        return self.is_in.is_set()

    def read(self):
        time.sleep(0.04)
        if not self.is_in.is_set():
            return False, None
        self._count += 1
        width, height = self._size_px
        frame = np.full((height, width, 3), 60, np.uint8)
        frame[:, :: max(2, self._count % 32)] = 200
        return True, frame

    def get(self, propId: int) -> float:
        return 25.0

    def release(self) -> None:
        pass


class MadeUpLandmarker:
    """A face that turns, blinks and opens its mouth with time."""

    def __init__(self, face: FaceLandmarks, work_s: float = 0.0) -> None:
        self._face, self._work_s = face, work_s
        self.count = 1

    def track(self, image, timestamp_ms: float) -> list[FaceLandmarks]:
        time.sleep(self._work_s)
        phase = timestamp_ms / 1e3
        expression = np.clip(np.abs(np.sin(phase + np.arange(52))), 0, 1).astype(np.float32)
        expression[np.isnan(self._face.expression)] = np.nan
        pose = HeadPose(30 * np.sin(phase), 10 * np.sin(phase / 2), 5.0)
        one = replace(self._face, expression=expression, pose=pose, track_id=0)
        return [one.with_track_id(number) for number in range(self.count)]


class Show:
    """A page and the pipeline that feeds it, in a thread."""

    def __init__(self, folder, face: FaceLandmarks, address=None, work_s: float = 0.0) -> None:
        self.plug = Plug()
        self.page = LivePage(
            address or PageAddress(port=0), "main 1.3.0", Style.POINTS, folder / "saved", "desk"
        )
        self.link = self.page.links[0]
        self.camera = Camera(
            "desk",
            open_capture=lambda device, size_px, fps: self.plug,
            on_event=self.page.announce,
        )
        self.landmarker = MadeUpLandmarker(face, work_s)
        self.pipeline = LivePipeline(self.camera, self.landmarker, [self.page])
        self.thread = Thread(target=self.pipeline.run, daemon=True)
        self.thread.start()

    @property
    def feed(self):
        return self.page._server.feed

    def end(self) -> None:
        self.pipeline.stop()
        self.thread.join(10)
        self.page.close()
