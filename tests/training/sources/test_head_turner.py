"""Turned photos: the geometry of the turn, and colours on the right skin."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from training.face.face_model import FaceModel
from training.face.position_map import PositionMapRenderer, sampling_matrix
from training.fitting.fitted_photos import FittedPhotos, landmark_warp
from training.sources.backdrop import backdrop_coordinates, sample_photo
from training.sources.head_surface import HeadSurface
from training.sources.head_turner import HeadTurner, TurnedPhoto, rotation_between_views
from training.sources.mesh_raster import rasterise

SIDE_PX = 160


@pytest.fixture(scope="module")
def head(face_model_path: Path) -> FaceModel:
    return FaceModel.load(face_model_path, whole_head=True)


@pytest.fixture(scope="module")
def turner(head: FaceModel) -> HeadTurner:
    return HeadTurner.of(head)


def _frontal(head: FaceModel, yaw_deg: float = 0.0) -> np.ndarray:
    """Vertices of the neutral head in px of a photo, turned to a yaw."""
    vertices = head.neutral * np.float32([1, -1, -1]) * 4.5
    return vertices @ rotation_between_views(0, yaw_deg, 0).T + np.float32(SIDE_PX / 2)


def _painted(head: FaceModel, colour: np.ndarray, vertices: np.ndarray) -> np.ndarray:
    """A photo of the head with per-vertex colours (V, 3) before grey."""
    raster = rasterise(vertices, head.triangles, SIDE_PX)
    photo = np.full((SIDE_PX * SIDE_PX, 3), 128, np.float32)
    photo[raster.pixels] = raster.interpolate(colour)
    return np.rint(photo).astype(np.uint8).reshape(SIDE_PX, SIDE_PX, 3)


def _symmetric_colours(head: FaceModel) -> np.ndarray:
    x, y, z = head.neutral.T
    waves = [np.abs(x) / 9, np.sin(y / 2) / 2 + 0.5, np.cos(z / 2) / 2 + 0.5]
    return (np.stack(waves, axis=-1) * 200 + 20).astype(np.float32)


def _difference_on_face(head: FaceModel, turned: TurnedPhoto, colour: np.ndarray) -> np.ndarray:
    """Grey levels between a turned photo and the head painted directly, inside the outline."""
    direct = _painted(head, colour, turned.vertices)
    shown = np.isfinite(rasterise(turned.vertices, head.triangles, SIDE_PX).depth_picture())
    inner = cv2.erode(shown.astype(np.uint8), np.ones((7, 7), np.uint8)).astype(bool)
    return np.abs(turned.image.astype(int) - direct)[inner]


@pytest.mark.parametrize(
    ("yaw_deg", "new_yaw_deg", "nod_deg"), [(0, 60, 0), (-25, -88, 12), (40, -30, -9)]
)
def test_a_turn_changes_yaw_by_what_is_asked(
    yaw_deg: float, new_yaw_deg: float, nod_deg: float
) -> None:
    rotation = rotation_between_views(yaw_deg, new_yaw_deg, nod_deg)
    np.testing.assert_allclose(rotation @ rotation.T, np.eye(3), atol=1e-6)
    assert np.linalg.det(rotation) == pytest.approx(1)
    yaw = np.radians(yaw_deg)
    forward = rotation @ np.array([np.sin(yaw), 0, -np.cos(yaw)])
    assert np.degrees(np.arctan2(forward[0], -forward[2])) == pytest.approx(new_yaw_deg, abs=1e-3)
    assert np.degrees(np.arcsin(-forward[1])) == pytest.approx(nod_deg, abs=1e-3)


def test_labels_turn_as_the_rotation_says(head: FaceModel, turner: HeadTurner) -> None:
    vertices = _frontal(head)
    rotation = rotation_between_views(0, 50, 8)
    photo = _painted(head, _symmetric_colours(head), vertices)
    turned = turner.turn(photo, vertices, rotation, SIDE_PX).vertices
    rotated = vertices @ rotation.T
    scale = np.ptp(turned[:, 0]) / np.ptp(rotated[:, 0])
    expected = (rotated - rotated.mean(axis=0)) * scale
    np.testing.assert_allclose(turned - turned.mean(axis=0), expected, atol=0.01)
    box = head.landmarks68(turned)[:, :2]
    assert np.ptp(box, axis=0).max() == pytest.approx(SIDE_PX / 2, rel=1e-3)
    np.testing.assert_allclose((box.min(0) + box.max(0)) / 2, (SIDE_PX - 1) / 2, atol=0.01)


def test_there_and_back_gives_the_68_landmarks_again(head: FaceModel, turner: HeadTurner) -> None:
    vertices = _frontal(head)
    photo = _painted(head, _symmetric_colours(head), vertices)
    there = turner.turn(photo, vertices, rotation_between_views(0, 35, 0), SIDE_PX)
    back = turner.turn(there.image, there.vertices, rotation_between_views(35, 0, 0), SIDE_PX)
    still = turner.turn(photo, vertices, np.eye(3, dtype=np.float32), SIDE_PX)
    difference = head.landmarks68(back.vertices) - head.landmarks68(still.vertices)
    assert np.abs(difference[:, :2]).max() < 0.01


def test_a_turn_by_nothing_gives_the_face_back(head: FaceModel, turner: HeadTurner) -> None:
    colour, vertices = _symmetric_colours(head), _frontal(head)
    photo = _painted(head, colour, vertices)
    turned = turner.turn(photo, vertices, np.eye(3, dtype=np.float32), SIDE_PX)
    assert _difference_on_face(head, turned, colour).mean() < 2


@pytest.mark.parametrize("yaw_deg", [-60, -30, 45])
def test_skin_keeps_its_colour(head: FaceModel, turner: HeadTurner, yaw_deg: float) -> None:
    """A photo of a painted head, turned, is the painted head photographed from there."""
    colour, vertices = _symmetric_colours(head), _frontal(head)
    photo = _painted(head, colour, vertices)
    turned = turner.turn(photo, vertices, rotation_between_views(0, yaw_deg, 0), SIDE_PX)
    assert np.median(_difference_on_face(head, turned, colour)) < 3


def test_hidden_skin_comes_from_the_other_side(head: FaceModel, turner: HeadTurner) -> None:
    """From 55 degrees to the left to 35 to the right: half of what is seen then was hidden."""
    colour, vertices = _symmetric_colours(head), _frontal(head, -55)
    photo = _painted(head, colour, vertices)
    turned = turner.turn(photo, vertices, rotation_between_views(-55, 35, 0), SIDE_PX)
    assert np.median(_difference_on_face(head, turned, colour)) < 4
    assert turned.invented < 0.1


def test_skin_that_no_side_shows_counts_as_invented(head: FaceModel, turner: HeadTurner) -> None:
    vertices = _frontal(head)
    photo = _painted(head, _symmetric_colours(head), vertices)
    invented = [
        turner.turn(photo, vertices, rotation_between_views(0, yaw_deg, 0), SIDE_PX).invented
        for yaw_deg in (0, 45, 85)
    ]
    assert invented[0] < invented[1] < invented[2]
    half = np.ascontiguousarray(photo[:, : SIDE_PX // 2])
    cut = turner.turn(half, vertices, np.eye(3, dtype=np.float32), SIDE_PX).invented
    assert cut > 0.4


def test_holes_are_closed(head: FaceModel) -> None:
    """An eye cut into the sheet: the surface covers it again and faces the same way."""
    middles = head.uv[head.triangles].mean(axis=1)
    eye = np.hypot((middles[:, 0] - 0.3) / 0.1, (middles[:, 1] - 0.6) / 0.05) < 1
    surface = HeadSurface.of(replace(head, triangles=head.triangles[~eye]))
    assert len(surface.triangles) > (~eye).sum()
    vertices = _frontal(head)
    whole = rasterise(vertices, head.triangles, SIDE_PX).depth_picture()
    closed = rasterise(vertices, surface.triangles, SIDE_PX).depth_picture()
    assert np.isfinite(closed[np.isfinite(whole)]).mean() > 0.999


def test_mirrored_vertices_are_each_others(head: FaceModel, turner: HeadTurner) -> None:
    mirror = turner.surface.mirror
    assert (mirror[mirror] == np.arange(len(mirror))).all()
    flipped = head.neutral[mirror] * np.float32([-1, 1, 1])
    np.testing.assert_allclose(flipped, head.neutral, atol=1e-4)


def test_surroundings_of_a_head_that_stays_stay(head: FaceModel) -> None:
    vertices = _frontal(head)
    x, y = backdrop_coordinates(vertices, vertices, 1.0, SIDE_PX)
    columns, rows = np.meshgrid(np.arange(SIDE_PX), np.arange(SIDE_PX))
    outside = np.hypot(columns - vertices[:, 0].mean(), rows - vertices[:, 1].mean()) > 70
    np.testing.assert_allclose(x[outside], columns[outside], atol=0.05)
    np.testing.assert_allclose(y[outside], rows[outside], atol=0.05)


def test_beyond_its_border_a_photo_is_folded_a_little_way() -> None:
    photo = np.repeat(np.arange(100, dtype=np.uint8)[None, :, None], 100, axis=0).repeat(3, axis=2)
    x = np.array([[0, -1, -5, -500, 99, 104, 900]], np.float32)
    shown = sample_photo(photo, x, np.full_like(x, 50))[0, :, 0].astype(int)
    assert shown.tolist() == [0, 1, 4, 12, 99, 95, 87]


def test_the_sampler_is_rendering_and_sampling(face_model_path: Path) -> None:
    model = FaceModel.load(face_model_path)
    renderer = PositionMapRenderer.build(model)
    uv = np.random.default_rng(3).uniform(0.02, 0.98, (200, 2)).astype(np.float32)
    vertices = _frontal(model, 30)
    expected = sampling_matrix(uv) @ renderer.render(vertices).reshape(-1, 3)
    np.testing.assert_allclose(renderer.sampler(uv) @ vertices, expected, atol=2e-3)


def test_real_faces_turn_into_faces(real_data: Path) -> None:
    """A real photo turned by nothing is itself, eyes and lips included."""
    head = FaceModel.load(real_data / "face_model.npz", whole_head=True)
    turner = HeadTurner.of(head)
    photos = FittedPhotos.load(real_data / "faces.zip", real_data / "fits.npz")
    chosen = [3, 4000, 12000]
    warp = landmark_warp(head)
    assert len(turner.surface.triangles) > 20_000
    for index, photo in zip(chosen, photos.images(chosen)):
        vertices = photos.warped_vertices(head, warp, [index])[0]
        turned = turner.turn(photo, vertices, np.eye(3, dtype=np.float32), SIDE_PX)
        # The photo itself, resampled to the turned one's px.
        source, target = vertices[:, :2], turned.vertices[:, :2]
        scale = np.ptp(source[:, 0]) / np.ptp(target[:, 0])
        shift = source.mean(axis=0) - target.mean(axis=0) * scale
        matrix = np.array([[scale, 0, shift[0]], [0, scale, shift[1]]])
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        direct = cv2.warpAffine(photo, matrix, (SIDE_PX, SIDE_PX), flags=flags)
        inside = np.zeros((SIDE_PX, SIDE_PX), np.uint8)
        hull = cv2.convexHull(head.landmarks68(turned.vertices)[17:, :2].astype(np.int32))
        cv2.fillConvexPoly(inside, hull, 1)
        difference = np.abs(turned.image.astype(int) - direct)[inside.astype(bool)]
        assert difference.mean() < 4
