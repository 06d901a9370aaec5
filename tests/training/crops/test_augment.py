"""Augmentation: landmarks move with the pixels, mirrors are exact, the same seed gives the same."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge_runtime import layout520
from edge_runtime.blendshapes import BLENDSHAPE_NAMES
from edge_runtime.crop import from_crop_units
from training.crops.augment import (
    UNDAMAGED,
    Augmentation,
    LabelledCrop,
    augmented_crop,
    centred_crop,
    mirrored,
    second_region,
)
from training.dataset.records import FaceRecord, unknown

SIDE_PX = 96
seeds = st.integers(0, 2**32 - 1)


def face(size_px: float = 70) -> np.ndarray:
    return layout520().mean_shape * size_px + np.array([80, 85, 0], np.float32)


def record(image: np.ndarray) -> FaceRecord:
    """The mean face in a photo, half its landmarks seen."""
    rng = np.random.default_rng(0)
    return FaceRecord(
        name="one",
        encoded_image=cv2.imencode(".png", image[..., ::-1])[1].tobytes(),
        landmarks=face(),
        yaw_deg=0.0,
        expression=rng.random(52).astype(np.float32),
        visibility=(np.arange(520) % 2).astype(np.float32),
    )


def photo_with_dot(at: np.ndarray) -> np.ndarray:
    """A black photo with a soft white dot at a landmark."""
    y, x = np.mgrid[0:160, 0:160]
    dot = np.exp(-((x - at[0]) ** 2 + (y - at[1]) ** 2) / 8)
    return np.repeat((dot * 255).astype(np.uint8)[..., None], 3, axis=2)


def centre_of_light(image: np.ndarray) -> np.ndarray:
    light = image[..., 0].astype(float)
    y, x = np.mgrid[0 : light.shape[0], 0 : light.shape[1]]
    return np.array([(x * light).sum(), (y * light).sum()]) / light.sum()


@settings(max_examples=25, deadline=None)
@given(seeds, st.sampled_from([8, 30, 36, 45, 54]))
def test_landmarks_move_with_the_pixels(seed: int, landmark: int) -> None:
    points = face()
    image = photo_with_dot(points[landmark])
    mirror = layout520().mirror
    rng = np.random.default_rng(seed)
    crop = augmented_crop(record(image), mirror, SIDE_PX, UNDAMAGED, rng)
    if crop.image.max() < 200:
        return  # the dot was moved out of the crop
    in_px = from_crop_units(crop.landmarks, SIDE_PX)[:, :2]
    found = centre_of_light(crop.image)
    # A mirrored crop shows the dot under its partner's name.
    expected = min(in_px[landmark], in_px[mirror[landmark]], key=lambda p: np.hypot(*(p - found)))
    if (expected > 8).all() and (expected < SIDE_PX - 9).all():
        np.testing.assert_allclose(found, expected, atol=0.3)


@given(seeds)
def test_mirroring_twice_changes_nothing(seed: int) -> None:
    rng = np.random.default_rng(seed)
    image = rng.integers(0, 256, (8, 8, 3), dtype=np.uint8)
    landmarks = rng.normal(0, 1, (520, 3)).astype(np.float32)
    labels = [rng.random(count).astype(np.float32) for count in (52, 520)]
    crop = LabelledCrop(image, landmarks, *labels)
    twice = mirrored(mirrored(crop, layout520().mirror), layout520().mirror)
    np.testing.assert_array_equal(twice.image, crop.image)
    np.testing.assert_array_equal(twice.landmarks, crop.landmarks)
    np.testing.assert_array_equal(twice.expression, crop.expression)
    np.testing.assert_array_equal(twice.visibility, crop.visibility)


def test_a_mirrored_wink_changes_sides() -> None:
    crop = centred_crop(record(np.zeros((160, 160, 3), np.uint8)), SIDE_PX)
    left, right = (BLENDSHAPE_NAMES.index(name) for name in ("eyeBlinkLeft", "eyeBlinkRight"))
    wink = np.zeros(52, np.float32)
    wink[left] = 1
    flipped = mirrored(replace(crop, expression=wink), layout520().mirror)
    assert flipped.expression[right] == 1 and flipped.expression.sum() == 1


def test_what_an_occluder_covers_is_not_seen() -> None:
    how = Augmentation(*[0.0] * 10, 1.0)
    photo = np.full((160, 160, 3), 200, np.uint8)
    hidden = []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        crop = augmented_crop(record(photo), layout520().mirror, SIDE_PX, how, rng)
        column, row = np.rint(from_crop_units(crop.landmarks, SIDE_PX)[:, :2].T).astype(int)
        changed = (crop.image[row, column] != 200).any(axis=1)
        assert not crop.visibility[changed].any()
        hidden.append((crop.visibility == 0).sum())
    assert min(hidden) >= 260 and max(hidden) > 300


def test_of_a_face_that_nobody_spoke_of_an_occluder_tells_nothing() -> None:
    """Known only where it is covered, it would teach that it always is."""
    how = Augmentation(*[0.0] * 10, 1.0)
    silent = replace(record(np.full((160, 160, 3), 200, np.uint8)), visibility=unknown(520))
    crop = augmented_crop(silent, layout520().mirror, SIDE_PX, how, np.random.default_rng(0))
    assert (crop.image != 200).any() and np.isnan(crop.visibility).all()


def test_a_mirrored_mean_face_is_the_mean_face() -> None:
    # The 68 of the mean face are not quite symmetric; the 452 are chosen in exact pairs.
    crop = centred_crop(record(np.zeros((160, 160, 3), np.uint8)), SIDE_PX)
    flipped = mirrored(crop, layout520().mirror)
    np.testing.assert_allclose(flipped.landmarks[68:], crop.landmarks[68:], atol=0.02)


@given(seeds)
@settings(max_examples=20, deadline=None)
def test_the_same_seed_gives_the_same_crop(seed: int) -> None:
    image = cv2.resize(
        np.random.default_rng(1).integers(0, 256, (9, 9, 3), dtype=np.uint8), (160, 160)
    )
    one, other = (
        augmented_crop(
            record(image), layout520().mirror, SIDE_PX, Augmentation(), np.random.default_rng(seed)
        )
        for _ in range(2)
    )
    np.testing.assert_array_equal(one.image, other.image)
    np.testing.assert_array_equal(one.landmarks, other.landmarks)


@pytest.mark.parametrize(
    "damage", ["grey_chance", "blur_chance", "noise_chance", "jpeg_chance", "occluder_chance"]
)
def test_every_damage_changes_pixels_but_not_landmarks(damage: str) -> None:
    still = {"roll_deg": 0, "scale": 0, "shift": 0, "mirror_chance": 0, "colour": 0}
    chances = dict.fromkeys(
        ("grey_chance", "blur_chance", "noise_chance", "jpeg_chance", "occluder_chance"), 0.0
    )
    rng = np.random.default_rng(3)
    image = cv2.resize(rng.integers(0, 256, (20, 20, 3), dtype=np.uint8), (160, 160))
    plain = centred_crop(record(image), SIDE_PX)
    how = Augmentation(**still, **(chances | {damage: 1.0}))
    crop = augmented_crop(record(image), layout520().mirror, SIDE_PX, how, rng)
    assert crop.image.shape == plain.image.shape and crop.image.dtype == np.uint8
    assert np.abs(crop.image.astype(int) - plain.image).mean() > 0.3
    np.testing.assert_allclose(crop.landmarks, plain.landmarks, atol=1e-5)


def test_a_centred_crop_holds_the_box_with_its_margin() -> None:
    crop = centred_crop(record(np.zeros((160, 160, 3), np.uint8)), SIDE_PX)
    low, high = crop.landmarks[:68, :2].min(axis=0), crop.landmarks[:68, :2].max(axis=0)
    assert (high - low).max() == pytest.approx(1 / np.sqrt(2), abs=1e-4)
    np.testing.assert_allclose(low + high, 0, atol=1e-4)


def test_second_squares_turn_with_the_head_and_know_less_of_a_profile_s_size() -> None:
    """As far off as those that the runtime cuts from a photo's first landmarks."""
    turn = np.radians(30)
    matrix = np.array(
        [[np.cos(turn), -np.sin(turn), 0], [np.sin(turn), np.cos(turn), 0], [0, 0, 1]]
    )
    one = record(np.zeros((160, 160, 3), np.uint8))
    rolled = replace(one, landmarks=np.float32(one.landmarks @ matrix.T))
    rng, spread = np.random.default_rng(1), []
    for yaw_deg in (0.0, -80.0):
        squares = [second_region(replace(rolled, yaw_deg=yaw_deg), rng) for _ in range(2000)]
        sides, rolls = np.array([(one.side_px, one.roll_deg) for one in squares]).T
        assert rolls.mean() == pytest.approx(30, abs=0.2) and 1 < rolls.std() < 2
        spread.append(np.log(sides).std())
    np.testing.assert_allclose(spread, (0.030, 0.047), rtol=0.1)


def test_a_share_of_the_crops_is_cut_from_second_squares() -> None:
    """None of them by default; what else a crop undergoes is the same."""
    one, mirror = record(np.zeros((160, 160, 3), np.uint8)), layout520().mirror
    still = replace(UNDAMAGED, roll_deg=0, scale=0, shift=0, mirror_chance=0)

    def is_moved(share: float, seed: int) -> bool:
        how, rng = replace(still, second_share=share), np.random.default_rng(seed)
        crop = augmented_crop(one, mirror, SIDE_PX, how, rng)
        return not np.allclose(crop.landmarks, centred_crop(one, SIDE_PX).landmarks, atol=1e-4)

    moved = {
        share: np.mean([is_moved(share, seed) for seed in range(100)]) for share in (0, 0.4, 1)
    }
    assert moved[0] == 0 and moved[1] == 1 and 0.25 < moved[0.4] < 0.55
