"""Thousands of frames with faces that come and go: memory, numbers and latency stay as they are.

The long form, 20,000 frames, takes a few minutes and prints what it measured:

    FACE520_SOAK=20000 python -m pytest -s tests/edge_runtime/test_soak.py
"""

import os
from pathlib import Path
from time import process_time

import numpy as np
import pytest

from edge_runtime import FaceLandmarker

FRAMES = int(os.environ.get("FACE520_SOAK", 600))
CYCLE = 200  # frames, longer than a lost face is remembered
FRAME_MS = 1000 / 30
GROWTH_BYTES = 5_000_000
LEAK_BYTES = 25_000  # a photo: far less than a copy of one of its arrays


def resident_bytes() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


@pytest.fixture(scope="module")
def cycle(scene) -> list[np.ndarray]:
    """One head from frame 0 to 119, another from 60 to 139, nobody after."""
    frames = []
    for number in range(CYCLE):
        heads = []
        if number < 120:
            heads.append((70 + number * 0.2, 120, 0.7, 0))
        if 60 <= number < 140:
            heads.append((240, 110 + (number - 60) * 0.2, 0.8, 0))
        frames.append(scene(*heads, size=(320, 240)))
    return frames


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="reads /proc")
def test_a_long_run(cycle, model_path):
    latencies, ids, sizes = [], set(), []
    with FaceLandmarker.create(model_path, num_threads=1) as landmarker:
        for number in range(FRAMES):
            frame = cycle[number % CYCLE]
            start = process_time()
            faces = landmarker.track(frame, number * FRAME_MS)
            latencies.append((process_time() - start) * 1e3)
            ids.update(face.track_id for face in faces)
            if number % CYCLE == CYCLE - 1:
                sizes.append(resident_bytes())
                assert faces == []
    cycles = len(sizes)
    growth = sizes[-1] - sizes[1]
    by_cycle = np.median(np.array(latencies[: cycles * CYCLE]).reshape(cycles, CYCLE), axis=1)
    early, late = np.median(by_cycle[: cycles // 2]), np.median(by_cycle[-(cycles // 2) :])
    print(
        f"{FRAMES} frames: memory {growth / 1e6:+.2f} MB after the second cycle, {len(ids)} "
        f"numbers for {2 * cycles} appearances, median CPU time {early:.2f} then {late:.2f} ms"
    )
    assert growth < GROWTH_BYTES
    assert len(ids) == 2 * cycles, "each appearance has one number, and no two share one"
    assert late < 1.5 * early + 1


@pytest.mark.slow
def test_still_photos_leak_nothing(landmarker, photo):
    sizes = []
    for _ in range(7):
        for _ in range(40):
            landmarker.detect(photo)
        sizes.append(resident_bytes())
    # A leak is in every round; what else lives in this process may grow in one of them.
    assert np.median(np.diff(sizes)) < 40 * LEAK_BYTES, sizes
