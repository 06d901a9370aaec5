import pytest

from benchmarks.errors import BenchmarkError
from benchmarks.timing.stages import STAGES, measure_pipeline
from edge_runtime.image_file import write_jpeg


def test_every_stage_takes_its_part():
    found = measure_pipeline(frames=15, warm_up_frames=2)
    assert tuple(stage.name for stage in found.stages) == STAGES
    times = {stage.name: stage.latency.median_ms for stage in found.stages}
    assert all(time > 0 for time in times.values()) and found.stages[0].latency.count == 15
    # A tracked face needs no detector; the margin is for a machine with other things to do.
    assert found.tracked_per_second > 0.7 * found.frames_per_second
    assert found.drawn_per_second < found.tracked_per_second


def test_photo_without_a_face_is_refused(tmp_path):
    import numpy as np

    grey = tmp_path / "grey.jpg"
    write_jpeg(grey, np.full((200, 200, 3), 128, np.uint8))
    with pytest.raises(BenchmarkError, match=r"grey.jpg: no face found"):
        measure_pipeline(frames=1, photo=grey)
