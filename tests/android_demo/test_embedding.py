"""What an app needs to embed the landmarks is there, and is what the README shows."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from edge_runtime import __version__

DEMO = Path(__file__).parents[2] / "android_demo"
LIBRARY = DEMO / "face520-android/src/main/kotlin/org/face520"
PUBLIC = re.compile(r"public (?:[a-z]+ )*?(class|interface|val|var|fun|constructor)\b ?(\w*)")
# https://gradle.org/release-checksums, 8.13: of the wrapper's jar and of the -bin distribution.
WRAPPER_SHA256 = "81a82aaea5abcc8ff68b3dfcb58b3c3c429378efd98e7433460610fecd7ae45f"
DISTRIBUTION_SHA256 = "20f1b1176237254a6fc204d8434196fa11a4cfb387567519c61556e8710aed78"


def test_gradle_wrapper_is_the_published_one_and_checks_what_it_fetches() -> None:
    jar = DEMO / "gradle/wrapper/gradle-wrapper.jar"
    assert hashlib.sha256(jar.read_bytes()).hexdigest() == WRAPPER_SHA256
    properties = (DEMO / "gradle/wrapper/gradle-wrapper.properties").read_text()
    assert "gradle-8.13-bin.zip" in properties
    assert f"distributionSha256Sum={DISTRIBUTION_SHA256}" in properties
    assert (DEMO / "gradlew").stat().st_mode & 0o111, "gradlew must be executable"
    assert (DEMO / "gradlew.bat").is_file()


def test_the_readme_s_dependency_is_of_this_version() -> None:
    readme = (DEMO / "README.md").read_text()
    assert re.findall(r"face520-android:([\d.]+)", readme) == [__version__]


def test_snippets_of_the_readme_are_code_that_the_build_compiles() -> None:
    """Each Kotlin block stands, line by line, in a file of the example, which build.sh runs."""
    readme = (DEMO / "README.md").read_text()
    blocks = re.findall(r"```kotlin\n(.*?)```", readme, re.DOTALL)
    sources = [
        [line.strip() for line in path.read_text().splitlines()]
        for path in (DEMO / "example").rglob("*.kt*")
    ]
    assert len(blocks) >= 3
    for block in blocks:
        lines = [line.strip() for line in block.splitlines() if line.strip()]
        assert any(all(line in source for line in lines) for source in sources), block


def test_everything_public_in_the_library_is_documented() -> None:
    """Each has a KDoc of its own; a property may be named, as [name], in that of its class."""
    sources = sorted(LIBRARY.rglob("*.kt"))
    assert sources
    bare = [f"{source.name}: {name}" for source in sources for name in bare_names(source)]
    assert not bare, bare


def bare_names(source: Path) -> list[str]:
    text = source.read_text()
    found = []
    for match in PUBLIC.finditer(text):
        kind, name = match.groups()
        before = re.sub(r"(@\w+\s+)+$", "", text[: match.start()]).rstrip()
        of_class = re.findall(r"^/\*\*.*?\*/", before, re.DOTALL | re.MULTILINE)[-1:]
        is_told = kind in ("val", "var") and f"[{name}]" in "".join(of_class)
        if not before.endswith("*/") and not is_told:
            found.append(name or kind)
    return found
