"""Faces far from the camera beside near ones, in photos and films.

The face of the head of which `scene` makes its pictures is 95 px wide.
"""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from edge_runtime import Face520Error, FaceLandmarker, FaceLandmarkerOptions
from edge_runtime.crop import Box, CropRegion
from edge_runtime.detection.blazeface import BLAZEFACE_PATH, BlazeFace
from edge_runtime.detection.far_search import FarSearch
from edge_runtime.tracking.far_look import is_covered, is_on_a_face

FULL_HD, FRAME_MS = (1920, 1080), 1000 / 30
NEAR, FAR_WIDTHS_PX = (600.0, 500.0, 4.0, 0.0), (21, 24, 34, 50, 80)
FAR = [(1100.0 + 130 * n, 300.0 + 100 * n, width / 95, 8.0 * n - 16)
       for n, width in enumerate(FAR_WIDTHS_PX)]  # fmt: skip


@pytest.fixture
def make(model_path):
    """A landmarker, and the list of the networks that it runs."""
    opened = []

    def create(**options) -> tuple[FaceLandmarker, list]:
        runs: list = []
        options = {"num_threads": 1, "on_run": lambda run: runs.append(run.model)} | options
        opened.append(FaceLandmarker(FaceLandmarkerOptions(model_path, **options)))
        return opened[-1], runs

    yield create
    for landmarker in opened:
        landmarker.close()


def far_image(scene) -> np.ndarray:
    return scene(NEAR, *FAR, size=FULL_HD)


def assert_one_at_each(faces, heads) -> None:
    """Every head has one face on it, no face lies elsewhere."""
    assert len(faces) == len(heads)
    for x, y, scale, _ in heads:
        on_it = [
            face
            for face in faces
            if np.hypot(face.box.center[0] - x, face.box.center[1] - y) < 50 * scale
            and 0.7 < face.box.width / (95 * scale) < 1.4
        ]
        assert len(on_it) == 1, (x, y, scale)


def test_small_faces_beside_a_large_one_in_a_photo(make, scene):
    faces = make()[0].detect(far_image(scene))
    assert_one_at_each(faces, [NEAR, *FAR])
    sizes = [face.box.width * face.box.height for face in faces]
    assert sizes == sorted(sizes, reverse=True), "the largest first"


def test_windows_on_a_near_face_are_not_searched():
    """A selfie of 12 megapixels: where is_on_a_face refuses all that could be found."""
    face = CropRegion.around_box(Box(1250, 675, 2750, 2325))
    windows = FarSearch(BlazeFace()).windows((3000, 4000, 3))
    covered = [window for window in windows if is_covered(window, [face])]
    assert len(covered) == 99 and len(windows) == 889
    for window in covered:
        corners = window.to_image(np.array([[0, 0], [127, 0], [0, 127], [127, 127]]), 128)
        assert all(is_on_a_face(CropRegion(x, y, 20), [face]) for x, y in corners.tolist())


def test_as_soon_as_there_are_enough_faces_nothing_is_searched(make, scene):
    one, runs = make(max_faces=1)
    (face,) = one.detect(far_image(scene))
    assert face.box.width > 300
    assert len(runs) == 3, "BlazeFace once, two looks"
    two, _ = make(max_faces=2)
    assert len(two.detect(far_image(scene))) == 2


def test_smallest_face_px_bounds_the_search(make, scene):
    landmarker, runs = make(smallest_face_px=45)
    faces = landmarker.detect(far_image(scene))
    assert_one_at_each([face for face in faces if face.box.width > 40], [NEAR, *FAR[3:]])
    windows = len(FarSearch(BlazeFace(), 45).windows((1080, 1920, 3)))
    assert runs.count(BLAZEFACE_PATH) <= 1 + windows + 10, "second looks at what may be faces"
    make(smallest_face_px=1e6)[0].detect(far_image(scene))
    with pytest.raises(Face520Error, match="smallest_face_px"):
        make(smallest_face_px=float("nan"))


def test_faces_on_the_borders_of_windows_come_once(make, scene):
    """Heads wherever the edges of the finest windows run."""
    windows = FarSearch(BlazeFace()).windows((720, 1280, 3))
    finest = [window for window in windows if window.side_px == windows[-1].side_px]
    edges_x = sorted({window.center_x + window.side_px / 2 for window in finest})[:-1]
    edges_y = sorted({window.center_y + window.side_px / 2 for window in finest})[:-1]
    heads = [(x, y + 0.1 * n, 0.32, 0.0) for n, x in enumerate(edges_x[:6]) for y in edges_y[:2]]
    landmarker, _ = make(max_faces=30)
    assert_one_at_each(landmarker.detect(scene(*heads, size=(1280, 720))), heads)


def test_twelve_megapixels_cost_no_memory(make, scene):
    image = np.full((3000, 4000, 3), 200, np.uint8)
    heads = [(2000.0, 1500.0, 8.0, 0.0), (3700.0, 200.0, 0.3, 0.0), (150.0, 2800.0, 0.26, 0.0)]
    for x, y, scale, _ in heads:
        half = int(120 * scale)
        patch = scene((half, half, scale, 0.0), size=(2 * half, 2 * half))
        left, top = int(x) - half, int(y) - half
        image[top : top + 2 * half, left : left + 2 * half] = patch
    landmarker, _ = make()
    tracemalloc.start()
    faces = landmarker.detect(image)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert_one_at_each(faces, heads)
    assert peak < 0.3 * image.nbytes, "no copies of the picture"


def test_a_film_finds_small_faces_without_paying_in_one_frame(make, scene):
    heads = [(180.0, 240.0, 1.6, 0.0), (460.0, 150.0, 0.3, 0.0), (560.0, 400.0, 0.24, 5.0)]
    landmarker, runs = make()
    frame, windows = scene(*heads), len(FarSearch(BlazeFace()).windows((480, 640, 3)))
    most, frames = 0, 135
    for number in range(frames):
        before = runs.count(BLAZEFACE_PATH)
        faces = landmarker.track(frame, number * FRAME_MS)
        most = max(most, runs.count(BLAZEFACE_PATH) - before)
    assert_one_at_each(faces, heads)
    assert [face.track_id for face in faces] == [0, 1, 2]
    assert most <= 1 + 3 + 4, "the whole, three windows, second looks"
    assert runs.count(BLAZEFACE_PATH) < 0.5 * frames + windows / 2


def test_one_wanted_face_is_followed_without_a_search(make, scene):
    landmarker, runs = make(max_faces=1)
    frame = scene((320.0, 240.0, 1.5, 0.0))
    for number in range(60):
        landmarker.track(frame, number * FRAME_MS)
    assert runs.count(BLAZEFACE_PATH) == 1


def test_a_small_face_that_was_lost_is_found_where_it_was(make, scene):
    """Long before the sweep comes back to its place; with its number."""
    heads = [(180.0, 240.0, 1.6, 0.0), (460.0, 150.0, 0.3, 0.0)]
    landmarker, _ = make()
    both, near_alone = scene(*heads), scene(heads[0])
    numbers = [len(landmarker.track(both, number * FRAME_MS)) for number in range(125)]
    assert numbers[-1] == 2
    gone = [len(landmarker.track(near_alone, (125 + n) * FRAME_MS)) for n in range(10)]
    assert gone[-1] == 1
    back = [landmarker.track(both, (135 + n) * FRAME_MS) for n in range(10)]
    assert [face.track_id for face in back[-1]] == [0, 1]
