"""Why the runtime turns its square upright with the head: measured on training photos."""

from pathlib import Path

import pytest

from benchmarks.studies.roll_alignment import measure


@pytest.mark.slow
def test_turned_faces_are_followed_better_upright(real_data: Path) -> None:
    nme = measure(real_data)
    assert nme[0, True] < 1.05 * nme[0, False]
    assert nme[30, True] < nme[30, False]
    assert nme[60, True] < 0.8 * nme[60, False]
