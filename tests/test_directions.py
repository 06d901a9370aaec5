"""The floor plan holds: imports run one way, no folders in a circle, no folder with too many files.

A station is a folder of a package; a file that lies directly in a package stands for itself.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]
MUST_NOT_IMPORT = {
    "edge_runtime": ("training", "conversion", "benchmarks"),
    "training": ("conversion", "benchmarks"),
    "conversion": (),
    "benchmarks": (),
}
# The stations of training by row: each imports from rows of higher number alone.
ROW = {
    "training.commands": 0,
    "training.sources": 1,
    "training.evaluation": 1,
    "training.run": 2,
    "training.fitting": 3,
    "training.crops": 3,
    "training.layout": 4,
    "training.dataset": 4,
    "training.network": 4,
    "training.face": 5,
}
# Of every package, from the outside in: nothing behind them imports them.
ENTRANCE = ("__main__", "cli", "commands")
MOST_MODULES = 15  # __init__ and __main__, which hold no nouns, not counted
A_LIST = "training/experiments"  # grows by a file an experiment, and is read one at a time

Sources = dict[str, str]


def read_sources() -> Sources:
    """The text of every module by its dotted name."""
    found = {}
    for package in MUST_NOT_IMPORT:
        for path in (REPOSITORY / package).rglob("*.py"):
            parts = path.relative_to(REPOSITORY).with_suffix("").parts
            name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            found[name] = path.read_text()
    return found


@cache
def _imported(text: str) -> frozenset[tuple[str, str]]:
    """(module, name) of each `from module import name`, (module, "") of each `import module`."""
    found = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found.update((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.update((node.module, alias.name) for alias in node.names)
    return frozenset(found)


def imports(sources: Sources) -> Iterator[tuple[str, str]]:
    """Pairs of modules, (importer, imported), wherever in the importer the import stands."""
    for importer, text in sorted(sources.items()):
        for module, name in sorted(_imported(text)):
            submodule = f"{module}.{name}"
            imported = submodule if submodule in sources else module
            if imported in sources and imported != importer:
                yield importer, imported


def station(module: str) -> str:
    """training.run.train -> training.run, training.nme -> training.nme, training -> training."""
    return ".".join(module.split(".")[:2])


def is_against_the_plan(importer: str, imported: str) -> bool:
    ours, theirs = importer.split(".")[0], imported.split(".")[0]
    here, there = station(importer), station(imported)
    if here == there:
        return False
    if theirs in MUST_NOT_IMPORT[ours]:
        return True
    if here in ROW and there in ROW:
        return ROW[here] >= ROW[there]
    entrance = {f"{theirs}.{name}": height for height, name in enumerate(ENTRANCE)}
    return there in entrance and not entrance.get(here, len(ENTRANCE)) < entrance[there]


def wrong_directions(sources: Sources) -> list[str]:
    """Imports that run against the floor plan, each as 'importer -> imported'."""
    return [
        f"{one} -> {other}" for one, other in imports(sources) if is_against_the_plan(one, other)
    ]


def circle(sources: Sources) -> list[str]:
    """Stations that import each other in a circle, the first again at the end; or none."""
    graph: dict[str, set[str]] = {}
    for importer, imported in imports(sources):
        here, there = station(importer), station(imported)
        if here != there:
            graph.setdefault(here, set()).add(there)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(reversed(error.args[1]))
    return []


@pytest.fixture(scope="module")
def sources() -> Sources:
    return read_sources()


def test_imports_run_one_way(sources: Sources) -> None:
    assert wrong_directions(sources) == []


def test_no_stations_stand_in_a_circle(sources: Sources) -> None:
    assert circle(sources) == []


@pytest.mark.parametrize(
    ("importer", "imported"),
    [
        ("training.face.face_model", "training.run.train"),
        ("training.dataset.records", "training.network.model"),
        ("training.sources.backdrop", "training.evaluation.table"),
        ("training.nme", "training.commands.run"),
        ("training.commands.run", "training.cli"),
        ("edge_runtime.crop", "training.nme"),
        ("training.nme", "conversion.variant"),
        ("benchmarks.tool", "conversion.cli"),
    ],
)
@pytest.mark.parametrize("line", ["from {0} import {1}", "def late():\n    import {0}.{1}"])
def test_an_import_turned_round_is_found(
    sources: Sources, importer: str, imported: str, line: str
) -> None:
    assert imported in sources
    text = line.format(*imported.rsplit(".", 1))
    turned = sources | {importer: f"{sources[importer]}\n{text}\n"}
    found = set(wrong_directions(turned)) - set(wrong_directions(sources))
    assert found == {f"{importer} -> {imported}"}


def test_a_circle_is_found() -> None:
    made_up = {
        "training": "",
        "training.nme": "from training.face import obj_mesh",
        "training.face.obj_mesh": "import training.run.train",
        "training.face.face_model": "from training.face import obj_mesh",
        "training.run.train": "",
    }
    assert circle(made_up) == []
    closed = made_up | {"training.run.train": "def late():\n    from training.nme import nme"}
    found = circle(closed)
    assert found[0] == found[-1]
    assert set(found) == {"training.nme", "training.face", "training.run"}


def test_no_folder_has_more_modules_than_one_sees_at_a_glance() -> None:
    counts = {
        str(folder.relative_to(REPOSITORY)): len(
            [path for path in folder.glob("*.py") if not path.name.startswith("__")]
        )
        for name in MUST_NOT_IMPORT
        for folder in (REPOSITORY / name, *(REPOSITORY / name).rglob("*/"))
    }
    assert counts["training/run"] > 1 and counts.pop(A_LIST) > 1
    assert {folder: count for folder, count in counts.items() if count > MOST_MODULES} == {}
