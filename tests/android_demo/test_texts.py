"""What the Android app says: from its resources alone, in each of its languages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest

APP = Path(__file__).parents[2] / "android_demo/app/src/main"
RES = APP / "res"
ANDROID = "{http://schemas.android.com/apk/res/android}"
LANGUAGES = ("de",)
READ_BY_PEOPLE = ("text", "hint", "title", "label", "contentDescription", "tooltipText")
LITERAL = re.compile(r'"((?:[^"\\\n]|\\.)*)"')
# Text that goes to files and logs, for programs and developers; exceptions' messages are among it.
FOR_DEVELOPERS = (
    *("BenchmarkReport.kt", "BenchmarkRun.kt", "BenchmarkWorker.kt", "DeviceFacts.kt"),
    "SharedFiles.kt",
)
IN_EXCEPTIONS = re.compile(
    r"(?:throw |Exception\(|error\(|check\(|require\(|@Deprecated\(|\.fail\()"
)


def texts(folder: str) -> dict[str, set[str]]:
    """Name of each text and what its values leave room for, such as `%1$s`."""
    found: dict[str, set[str]] = {}
    for one in ElementTree.parse(RES / folder / "strings.xml").getroot():
        if one.get("translatable") == "false":
            continue
        values = "".join(one.itertext())
        found[one.attrib["name"]] = set(re.findall(r"%(?:\d+\$)?[.\d]*[a-z]", values))
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_in_every_language_with_room_for_the_same(language: str) -> None:
    assert texts(f"values-{language}") == texts("values")


@pytest.mark.parametrize("folder", ["values", *(f"values-{one}" for one in LANGUAGES)])
def test_counted_things_have_a_singular_and_a_plural(folder: str) -> None:
    root = ElementTree.parse(RES / folder / "strings.xml").getroot()
    plurals = root.findall("plurals")
    assert plurals
    for one in plurals:
        assert {item.get("quantity") for item in one} == {"one", "other"}, one.get("name")
    for one in root.findall("string"):
        assert not re.search(r"%(?:\d+\$)?d [a-zäöü]+s?\b", one.text or ""), (
            f"{one.get('name')} counts something: it needs plurals"
        )


def test_layouts_and_manifest_hold_no_text_of_their_own() -> None:
    files = [*RES.glob("layout*/*.xml"), APP / "AndroidManifest.xml"]
    assert len(files) > 5
    for path in files:
        for element in ElementTree.parse(path).iter():
            for name in READ_BY_PEOPLE:
                value = element.get(ANDROID + name, "@")
                assert value.startswith(("@", "?")), f"{path.name}: {name} is {value!r}"


def sentences(source: str) -> Iterator[str]:
    """Literals of two words and more, without those that only exceptions hold."""
    code = re.sub(r"/\*[\s\S]*?\*/|//.*", "", source)
    for line in code.splitlines():
        if not IN_EXCEPTIONS.search(line):
            yield from (
                text for text in LITERAL.findall(line) if re.search(r"[a-z]{2} [a-z]", text)
            )


def test_code_holds_no_text_that_people_read() -> None:
    for path in (APP / "kotlin").rglob("*.kt"):
        if path.name not in FOR_DEVELOPERS:
            assert list(sentences(path.read_text())) == [], path


def test_a_sentence_in_code_is_noticed() -> None:
    assert list(sentences('button.text = "Start it now" // "not this one"')) == ["Start it now"]


def test_copies_of_the_app_share_under_names_of_their_own() -> None:
    provider = ElementTree.parse(APP / "AndroidManifest.xml").getroot().find("application/provider")
    assert provider is not None
    assert (provider.get(ANDROID + "authorities") or "").startswith("${applicationId}.")
