"""The page in a real browser: what moves, what is told, how it looks on a phone and in the dark."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge_runtime.live_page.sensors import SensorReading, Sensors
from tests.edge_runtime.live_page.chromium import PROGRAM, Chromium

pytest.importorskip("aiohttp")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(PROGRAM is None, reason="chromium is not installed"),
]

LIVE = "document.getElementById('state').dataset.state === 'live'"
BARS = "[...document.querySelectorAll('#shapes .fill')].map(one => one.style.transform).join()"
PIXELS = """(() => {
  const canvas = document.getElementById('picture');
  const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
  let sum = 0;
  for (let at = 0; at < data.length; at += 64) sum = (sum * 31 + data[at]) % 1000003;
  return sum;
})()"""
VISIBLE = "document.body.innerText"


@pytest.fixture(scope="module")
def browser(tmp_path_factory) -> Iterator[Chromium]:
    opened = Chromium(tmp_path_factory.mktemp("chromium"))
    yield opened
    opened.close()


@pytest.fixture
def page(browser, show) -> Chromium:
    """The browser with the page of `show`, live."""
    browser.complaints.clear()
    browser.open(show.link)
    browser.wait_for(LIVE)
    return browser


def test_the_picture_and_the_bars_move(page):
    for seen in (PIXELS, BARS, "document.getElementById('mask').style.transform"):
        before = page.evaluate(seen)
        page.wait_for(f"{seen} !== {json.dumps(before)}")
    text = page.evaluate(VISIBLE)
    assert "Not known by this model: eyeLookDown, eyeLookIn, eyeLookOut, eyeLookUp." in text
    assert "Their left eye" in text
    assert "blinks3yawns1" in page.evaluate("document.getElementById('blinking').textContent")
    page.wait_for("Number(document.getElementById('fps').textContent) > 0")
    assert page.evaluate("document.querySelectorAll('#shapes .fill').length") == 43
    assert page.complaints == []


def test_a_lost_camera_and_its_return_are_told(page, show):
    show.plug.is_in.clear()
    page.wait_for("document.getElementById('state').textContent === 'No picture'")
    text = page.evaluate(VISIBLE)
    assert "camera desk has gone; waiting 30 s for it" in text and "No new picture for" in text
    show.plug.is_in.set()
    page.wait_for(LIVE)
    assert "camera desk is back" in page.evaluate(VISIBLE)
    assert page.evaluate("document.getElementById('veil').hidden")


def test_heat_and_throttling_are_shown(browser, show, monkeypatch):
    reading = SensorReading(1500.0, 82.4, ("under-voltage",))
    monkeypatch.setattr(Sensors, "read", lambda self: reading)
    browser.open(show.link, 390)
    browser.wait_for("document.getElementById('heat').textContent === '82'")
    text = browser.evaluate("document.querySelector('header').innerText")
    assert "°C" in text and "under-voltage" in text


def test_a_frame_is_saved_by_keyboard(page, tmp_path):
    page.wait_for("!document.getElementById('save').disabled")
    page.evaluate("document.getElementById('save').focus()")
    for kind in ("keyDown", "keyUp"):
        key = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13, "text": "\r"}
        page.call("Input.dispatchKeyEvent", type=kind, **key)
    page.wait_for("document.getElementById('saved').textContent.includes('.json')")
    assert sorted(path.suffix for path in (tmp_path / "saved").iterdir()) == [".jpg", ".json"]


def test_what_is_drawn_can_be_chosen(page, show):
    show.plug.is_in.clear()  # the same frame from here on
    page.wait_for("document.getElementById('state').textContent === 'No picture'")
    seen = set()
    for style in ("points", "contours", "mesh", "none"):
        page.evaluate(f"document.querySelector('#styles [value={style}]').click()")
        seen.add(page.evaluate(PIXELS))
    assert len(seen) == 4


def test_faces_can_be_chosen(page, show):
    assert page.evaluate("document.getElementById('faces').hidden")
    show.landmarker.count = 3
    page.wait_for("document.querySelectorAll('#faces input').length === 3")
    page.evaluate("document.querySelectorAll('#faces input')[2].click()")
    page.wait_for("document.querySelector('#faces :checked').value === '2'")
    show.landmarker.count = 0
    page.wait_for("!document.getElementById('nobody').hidden")
    assert page.evaluate("document.getElementById('somebody').hidden")


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_it_fits_the_window(browser, show, width):
    browser.open(show.link, width)
    browser.wait_for(LIVE)
    assert browser.evaluate("document.documentElement.scrollWidth") <= width
    picture = browser.evaluate(
        "document.getElementById('picture').getBoundingClientRect().toJSON()"
    )
    assert picture["width"] > min(width, 640) * 0.85
    assert picture["width"] / picture["height"] == pytest.approx(320 / 240, rel=0.02)
    small = """[...document.querySelectorAll('body *')].filter(one => one.offsetParent
      && one.childElementCount === 0 && one.textContent.trim()
      && parseFloat(getComputedStyle(one).fontSize) < 12).length"""
    assert browser.evaluate(small) == 0, "no text below 12 px"


def test_light_and_dark(browser, show):
    means = []
    for scheme in ("light", "dark"):
        browser.open(show.link, 390, scheme=scheme)
        browser.wait_for(LIVE)
        means.append(browser.screenshot()[-60:, :8].mean())
    assert means[0] > 200 and means[1] < 80


def test_a_screen_reader_finds_names_and_values(page):
    unnamed = """[...document.querySelectorAll('button, input, [role=meter], [role=img]')]
      .filter(one => !(one.getAttribute('aria-label') || one.textContent.trim()
        || one.labels?.[0]?.textContent))
      .map(one => one.outerHTML)"""
    assert page.evaluate(unnamed) == []
    page.wait_for("document.querySelector('[aria-label=jawOpen]').hasAttribute('aria-valuenow')")
    label = page.evaluate("document.getElementById('picture').getAttribute('aria-label')")
    assert label.startswith("Live picture, 1 face")
    assert page.evaluate("document.getElementById('notice').getAttribute('role')") == "status"


def test_the_end_is_told(page, show):
    show.pipeline.stop()
    show.thread.join(10)
    show.page.close()
    page.wait_for("document.getElementById('state').textContent === 'Ended'")
    assert "face520-run has ended." in page.evaluate(VISIBLE)


def test_a_page_of_others_cannot_look_in(browser, show, tmp_path):
    """A page from a file, whose Origin is foreign, tries to open the live connection."""
    foreign = tmp_path / "foreign.html"
    live = json.dumps(show.link.replace("http", "ws") + "live")
    script = f"""const socket = new WebSocket({live});
    socket.onopen = () => document.title = 'in';
    socket.onerror = () => document.title = 'refused';"""
    Path(foreign).write_text(f"<title>trying</title><script>{script}</script>")
    browser.open(f"file://{foreign}")
    browser.wait_for("document.title !== 'trying'")
    assert browser.evaluate("document.title") == "refused"
