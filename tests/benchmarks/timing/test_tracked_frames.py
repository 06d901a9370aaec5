import sys
from itertools import pairwise

import numpy as np
import pytest

from benchmarks.errors import BenchmarkError
from benchmarks.model_file import ModelFile
from benchmarks.timing import tracked_frames
from benchmarks.timing.tracked_frames import HEIGHT, WIDTH, clip, measure_tracked_frames
from edge_runtime.image_file import write_jpeg


@pytest.fixture
def short_clips(monkeypatch):
    monkeypatch.setattr(tracked_frames, "CLIP_FRAMES", 16)
    monkeypatch.setattr(tracked_frames, "WARM_UP_FRAMES", 6)


def test_a_clip_is_the_photo_that_moves_a_little_the_same_every_time(photo, short_clips):
    frames = list(clip(photo, 1))
    assert len(frames) == 16 and frames[0].shape == (HEIGHT, WIDTH, 3)
    assert all((one != other).any() for one, other in pairwise(frames))
    np.testing.assert_array_equal(frames[5], list(clip(photo, 1))[5])
    assert (frames[5] != list(clip(photo, 2))[5]).any()


@pytest.mark.slow
def test_whole_frames_beside_mediapipes(short_clips):
    pytest.importorskip("mediapipe")
    models = [(ModelFile.find("main_int8"), 1), (ModelFile.find("small_int8"), 2)]
    found = measure_tracked_frames(models, seconds=0)
    assert found.frames + found.lost == 10 and found.photos == 1
    names = [row.pipeline for row in found.rows]
    assert names == ["main_int8", "small_int8, 2 threads", "mediapipe", "mediapipe with attention"]
    assert all(row.cpu.low95_ms <= row.cpu.median_ms <= row.cpu.high95_ms for row in found.rows)
    assert found.rows[2].cpu_of_mediapipe.ratio == 1
    assert found.rows[0].cpu_of_mediapipe.ratio < 0.8  # with room for a machine that has much to do


@pytest.mark.slow
def test_photos_without_a_face_are_refused(tmp_path, short_clips):
    pytest.importorskip("mediapipe")
    grey = tmp_path / "grey.jpg"
    write_jpeg(grey, np.full((200, 200, 3), 128, np.uint8))
    with pytest.raises(BenchmarkError, match="No face was found"):
        measure_tracked_frames([(ModelFile.find("small_int8"), 1)], [grey], seconds=0)


def test_without_mediapipe_there_is_nothing_to_compare_with(monkeypatch):
    monkeypatch.setitem(sys.modules, "mediapipe", None)
    with pytest.raises(BenchmarkError, match=r"pip install .mediapipe"):
        measure_tracked_frames([(ModelFile.find("small_int8"), 1)], seconds=0)
