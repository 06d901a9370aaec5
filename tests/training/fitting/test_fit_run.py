"""A folder of photos with known faces: what is kept, where its labels lie, what is left out."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import cv2
import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from edge_runtime.crop import Box
from edge_runtime.layout import read_layout
from training.commands.fit import rejection_table, write_rejections
from training.errors import PhotoFolderError
from training.face.face_model import FaceModel, Pose
from training.face.surface_points import SurfacePoints
from training.fitting.face_finder import SeenFace
from training.fitting.face_fitter import FaceFitter
from training.fitting.fit_run import FitRun, fit_photos
from training.fitting.fitted_photos import FittedPhotos
from training.fitting.fitted_photos_writer import CROP_PX, write_fitted_photos
from training.fitting.mesh_registration import MeshRegistration
from training.fitting.photo_folder import PhotoFolder, Rejection, held_out_photos

WIDTH_PX, HEIGHT_PX = 640, 480
LEFT, MIDDLE, RIGHT = (170, 240), (320, 240), (480, 240)


class KnownFaces:
    """Stands in for the networks: a photo's first pixel tells which faces are in it."""

    def __init__(self) -> None:
        self.faces: list[list[SeenFace]] = []

    def find(self, image: np.ndarray) -> list[SeenFace]:
        return self.faces[image[0, 0, 0]]


class Folder:
    """Photos made up one by one, with the faces that are in them."""

    def __init__(self, path: Path, model: FaceModel, keypoints: SurfacePoints) -> None:
        self.path, self.model, self.keypoints = path, model, keypoints
        self.finder = KnownFaces()
        self.landmarks: dict[str, list[np.ndarray]] = {}

    def add(
        self,
        name: str,
        *poses: Pose,
        noise_px: float = 0,
        annotate: int | None = None,
        presence: float = 1,
        spread_percent: float = 0.8,
    ) -> None:
        rng = np.random.default_rng(len(self.landmarks))
        image = np.full((HEIGHT_PX, WIDTH_PX, 3), len(self.finder.faces), np.uint8)
        image[1:] = cv2.resize(rng.integers(0, 256, (12, 16, 3), np.uint8), (WIDTH_PX, 479))
        (self.path / name).parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(self.path / name), image)
        expression = rng.uniform(0, 0.5, 53).astype(np.float32)
        vertices = self.model.vertices(rng.normal(0, 0.3, 100).astype(np.float32), expression)
        faces = [pose.apply(vertices) for pose in poses]
        seen = [self.keypoints.of(face) for face in faces]
        noisy = [(one + rng.normal(0, 1, one.shape) * noise_px).astype(np.float32) for one in seen]
        self.finder.faces.append([SeenFace(one, presence, spread_percent, None) for one in noisy])
        self.landmarks[name] = [self.model.landmarks68(face) for face in faces]
        if annotate is not None:
            points = self.landmarks[name][annotate][:, :2] + rng.normal(0, 1, (68, 2))
            self.landmarks[name][annotate][:, :2] = points
            self.write_pts(name, points)

    def write_pts(self, name: str, points: np.ndarray) -> None:
        lines = "\n".join(f"{x + 1:.4f} {y + 1:.4f}" for x, y in points)
        pts = (self.path / name).with_suffix(".pts")
        pts.write_text(f"version: 1\nn_points: 68\n{{\n{lines}\n}}\n")


def pose(
    center: tuple[int, int] = MIDDLE, px_per_cm: float = 9, yaw_deg: float = 0, roll_deg: float = 0
) -> Pose:
    upright = np.diag([1.0, -1.0, -1.0])
    turn = Rotation.from_euler("yz", [-yaw_deg, roll_deg], degrees=True).as_matrix() @ upright
    place = np.array([*center, 0], np.float32)
    return Pose(turn.astype(np.float32), np.float32(px_per_cm), place)


