import shutil

import numpy as np
import pytest

from benchmarks.accuracy import measure_accuracy, pareto_front
from benchmarks.timing.latency import Sampling
from edge_runtime import FaceLandmarker, read_image
from edge_runtime.photos import DEMO_PHOTO

SHORT = Sampling(5, 0, 0.1, 0, 0)


@pytest.fixture
def faces(tmp_path, main_int8):
    """Two annotated photos, the labels being what the float model finds; one has no such face."""
    savemat = pytest.importorskip("scipy.io").savemat
    photo = read_image(DEMO_PHOTO)
    with FaceLandmarker.create(main_int8.path) as landmarker:
        points = landmarker.detect(photo)[0].ibug68
    pose = np.radians([[0.0, 10.0, 0.0, 0, 0, 0, 1]])
    for name, shift_px in (("image00001", 0), ("image00002", 250)):
        shutil.copy(DEMO_PHOTO, tmp_path / f"{name}.jpg")
        moved = points + np.array([shift_px, shift_px, 0], np.float32)
        savemat(tmp_path / f"{name}.mat", {"pt3d_68": moved.T, "Pose_Para": pose})
    return tmp_path


def test_scores_through_the_runtime_and_counts_misses(faces, main_int8):
    (score,) = measure_accuracy([main_int8], faces, SHORT)
    assert score.faces == 2 and [one.faces for one in score.bins] == [2, 0, 0]
    # The first is its own label but for the crop; the second is a face where none is.
    assert score.found_nme_percent < 2 < score.nme_percent
    assert score.missed == 1 and score.bins[1].nme_percent is None
    assert score.model_bytes == main_int8.size_bytes and score.median_ms > 0


def test_front_holds_what_nothing_beats():
    points = [(1.0, 4.0), (2.0, 3.0), (3.0, 3.5), (4.0, 2.0), (2.0, 5.0)]
    assert pareto_front(points) == [0, 1, 3]
    assert pareto_front([(1.0, 1.0), (1.0, 1.0)]) == [0]
