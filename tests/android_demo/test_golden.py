"""The golden vectors are whole, and the Kotlin port stays free of Android."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from android_demo.golden import write_golden
from edge_runtime.blendshapes import BLENDSHAPE_NAMES
from edge_runtime.layout import layout520

DEMO = Path(__file__).parents[2] / "android_demo"
LIBRARY = DEMO / "face520-android/src/main/kotlin/org/face520"


@pytest.fixture(scope="module")
def golden_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("golden")
    write_golden(folder)
    return folder


def test_golden_vectors_cover_what_the_kotlin_tests_read(golden_folder: Path) -> None:
    golden = json.loads((golden_folder / "golden.json").read_text())
    assert len(golden["models"]) >= 1
    for model in golden["models"]:
        assert len(model["face"]["points"]) == len(layout520())
        assert len(model["detection"]["faces"]) == 1
    made_up = golden["made_up_model"]
    face = made_up["face"]
    assert "gaze" in made_up["named_outputs"] and face["visibility_from"] == "network"
    unknown = [name for name, value in zip(BLENDSHAPE_NAMES, face["expression"]) if value is None]
    assert len(unknown) == 8 and all(name.startswith("eyeLook") for name in unknown)
    counted = golden["counted_clip"]["blinking"][-1]
    assert counted[0] > 5 and counted[1] == 1, "the clip must hold blinks and a yawn"
    assert all((golden_folder / crop["file"]).is_file() for crop in golden["crops"])
    assert len(golden["far"]["faces"]) == 3, "small faces beside the large one"
    assert len(golden["hinted"]["faces"]) == 1, "a face that BlazeFace is not sure of"
    found = [len(frame["faces"]) for frame in golden["track"]["frames"]]
    assert found[0] == 1 and found[-1] == 0, "the track must hold a face and its loss"


def test_port_of_the_runtime_knows_no_android() -> None:
    sources = [*(LIBRARY / "landmarks").glob("*.kt"), *(LIBRARY / "overlay").glob("*.kt")]
    assert sources
    for source in sources:
        imports = re.findall(r"^import (.*)$", source.read_text(), re.MULTILINE)
        assert not [name for name in imports if name.startswith(("android.", "androidx."))], source


def test_both_builds_name_the_same_compiler_and_junit() -> None:
    catalog = (DEMO / "gradle/libs.versions.toml").read_text()
    versions = dict(re.findall(r'^(\w+) = "(.*)"$', catalog, re.MULTILINE))
    tools = (DEMO / "offline/tools-pom.xml").read_text()
    app = (DEMO / "offline/app-pom.xml").read_text()
    assert f"<version>{versions['kotlin']}</version>" in tools
    assert f"<version>{versions['junit']}</version>" in app