@pytest.fixture(scope="module")
def fitter(face_model_path: Path, layout_path: Path) -> FaceFitter:
    model = FaceModel.load(face_model_path)
    return FaceFitter(model, read_layout(layout_path), MeshRegistration.load())


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, fitter: FaceFitter) -> Folder:
    folder = Folder(tmp_path_factory.mktemp("photos"), fitter.model, fitter.keypoints)
    folder.add("one.png", pose())
    folder.add("trip/one.png", pose(yaw_deg=-30, roll_deg=15))
    folder.add("two.png", pose(LEFT, px_per_cm=7), pose(RIGHT, px_per_cm=8, yaw_deg=20), annotate=1)
    folder.add("small.png", pose(px_per_cm=2))
    folder.add("border.png", pose((0, 240)))
    folder.add("profile.png", pose(yaw_deg=80))
    folder.add("blurred.png", pose(), spread_percent=3)
    folder.add("vase.png", pose(), presence=0.3)
    folder.add("doll.png", pose(), noise_px=25)
    folder.add("empty.png")
    folder.add("other.png", pose(LEFT))
    folder.write_pts("other.png", folder.landmarks["other.png"][0][:, :2] + (80, 0))
    folder.add("words.png", pose())
    (folder.path / "words.pts").write_text("these are words")
    (folder.path / "broken.jpg").write_bytes(b"no image")
    return folder


@pytest.fixture(scope="module")
def run(folder: Folder, fitter: FaceFitter) -> FitRun:
    photos = PhotoFolder.search(folder.path, leave_out=folder.path / "fitted").photos
    return fit_photos(folder.path, photos, folder.finder, fitter, lambda: None)


@pytest.fixture(scope="module")
def written(run: FitRun, tmp_path_factory: pytest.TempPathFactory) -> FittedPhotos:
    output = tmp_path_factory.mktemp("fitted")
    return FittedPhotos.load(*write_fitted_photos(output, run.kept, lambda: None))


def test_good_faces_are_kept_under_names_of_their_own(written: FittedPhotos) -> None:
    assert sorted(written.names) == [
        "one_png_1.jpg", "one_png_2_1.jpg", "profile_1.jpg", "two_1.jpg", "two_2.jpg"
    ]  # fmt: skip


def test_every_other_photo_is_left_out_with_its_reason(run: FitRun, folder: Folder) -> None:
    reasons = {one.photo.relative_to(folder.path).as_posix(): one.reason for one in run.rejections}
    assert reasons == {
        "blurred.png": "landmarks uncertain by over 1.7 %",
        "border.png": "cut off by the photo's border",
        "broken.jpg": "unreadable photo",
        "doll.png": "fit misses the face by over 2 %",
        "empty.png": "no face found",
        "other.png": "annotation elsewhere than the face found",
        "small.png": "smaller than 60 px",
        "vase.png": "perhaps no face",
        "words.png": "unreadable annotation",
    }


def test_labels_lie_on_the_faces(
    run: FitRun, written: FittedPhotos, folder: Folder, fitter: FaceFitter
) -> None:
    for index, one in enumerate(run.kept):
        name = one.face.photo.relative_to(folder.path).as_posix()
        truth = folder.landmarks[name][one.face.number - 1]
        own = fitter.model.landmarks68(written.vertices(fitter.model, [index])[0])
        labels = one.region.to_image(own + written.residual68[index], CROP_PX)
        miss_px = np.linalg.norm((labels - truth)[:, :2], axis=1)
        if one.face.annotation is None:
            assert miss_px.mean() < 0.01 * one.region.side_px / 2
        else:
            seen = (
                np.arange(68) < 9
            )  # turned to the image's right by 20 degrees: that jaw is hidden
            seen |= np.arange(68) >= 17
            assert miss_px[seen].max() < 0.1
            assert miss_px.mean() < 2


def test_annotations_go_to_the_face_they_lie_on(run: FitRun) -> None:
    two = [one for one in run.kept if one.face.photo.name == "two.png"]
    assert [one.face.annotation is not None for one in two] == [False, True]


def test_crops_show_the_face_in_the_middle_at_half_their_side(
    run: FitRun, written: FittedPhotos, fitter: FaceFitter
) -> None:
    for index, image in enumerate(written.images(range(len(written)))):
        assert image.shape == (160, 160, 3)
        own = fitter.model.landmarks68(written.vertices(fitter.model, [index])[0])
        box = Box.around(own + written.residual68[index])
        assert max(box.width, box.height) == pytest.approx(80, abs=0.2)
        np.testing.assert_allclose(box.center, 79.5, atol=0.2)


