"""NPZ, JSON lines, their schema, and the mesh that wears the photo."""

import dataclasses
import json
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from jsonschema import Draft202012Validator, ValidationError

from edge_runtime import ResultFileError, read_image
from edge_runtime.results import result_json as result_json_module
from edge_runtime.results.result_json import ImageResult, read_json, result_to_json, write_json
from edge_runtime.results.result_mesh import write_textured_obj
from edge_runtime.results.result_npz import read_npz, write_npz
from edge_runtime.video.frame_source import Frame
from edge_runtime.video.json_lines import JsonLines

SCHEMA = json.loads(
    (Path(result_json_module.__file__).parents[1] / "result.schema.json").read_text()
)


def documented(schema):
    """The same schema for a writer: what it does not describe is wrong, which readers ignore."""
    if isinstance(schema, list):
        return [documented(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    parts = {name: documented(part) for name, part in schema.items()}
    return parts | {"additionalProperties": False} if "properties" in schema else parts


def check(value, kind: str) -> None:
    """Raises ValidationError unless the value is what the schema says of `kind`."""
    of_kind = {"$ref": f"#/$defs/{kind}", "$defs": documented(SCHEMA["$defs"])}
    Draft202012Validator(of_kind).validate(value)


def test_the_schema_is_one():
    Draft202012Validator.check_schema(SCHEMA)


def test_a_photos_json_follows_the_schema(face, lively_face):
    stored = result_to_json(ImageResult("a.jpg", 320, 300, "made up 1", [face, lively_face]))
    stored = json.loads(json.dumps(stored))
    check(stored, "result")
    Draft202012Validator(SCHEMA).validate(stored)
    for damage in ({"width": -1}, {"faces": [{}]}, {"undescribed": 1}):
        with pytest.raises(ValidationError):
            check(stored | damage, "result")


def test_a_line_follows_the_schema(face):
    stream = StringIO()
    lines = JsonLines("made up 1", stream=stream)
    lines.write(Frame(np.zeros((30, 40, 3), np.uint8), 33.3333, 7), [face.with_track_id(2)])
    lines.write(Frame(np.zeros((30, 40, 3), np.uint8), 66.6666, 8), [])
    first, second = map(json.loads, stream.getvalue().splitlines())
    check(first, "frame")
    assert first["faces"][0]["track_id"] == 2 and first["time_ms"] == 33.333
    assert second["faces"] == [] and (second["width"], second["height"]) == (40, 30)


def test_a_track_number_returns_from_json(tmp_path, face):
    write_json(tmp_path / "a.json", ImageResult("a.jpg", 3, 3, "m", [face.with_track_id(5), face]))
    assert [one.track_id for one in read_json(tmp_path / "a.json").faces] == [5, None]


@pytest.mark.parametrize("count", [0, 1, 3])
def test_npz_returns_without_loss(tmp_path, face, lively_face, count):
    faces = [lively_face.with_track_id(number) for number in range(count)]
    faces = [*faces[:-1], face] if faces else []
    write_npz(tmp_path / "a.npz", ImageResult("\u9854.jpg", 320, 300, "made up 1", faces))
    again = read_npz(tmp_path / "a.npz")
    assert (again.image, again.width, again.height, again.model) == (
        "\u9854.jpg", 320, 300, "made up 1",
    )  # fmt: skip
    assert len(again.faces) == count
    for found, given in zip(again.faces, faces, strict=True):
        np.testing.assert_array_equal(found.points, given.points)
        np.testing.assert_array_equal(found.visibility, given.visibility)
        assert (found.expression is None) == (given.expression is None)
        if given.expression is not None:
            np.testing.assert_array_equal(found.expression, given.expression)
        rest = ("presence", "box", "pose", "track_id", "visibility_from")
        assert all(getattr(found, name) == getattr(given, name) for name in rest)


def test_npz_of_version_1_is_still_read(tmp_path, face):
    write_npz(tmp_path / "a.npz", ImageResult("a.jpg", 320, 300, "made up 1", [face, face]))
    with np.load(tmp_path / "a.npz") as stored:
        arrays = {name: stored[name] for name in stored if not name.endswith(("sion", "from"))}
    about = json.loads(str(arrays["about"])) | {"version": 1}
    np.savez(tmp_path / "b.npz", **arrays | {"about": np.array(json.dumps(about))})
    first, _ = read_npz(tmp_path / "b.npz").faces
    np.testing.assert_array_equal(first.points, face.points)
    assert first.expression is None and first.visibility_from == "skin"


def test_foreign_npz_is_refused(tmp_path, face):
    path = tmp_path / "a.npz"
    for content in (b"", b"PK\x03\x04", b"\x93NUMPY", b"x" * 1000):
        path.write_bytes(content)
        with pytest.raises(ResultFileError, match="not a face520 archive"):
            read_npz(path)
    np.savez(path, about=np.array('{"format": "other", "version": 1}'))
    with pytest.raises(ResultFileError):
        read_npz(path)
    np.save(tmp_path / "b.npy", np.zeros(3))
    with pytest.raises(ResultFileError):
        read_npz(tmp_path / "b.npy")
    with pytest.raises(ResultFileError):
        read_npz(tmp_path / "absent.npz")


def test_the_mesh_wears_the_photo(tmp_path, face, photo):
    moved = dataclasses.replace(face, points=np.add(face.points, (50, 0, 0)))
    files = write_textured_obj(tmp_path / "a.obj", [face, moved], photo)
    assert [path.name for path in files] == ["a.obj", "a.mtl", "a_texture.jpg"]
    assert read_image(tmp_path / "a_texture.jpg").shape == photo.shape
    assert "map_Kd a_texture.jpg" in (tmp_path / "a.mtl").read_text()
    text = (tmp_path / "a.obj").read_text()
    assert "mtllib a.mtl" in text and text.count("usemtl photo") == 2
    rows = [line.split() for line in text.splitlines()]
    uv = np.array([row[1:] for row in rows if row[0] == "vt"], float)
    height, width = photo.shape[:2]
    pixels = np.column_stack([uv[:, 0] * width, (1 - uv[:, 1]) * height]) - 0.5
    np.testing.assert_allclose(pixels[520:], moved.points[:, :2], atol=1e-3)
    corners = [part for row in rows if row[0] == "f" for part in row[1:]]
    assert all(part.split("/")[0] == part.split("/")[1] for part in corners)
