"""The page in a real browser: plots render, nothing is wider than a phone."""

import json
import re
import shutil
import subprocess

import cv2
import pytest

from benchmarks.report.page import to_html

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--hide-scrollbars",
)  # fmt: skip
PROBE = """<script>
const seen = [...document.querySelectorAll("svg")].map(svg => {
  const marks = [...svg.querySelectorAll("[style*='var(--s']")];
  const frame = svg.getBoundingClientRect();
  const texts = [...svg.querySelectorAll("text")].map(t => t.getBoundingClientRect());
  return {name: svg.getAttribute("aria-label"), width: frame.width, height: frame.height,
    marks: marks.filter(m => { const b = m.getBBox(); return b.width + b.height > 0; }).length,
    inside: texts.every(t => t.left >= frame.left - 1 && t.right <= frame.right + 1),
    textPx: Math.min(...texts.map(t => t.height))};
});
document.title = "seen " + JSON.stringify({plots: seen, page: document.documentElement.scrollWidth,
  window: window.innerWidth});
</script>"""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed"),
]


def browse(page, tmp_path, width, *more):
    """Open a page in a window of that width; what the probe saw is in the title."""
    # Chromium's own window is 500 px wide at least; a frame can be as narrow as a phone.
    (tmp_path / "page.html").write_text(page)
    command = [CHROMIUM, *FLAGS, f"--user-data-dir={tmp_path / 'profile'}", *more]
    frame = tmp_path / "frame.html"
    frame.write_text(
        f'<body style="margin:0"><iframe src="page.html" style="border:0;width:{width}px;'
        'height:9000px"></iframe></body>'
    )
    return subprocess.run([*command, f"file://{frame}"], capture_output=True, text=True, timeout=90)


@pytest.mark.parametrize("width", [390, 1280])
def test_plots_render_and_fit(report, tmp_path, width):
    # A frame of a file may not be read from outside, so the probe asks the frame from inside.
    probe = PROBE.replace("document.title =", "const found =").replace(
        "</script>", 'parent.postMessage(found, "*");</script>'
    )
    page = to_html(report).replace("</body>", f"{probe}</body>")
    (tmp_path / "page.html").write_text(page)
    listener = (
        "<script>addEventListener('message', e => document.title = e.data);</script>"
        f'<iframe src="page.html" style="border:0;width:{width}px;height:900px"></iframe>'
    )
    (tmp_path / "outer.html").write_text(listener)
    done = subprocess.run(
        [CHROMIUM, *FLAGS, f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom",
         "--virtual-time-budget=4000", f"file://{tmp_path / 'outer.html'}"],
        capture_output=True, text=True, timeout=90,
    )  # fmt: skip
    found = re.search(r"<title>seen (.*?)</title>", done.stdout)
    assert found, done.stdout[:500] + done.stderr[-500:]
    seen = json.loads(found.group(1).replace("&amp;", "&"))
    assert seen["window"] == width and seen["page"] <= width, "nothing scrolls sideways"
    assert len(seen["plots"]) == 10
    for plot in seen["plots"]:
        assert plot["marks"] >= 1 and plot["height"] > 60, plot["name"]
        assert plot["inside"], f"{plot['name']}: a label is cut off"
        assert plot["textPx"] > 10, f"{plot['name']}: too small to read"


def test_light_and_dark_are_seen(report, tmp_path):
    means = []
    for scheme in ("1", "0"):
        target = tmp_path / f"{scheme}.png"
        browse(
            to_html(report), tmp_path, 390, f"--screenshot={target}", "--window-size=500,2000",
            f"--blink-settings=preferredColorScheme={scheme}",
        )  # fmt: skip
        means.append(cv2.imread(str(target))[:, :390].mean())
    assert means[0] > 200 and means[1] < 80
