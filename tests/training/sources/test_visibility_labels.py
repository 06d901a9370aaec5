"""Which landmarks a camera sees: the mesh's own word and people's."""

import numpy as np
import pytest

from edge_runtime import layout520
from training.dataset.records import COVERED, HIDDEN_BY_FACE, NO_WORD, SEEN
from training.sources.head_turner import extent
from training.sources.mesh_raster import rasterise
from training.sources.visibility_labels import PeoplesWord, VisibilityLabels, hidden_by_mesh

CM = 10.0  # px


def two_sheets() -> tuple[np.ndarray, np.ndarray]:
    """A square of 10 cm and, 3 cm in front of its left half, another one."""
    square = np.array([[0, 0, 0], [10, 0, 0], [0, 10, 0], [10, 10, 0]], np.float32) * CM
    in_front = square * (0.5, 1, 1) + np.array([0, 0, -3 * CM])
    corners = np.array([[0, 2, 1], [1, 2, 3]])
    return np.concatenate([square, in_front]).astype(np.float32), np.concatenate(
        [corners, corners + 4]
    ).astype(np.int32)


def test_a_sheet_hides_what_lies_behind_it() -> None:
    vertices, triangles = two_sheets()
    points = np.array([[2, 5, 0], [8, 5, 0], [2, 5, -3], [2, 5, -2.9]], np.float32) * CM
    hidden = hidden_by_mesh(points, vertices, triangles, CM)
    assert hidden.tolist() == [True, False, False, False]


@pytest.fixture(scope="module")
def word() -> PeoplesWord:
    return PeoplesWord.on(layout520().mean_shape * 13)  # a face is about 13 cm wide and high


def occlusion(**places: list[int]) -> np.ndarray:
    kinds = {"seen": SEEN, "covered": COVERED, "hidden": HIDDEN_BY_FACE}
    occlusion68 = np.full(68, NO_WORD, np.uint8)
    for kind, indices in places.items():
        occlusion68[indices] = kinds[kind]
    return occlusion68


@pytest.mark.parametrize("said", [{}, {"hidden": [0, 1]}])
def test_of_a_face_that_nobody_spoke_of_nothing_is_known(
    word: PeoplesWord, said: dict[str, list[int]]
) -> None:
    """Known only where it is hidden, it would teach that it always is."""
    visible = word.visibility(np.arange(520) % 5 == 0, occlusion(**said))
    assert np.isnan(visible).all()


def test_people_stand_above_the_mesh_on_their_own_points(word: PeoplesWord) -> None:
    occlusion68 = occlusion(seen=[30], covered=[8], hidden=[0])
    visible = word.visibility(np.arange(520) == 30, occlusion68)
    assert visible[30] == 1 and visible[8] == 0 and visible[0] == 0


def test_a_covered_mouth_covers_the_skin_around_it(word: PeoplesWord) -> None:
    mouth = list(range(48, 68))
    occlusion68 = occlusion(covered=mouth, seen=list(range(48)))
    visible = word.visibility(np.zeros(520, bool), occlusion68)
    shape = layout520().mean_shape * 13
    distance_cm = np.linalg.norm(shape[68:, None] - shape[mouth], axis=-1).min(axis=1)
    assert (visible[68:][distance_cm < 1] == 0).all() and (distance_cm < 1).any()
    from_eyes_cm = np.linalg.norm(shape[68:, None] - shape[36:48], axis=-1).min(axis=1)
    assert (visible[68:][from_eyes_cm < 1] == 1).all()


def test_skin_far_from_the_68_is_known_both_ways(word: PeoplesWord) -> None:
    """Known only where it is hidden, it would teach that it always is."""
    visible = word.visibility(np.zeros(520, bool), occlusion(seen=list(range(68))))
    assert (visible == 1).all()
    brows = list(range(17, 27))
    covered = word.visibility(np.zeros(520, bool), occlusion(covered=brows))
    highest = np.argsort(layout520().mean_shape[:, 1])[:10]
    assert (covered[highest] == 0).all()


def test_in_a_turned_photo_the_mesh_tells_of_the_skin_and_nobody_of_the_68(
    word: PeoplesWord,
) -> None:
    vertices, triangles = two_sheets()
    labels = VisibilityLabels(triangles, extent(vertices) / CM, word)
    points = np.tile(np.array([[2, 5, 0], [8, 5, 0]], np.float32) * CM, (260, 1))
    raster = rasterise(vertices, triangles, int(10 * CM))
    seen = occlusion(seen=list(range(68)))
    visible = labels.in_turned_photo(points, vertices, raster, seen)
    assert np.isnan(visible[:68]).all()
    assert (visible[68::2] == 0).all() and (visible[69::2] == 1).all()
    silent = labels.in_turned_photo(points, vertices, raster, occlusion())
    assert np.isnan(silent).all()
