"""The Kotlin port's constants are those of what it ports: a change in Python is loud here."""

from __future__ import annotations

import re
from importlib import import_module
from inspect import signature
from math import sqrt
from pathlib import Path
from typing import Any

import pytest

from edge_runtime import FaceLandmarkerOptions, FaceLandmarks
from edge_runtime.detection.detection_square import SquareWeights
from edge_runtime.tracking.blink_counter import OPEN_PERCENTILE
from edge_runtime.tracking.face_tracker import TrackingOptions
from edge_runtime.tracking.first_look import LAST_SIDES

PORT = Path(__file__).parents[2] / "android_demo/face520-android/src/main/kotlin/org/face520"
CONSTANT = re.compile(r"^(?:(?:private|internal|public) )?(?:const )?val ([A-Z][A-Z0-9_]+)\b", re.M)
PORTED = re.compile(r"[Pp]ort of[\s*]+(?:[\w\s`*]+ in )?`(edge_runtime/\S+)\.py`")
# Constants that a port has for itself.
OWN = {
    *("SHORT_PASSES", "NO_TURNS", "DETECTOR_MEAN", "UPSIDE_DOWN_DEG", "VALUES_PER_ANCHOR"),
    *("SPREAD_OF_SIZE_1", "BLENDSHAPE_MIRROR"),
}
# Those that Python has elsewhere, or under another name.
ELSEWHERE: dict[str, Any] = {
    **{name.upper(): values.tolist() for name, values in vars(SquareWeights.bundled()).items()},
    **{
        name.upper(): getattr(TrackingOptions(), name)
        for name in ("redetect_ms", "search_ms", "check_ms", "memory_ms")
    },
    "MIN_PRESENCE": FaceLandmarkerOptions().min_presence,
    "LAST_SIDES": [side for side, _ in LAST_SIDES],
    "OPEN_SHARE": OPEN_PERCENTILE / 100,
    "USUAL_FOV_DEG": signature(FaceLandmarks.transformation).parameters["vertical_fov_deg"].default,
}
ALIAS = {"DETECTOR_SIZE_PX": "INPUT_SIZE_PX"}


def constants(source: str) -> dict[str, Any]:
    """Values of the constants at the top of a Kotlin file, those it can read."""
    found: dict[str, Any] = {}
    for match in CONSTANT.finditer(source):
        if match[1] in OWN:
            continue
        text = re.split(r"\n(?=[^\s)])", source[match.end() :], maxsplit=1)[0]
        text = re.sub(r"//.*|/\*[\s\S]*?\*/", "", text.partition("=")[2])
        text = re.sub(r"(?<=[\d.])f\b|(?<=\d)_(?=\d)", "", text)
        text = re.sub(r"(?:double|int)ArrayOf|listOf", "_list", text).replace(" to ", ",")
        known = {**found, "sqrt": sqrt, "_list": lambda *values: list(values)}
        found[match[1]] = eval(text.strip(), {"__builtins__": {}}, known)
    return found


def ports() -> list[tuple[Path, str]]:
    """Kotlin files and the modules that they say they port."""
    sources = [path for path in sorted(PORT.rglob("*.kt")) if CONSTANT.search(path.read_text())]
    return [
        (path, found[1].replace("/", "."))
        for path in sources
        if (found := PORTED.search(path.read_text()))
    ]


@pytest.mark.parametrize(("path", "module"), ports(), ids=lambda one: Path(str(one)).stem)
def test_constants_are_pythons(path: Path, module: str) -> None:
    python = import_module(module)
    for name, value in constants(path.read_text()).items():
        expected = ELSEWHERE[name] if name in ELSEWHERE else getattr(python, ALIAS.get(name, name))
        assert value == pytest.approx(_flat(expected)) or value == _flat(expected), (
            f"{path.name}: {name} is {value}, and {expected} in {module}. Take the new value over, "
            "then run `bash android_demo/build.sh test`."
        )


def test_the_port_says_what_it_ports() -> None:
    modules = {module for _, module in ports()}
    for noun in ("first_look", "face_tracker", "face_track", "far_look", "rolling_search"):
        assert f"edge_runtime.tracking.{noun}" in modules
    for noun in ("blazeface", "detection_square", "far_search"):
        assert f"edge_runtime.detection.{noun}" in modules


def test_a_changed_value_is_noticed() -> None:
    source = (
        "const val SURE = 0.97f // in all\nval WIDER = doubleArrayOf(\n    1.6, 2.5,\n)\nfun x()"
    )
    assert constants(source) == {"SURE": 0.97, "WIDER": [1.6, 2.5]}


def _flat(value: Any) -> Any:
    """Tuples as lists, pairs one after the other."""
    if not isinstance(value, tuple | list):
        return value
    return [one for item in value for one in (item if isinstance(item, tuple) else (item,))]
