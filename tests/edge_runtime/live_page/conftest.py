"""A page that shows a made-up camera and a made-up face, without a model to run."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec

import pytest

from tests.edge_runtime.live_page.made_up_show import Show


@pytest.fixture
def show(tmp_path, lively_face) -> Iterator[Show]:
    if find_spec("aiohttp") is None:
        pytest.skip("aiohttp is not installed")
    running = Show(tmp_path, lively_face)
    yield running
    running.end()
