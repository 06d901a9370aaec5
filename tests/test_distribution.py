"""What a user installs: the archives are complete, and the wheel runs outside the checkout.

The environments are empty but for the wheel and the packages that it asks for. Nothing is
downloaded: those packages are links to the ones that run these tests, found through the wheel's own
requirements, so an import that no requirement names fails here as it would at the user's. What this
does not show is that an index has them, and that their newest versions work (CI installs those that
constraints.txt pins).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
import zipfile
from collections.abc import Iterator
from importlib.metadata import Distribution, distribution, distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from edge_runtime import __version__

pytestmark = pytest.mark.slow

REPOSITORY = Path(__file__).parents[1]
PACKAGES = ("edge_runtime", "training", "conversion", "benchmarks")
# Read in the repository, not by programs.
DOCUMENTS = {".md", ".png"}
ONLY_SHOWN = {f"edge_runtime/pictures/{name}.jpg" for name in ("demo", "eyes")} | {
    "training/pictures/turned.jpg"
}

# What Python leaves behind, and weights that no program reads: to start a training from.
NOT_READ = {"__pycache__", "unreleased"}


def python(*arguments: object, cwd: Path) -> str:
    command = [sys.executable, *map(str, arguments)]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def archives(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the sdist and of the wheel made from it, built beside the checkout."""
    folder = tmp_path_factory.mktemp("build")
    tree = folder / "face520"
    tree.mkdir()
    for name in PACKAGES:
        shutil.copytree(REPOSITORY / name, tree / name, ignore=lambda *_: {"__pycache__"})
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(REPOSITORY / name, tree / name)
    python("-m", "build", "--no-isolation", "--outdir", folder / "dist", tree, cwd=folder)
    return folder / "dist"


@pytest.fixture(scope="module")
def wheel(archives: Path) -> Path:
    return archives / f"face520-{__version__}-py3-none-any.whl"


def test_the_archives_pass_the_check_before_an_upload(archives: Path, wheel: Path) -> None:
    names = sorted(path.name for path in archives.iterdir())
    assert names == sorted([wheel.name, f"face520-{__version__}.tar.gz"])
    said = python("-m", "twine", "check", "--strict", *archives.iterdir(), cwd=archives)
    assert said.count("PASSED") == 2


def test_the_wheel_holds_every_file_that_programs_read(wheel: Path) -> None:
    wanted = {
        str(path.relative_to(REPOSITORY))
        for name in PACKAGES
        for path in (REPOSITORY / name).rglob("*")
        if path.is_file() and path.suffix not in DOCUMENTS and not NOT_READ & set(path.parts)
    }
    with zipfile.ZipFile(wheel) as archive:
        assert wanted - ONLY_SHOWN - set(archive.namelist()) == set()
    # The kinds of data there are: models, photos, layouts, pages, weights.
    assert {Path(one).suffix for one in wanted} >= {".tflite", ".jpg", ".json", ".j2", ".h5"}


def requirements(of: Distribution, extra: str, seen: set[tuple[str, str]]) -> Iterator[str]:
    """Names of the installed packages that `of`[extra] asks for, and that those ask for."""
    for text in of.requires or ():
        wanted = Requirement(text)
        if wanted.marker is None or wanted.marker.evaluate({"extra": extra}):
            for further in ("", *wanted.extras):
                if (wanted.name.lower(), further) not in seen:
                    seen.add((wanted.name.lower(), further))
                    yield wanted.name
                    yield from requirements(distribution(wanted.name), further, seen)


@pytest.fixture(scope="module")
def bare(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the wheel alone."""
    folder = tmp_path_factory.mktemp("environment") / "bare"
    venv.create(folder, symlinks=True)
    install = ["--python", folder / "bin" / "python", "install", "--no-deps", "--no-index"]
    python("-m", "pip", *install, "--disable-pip-version-check", wheel, cwd=folder)
    return folder


@pytest.fixture
def environment(bare: Path, tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """The bare one with what face520[extra] asks for; a face520 of the checkout is not seen.

    A folder on sys.path through a .pth file is searched for packages, but its own .pth files, the
    way of editable installs, are not read.
    """
    (site,) = (bare / "lib").glob("python*/site-packages")
    (face520,) = distributions(name="face520", path=[str(site)])
    links = tmp_path / "packages"
    links.mkdir()
    for name in set(requirements(face520, request.param, set())):
        installed = distribution(name)
        for top in {file.parts[0] for file in installed.files or ()} - {"..", "__pycache__"}:
            link = links / top
            if not link.exists():
                link.symlink_to(Path(str(installed.locate_file(top))))
    (site / "packages.pth").write_text(f"{links}\n")
    return bare


def run(environment: Path, cwd: Path, command: str, *arguments: object) -> str:
    """What the command of the environment prints, with none of the caller's variables."""
    lines = [environment / "bin" / command, *arguments]
    clean = {"PATH": os.environ["PATH"], "HOME": str(cwd), "COLUMNS": "200"}
    done = subprocess.run(lines, cwd=cwd, env=clean, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("environment", [""], indirect=True)
def test_the_runtime_runs_on_what_it_asks_for(environment: Path, tmp_path: Path) -> None:
    where = "import edge_runtime, importlib.util as u; print(edge_runtime.__file__, *map("
    where += "u.find_spec, ['tensorflow', 'keras', 'mediapipe', 'scipy', 'jinja2']))"
    path, *absent = run(environment, tmp_path, "python", "-c", where).split()
    assert Path(path).is_relative_to(environment) and absent == ["None"] * 5
    assert run(environment, tmp_path, "face520-run", "--version") == f"face520 {__version__}\n"
    run(environment, tmp_path, "face520-run", "--demo", "--output", tmp_path / "demo")
    assert sorted(path.name for path in (tmp_path / "demo").iterdir()) == [
        "astronaut.json",
        "astronaut_face520.jpg",
    ]


@pytest.mark.parametrize(
    ("environment", "module"),
    [("serve", "edge_runtime.live_page.page_server"), ("osc", "pythonosc.osc_bundle_builder")],
    indirect=["environment"],
)
def test_the_extras_of_live_outputs_bring_what_they_need(
    environment: Path, module: str, tmp_path: Path
) -> None:
    run(environment, tmp_path, "python", "-c", f"import {module}")


@pytest.mark.parametrize("environment", ["bench"], indirect=True)
def test_the_benchmark_measures_the_bundled_model(environment: Path, tmp_path: Path) -> None:
    said = run(environment, tmp_path, "face520-bench", "latency", "main_int8")
    assert "main_int8" in said and "ms" in said


@pytest.mark.parametrize("environment", ["convert"], indirect=True)
def test_conversion_shows_a_bundled_file(environment: Path, tmp_path: Path) -> None:
    (model,) = environment.rglob("edge_runtime/models/face520_main_int8.tflite")
    assert "landmark_box_square" in run(environment, tmp_path, "face520-convert", "inspect", model)


@pytest.mark.parametrize("environment", ["train"], indirect=True)
def test_training_explains_itself(environment: Path, tmp_path: Path) -> None:
    assert "--face-model" in run(environment, tmp_path, "face520-train", "layout", "--help")
