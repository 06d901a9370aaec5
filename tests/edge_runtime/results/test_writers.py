import csv
import json

import numpy as np
import pytest

from edge_runtime import ResultFileError, layout520
from edge_runtime.results.output_names import output_stems
from edge_runtime.results.result_csv import write_csv, write_faces_csv
from edge_runtime.results.result_json import ImageResult, read_json, write_json
from edge_runtime.results.result_mesh import write_ply, write_textured_obj


def test_json_returns(tmp_path, face):
    result = ImageResult("\u9854.jpg", 320, 300, "made up 1", [face, face])
    write_json(tmp_path / "a.json", result)
    again = read_json(tmp_path / "a.json")
    assert (again.image, again.width, again.height, again.model) == (
        "\u9854.jpg",
        320,
        300,
        "made up 1",
    )
    assert len(again.faces) == 2
    np.testing.assert_allclose(again.faces[1].points, face.points, atol=5.1e-4)
    np.testing.assert_array_equal(again.faces[1].visibility, face.visibility)
    assert again.faces[1].pose == face.pose and again.faces[1].presence == face.presence
    assert again.faces[1].box.left == pytest.approx(face.box.left, abs=5.1e-4)
    assert again.faces[1].expression is None and again.faces[1].visibility_from == "skin"


def test_json_keeps_an_expression_and_says_null_for_what_is_unknown(tmp_path, lively_face):
    write_json(tmp_path / "a.json", ImageResult("a.jpg", 320, 300, "made up 2", [lively_face]))
    (stored,) = json.loads((tmp_path / "a.json").read_text())["faces"]
    assert stored["expression"]["eyeLookInLeft"] is None
    assert stored["expression"]["noseSneerRight"] == 1
    (again,) = read_json(tmp_path / "a.json").faces
    np.testing.assert_allclose(again.expression, lively_face.expression, atol=5.1e-5)
    assert again.visibility_from == "network"


def test_json_of_version_1_is_still_read(tmp_path, face):
    write_json(tmp_path / "a.json", ImageResult("a.jpg", 320, 300, "made up 1", [face]))
    stored = json.loads((tmp_path / "a.json").read_text())
    stored["version"] = 1
    for name in ("aspect_ratios", "visibility_from"):
        del stored["faces"][0][name]
    (tmp_path / "a.json").write_text(json.dumps(stored))
    (again,) = read_json(tmp_path / "a.json").faces
    assert again.openings.mouth == pytest.approx(face.openings.mouth, abs=1e-3)
    assert again.visibility_from == "skin"


def test_json_says_what_it_is(tmp_path, face):
    write_json(tmp_path / "a.json", ImageResult("a.jpg", 320, 300, "made up 1", []))
    stored = json.loads((tmp_path / "a.json").read_text())
    assert stored["format"] == "face520-result" and stored["version"] == 2
    assert stored["layout"] == "face520/1" and stored["faces"] == []


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"format": "face520-result", "version": 99}', '{"format": "x"}']
)
def test_foreign_json_is_refused(tmp_path, text):
    (tmp_path / "a.json").write_text(text)
    with pytest.raises(ResultFileError, match="not a face520 result"):
        read_json(tmp_path / "a.json")


def test_csv(tmp_path, face):
    write_csv(tmp_path / "a.csv", [face, face])
    with (tmp_path / "a.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 1040 and rows[520]["face"] == "1" and rows[520]["landmark"] == "0"
    found = [[float(row[f"{axis}_px"]) for axis in "xyz"] for row in rows[:520]]
    np.testing.assert_allclose(found, face.points, atol=5.1e-4)


def test_csv_of_faces(tmp_path, face, lively_face):
    write_faces_csv(tmp_path / "a.csv", [face, lively_face])
    with (tmp_path / "a.csv").open() as file:
        still, lively = csv.DictReader(file)
    assert float(still["yaw_deg"]) == face.pose.yaw_deg and still["jawOpen"] == ""
    assert float(still["left_eye_opening"]) == pytest.approx(face.openings.left_eye, abs=1e-4)
    assert float(still["mouth_ratio"]) == pytest.approx(face.aspect_ratios.mouth, abs=1e-4)
    assert lively["visibility_from"] == "network" and lively["eyeLookUpLeft"] == ""
    assert float(lively["noseSneerRight"]) == 1


def test_obj(tmp_path, face):
    photo = np.zeros((300, 320, 3), np.uint8)
    write_textured_obj(tmp_path / "a.obj", [face, face], photo)
    rows = [line.split() for line in (tmp_path / "a.obj").read_text().splitlines()]
    vertices = np.array([row[1:] for row in rows if row[0] == "v"], float)
    corners = [[part.split("/")[0] for part in row[1:]] for row in rows if row[0] == "f"]
    faces = np.array(corners, int)
    np.testing.assert_allclose(vertices[520:], face.points * (1, -1, -1), atol=1e-3)
    assert faces.min() == 1 and faces.max() == 1040
    a, b, c = (vertices[faces[:, corner] - 1] for corner in range(3))
    # Counter-clockwise toward the viewer: normals point out of the face.
    assert (np.cross(b - a, c - a)[:, 2] > 0).mean() > 0.95


def test_ply(tmp_path, face):
    image = np.full((300, 320, 3), (10, 20, 30), np.uint8)
    write_ply(tmp_path / "a.ply", [face], image)
    header, _, body = (tmp_path / "a.ply").read_bytes().partition(b"end_header\n")
    assert b"element vertex 520\n" in header and b"property uchar red" in header
    triangle_count = len(layout520().triangles)
    assert len(body) == 520 * (12 + 3) + triangle_count * 13
    first = np.frombuffer(body[:12], "<f4")
    np.testing.assert_allclose(first, face.points[0] * (1, -1, -1), atol=1e-3)
    assert list(body[12:15]) == [10, 20, 30]


@pytest.mark.parametrize(
    ("names", "stems"),
    [
        (["a.jpg", "b.jpg"], ["a", "b"]),
        (["x.jpg", "x.png"], ["x_jpg", "x_png"]),
        (["1/x.jpg", "2/x.jpg"], ["x_jpg", "x_jpg_2"]),
        (["X.jpg", "x.JPG"], ["X_jpg", "x_JPG_2"]),
        (["1/x.jpg", "x_jpg_2.png", "2/x.jpg"], ["x_jpg", "x_jpg_2", "x_jpg_3"]),
        (["x.jpg", "x.jpg"], ["x_jpg", "x_jpg_2"]),
        (["x", "y/x"], ["x", "x_2"]),
    ],
)
def test_stems_never_collide(tmp_path, names, stems):
    assert output_stems([tmp_path / name for name in names]) == stems