def test_crops_are_the_photos_own_pixels(run: FitRun, written: FittedPhotos) -> None:
    for one, stored in zip(run.kept, written.images(range(len(written)))):
        photo = cv2.cvtColor(cv2.imread(str(one.face.photo)), cv2.COLOR_BGR2RGB)
        cut = one.region.extract(photo, CROP_PX)
        assert np.abs(stored.astype(int) - cut).mean() < 3  # JPEG


def test_yaw_survives(run: FitRun, written: FittedPhotos) -> None:
    at = [one.face.photo.parent.name for one in run.kept].index("trip")
    assert written.yaw_deg[at] == pytest.approx(-30, abs=3)
    assert run.kept[at].fit.yaw_deg == pytest.approx(written.yaw_deg[at], abs=0.01)


def test_faces_of_a_photo_are_held_out_together(run: FitRun) -> None:
    sides: dict[Path, set[bool]] = {}
    for one in run.kept:
        sides.setdefault(one.face.photo, set()).add(one.held_out)
    assert all(len(side) == 1 for side in sides.values())
    assert any(one.held_out for one in run.kept)


def test_a_tenth_is_held_out_and_stays_when_photos_are_added() -> None:
    root = Path("photos")
    names = [root / f"{number}.jpg" for number in range(3000)]
    first, later = held_out_photos(root, names[:1000]), held_out_photos(root, names)
    assert 70 < len(first) < 130
    assert first == later & set(names[:1000])
    assert held_out_photos(root, names[:1]) == {names[0]}


def test_names_that_are_not_utf8_are_listed_readably(tmp_path: Path) -> None:
    name = os.fsdecode(b"caf\xe9.jpg")
    rejection = Rejection(tmp_path / name, "no face", f"{name}: nothing")
    write_rejections(FitRun((), (rejection,)), tmp_path, tmp_path / "rejected.csv")
    assert "caf%E9.jpg,no face,caf%E9.jpg: nothing" in (tmp_path / "rejected.csv").read_text()
    assert held_out_photos(tmp_path, [tmp_path / name]) == {tmp_path / name}


def test_rejections_are_listed(run: FitRun, folder: Folder, tmp_path: Path) -> None:
    write_rejections(run, folder.path, tmp_path / "rejected.csv")
    with (tmp_path / "rejected.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(run.rejections)
    assert {"photo": "small.png", "reason": "smaller than 60 px"}.items() <= rows[
        [row["photo"] for row in rows].index("small.png")
    ].items()
    assert rejection_table(run, folder.path).row_count == len(rows)


def test_a_failed_write_leaves_what_was_there(
    run: FitRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "faces.zip").write_bytes(b"older")

    def interrupt() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_fitted_photos(tmp_path, run.kept, interrupt)
    assert [path.name for path in tmp_path.iterdir()] == ["faces.zip"]
    assert (tmp_path / "faces.zip").read_bytes() == b"older"


def test_a_folder_without_photos_is_named(tmp_path: Path) -> None:
    with pytest.raises(PhotoFolderError, match="holds no photo"):
        PhotoFolder.search(tmp_path, leave_out=tmp_path / "fitted")
    with pytest.raises(PhotoFolderError, match="no such folder"):
        PhotoFolder.search(tmp_path / "nowhere", leave_out=tmp_path)


def test_every_file_that_is_no_photo_is_named_except_annotations_of_photos(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "one.png"), np.zeros((9, 9, 3), np.uint8))
    cv2.imwrite(str(tmp_path / "one_face520.jpg"), np.zeros((9, 9, 3), np.uint8))
    for name in ("one.PTS", "one.mat", "lost.pts", "list.txt"):
        (tmp_path / name).write_text("text")
    (tmp_path / "film.mkv").write_bytes(b"\x1aE\xdf\xa3")
    (tmp_path / "again").symlink_to(tmp_path)
    found = PhotoFolder.search(tmp_path, leave_out=tmp_path / "fitted")
    assert found.photos == (tmp_path / "one.png",)
    assert {one.photo.name: one.reason for one in found.left_out} == {
        "again": "a link to a folder",
        "film.mkv": "a video",
        "list.txt": "no image",
        "lost.pts": "annotation without a photo",
        "one_face520.jpg": "drawn by face520-run",
    }
