"""Fitting the face model to points: what is known is found again."""

from pathlib import Path

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from training.face.face_model import FaceModel, Pose
from training.face.surface_points import SurfacePoints
from training.fitting.point_fitter import FaceFits, PointFitter, similarity

FACES = 12
UPRIGHT = np.diag([1.0, -1.0, -1.0])  # model space to image space: y and z flip


@pytest.fixture(scope="module")
def model(face_model_path: Path) -> FaceModel:
    return FaceModel.load(face_model_path)


@pytest.fixture(scope="module")
def points(model: FaceModel) -> SurfacePoints:
    rng = np.random.default_rng(3)
    chosen = model.triangles[rng.choice(len(model.triangles), 400, replace=False)]
    return SurfacePoints(chosen, rng.dirichlet(np.ones(3), 400).astype(np.float32))


@pytest.fixture(scope="module")
def truth() -> FaceFits:
    rng = np.random.default_rng(4)
    angles = rng.uniform((-50, -20, -30), (50, 20, 30), (FACES, 3))
    rotation = Rotation.from_euler("yxz", angles, degrees=True).as_matrix() @ UPRIGHT
    pose = Pose(
        rotation.astype(np.float32),
        rng.uniform(3, 30, FACES).astype(np.float32),
        rng.uniform(-100, 900, (FACES, 3)).astype(np.float32),
    )
    identity = rng.normal(0, 1, (FACES, 100)).astype(np.float32)
    expression = rng.uniform(0, 1, (FACES, 53)) * (rng.random((FACES, 53)) < 0.2)
    return FaceFits(identity, expression.astype(np.float32), pose)


def _turn_deg(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    return np.degrees(Rotation.from_matrix(one @ other.swapaxes(1, 2)).magnitude())


def test_a_similarity_is_found_exactly() -> None:
    rng = np.random.default_rng(0)
    source = rng.normal(size=(3, 20, 3))
    turn = Rotation.random(3, rng=rng).as_matrix()
    target = 7 * source @ turn.swapaxes(1, 2) + [[[1.0, 2, 3]]]
    rotation, scale, translation = similarity(source, target, np.full((20, 1), 1 / 20))
    np.testing.assert_allclose(rotation, turn, atol=1e-9)
    np.testing.assert_allclose(scale, 7)
    np.testing.assert_allclose(translation, [[1, 2, 3]] * 3, atol=1e-9)


def test_strength_counts_points_more(model: FaceModel, points: SurfacePoints) -> None:
    source = points.of(model.neutral).astype(np.float64)[None]
    target = source.copy()
    target[0, :200] += 5
    strength = np.where(np.arange(400) < 200, 1.0, 1e-9)
    fits = PointFitter(model, points, strength).fit(target, np.ones(3))
    np.testing.assert_allclose(fits.points(model, points)[0, :200], target[0, :200], atol=0.05)


def test_exact_points_are_met(model: FaceModel, points: SurfacePoints, truth: FaceFits) -> None:
    seen = truth.points(model, points).astype(np.float64)
    fits = PointFitter(model, points, np.ones(400)).fit(seen, np.ones(3))
    # The priors keep it from being exact: by less than 1 % of a face 20 cm high.
    miss_cm = np.linalg.norm(fits.points(model, points) - seen, axis=-1).mean(axis=1)
    assert (miss_cm / truth.pose.scale < 0.15).all()
    assert (_turn_deg(fits.pose.rotation, truth.pose.rotation) < 1.5).all()
    np.testing.assert_allclose(fits.pose.scale, truth.pose.scale, rtol=0.01)


def test_noise_and_doubtful_depth_are_borne(
    model: FaceModel, points: SurfacePoints, truth: FaceFits
) -> None:
    seen = truth.points(model, points).astype(np.float64)
    noise = np.random.default_rng(5).normal(0, 1, seen.shape) * (0.3, 0.3, 0.6)
    noisy = seen + noise * truth.pose.scale[:, None, None]
    noisy[..., 2] += 0.05 * (seen[..., 2] - seen[..., 2].mean(axis=1, keepdims=True))
    fits = PointFitter(model, points, np.ones(400)).fit(noisy, np.array([1, 1, 0.3]))
    landmarks = model.landmark68_points
    miss = (fits.points(model, landmarks) - truth.points(model, landmarks))[..., :2]
    miss_cm = np.linalg.norm(miss, axis=-1).mean(axis=1) / truth.pose.scale
    assert (miss_cm < 0.2).all()  # 1 % of the face, of noise of 3 mm a point
    assert (_turn_deg(fits.pose.rotation, truth.pose.rotation) < 2.5).all()


def test_what_is_not_seen_comes_from_the_model(
    model: FaceModel, points: SurfacePoints, truth: FaceFits
) -> None:
    seen = truth.points(model, points).astype(np.float64)
    start = seen + 2 * truth.pose.scale[:, None, None]
    certainty = np.ones((400, 3))
    certainty[:, 2] = 0.3
    certainty[300:] = 0
    damaged = seen.copy()
    damaged[:, 300:] = 1e6
    fits = PointFitter(model, points, np.ones(400)).fit(damaged, certainty, start)
    miss = np.linalg.norm(fits.points(model, points) - seen, axis=-1) / truth.pose.scale[:, None]
    assert miss.mean() < 0.1


def test_expressions_stay_possible(model: FaceModel, points: SurfacePoints) -> None:
    impossible = FaceFits(
        np.zeros((1, 100), np.float32),
        np.linspace(-2, 3, 53, dtype=np.float32)[None],
        Pose(
            UPRIGHT[None].astype(np.float32),
            np.full(1, 9, np.float32),
            np.zeros((1, 3), np.float32),
        ),
    )
    seen = impossible.points(model, points).astype(np.float64)
    fits = PointFitter(model, points, np.ones(400)).fit(seen, np.ones(3))
    assert fits.expression.min() >= 0 and fits.expression.max() <= 1
    assert np.isfinite(fits.identity).all()


def test_many_photos_give_what_each_alone_gives(
    model: FaceModel, points: SurfacePoints, truth: FaceFits
) -> None:
    seen = truth.points(model, points).astype(np.float64)
    fitter = PointFitter(model, points, np.ones(400))
    together = fitter.fit(np.tile(seen, (30, 1, 1)), np.ones(3))
    alone = fitter.fit(seen[2:3], np.ones(3))
    assert len(together.identity) == 30 * FACES
    np.testing.assert_allclose(together.identity[2 + 29 * FACES], alone.identity[0], atol=1e-5)
    np.testing.assert_allclose(together.expression[2], alone.expression[0], atol=1e-5)
