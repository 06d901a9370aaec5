"""The runtime's limit between face and no face, on photos held out of the model's training."""

from pathlib import Path

import pytest

from benchmarks.studies.presence import measure


@pytest.mark.slow
def test_faces_are_kept_and_places_beside_them_refused(real_data: Path) -> None:
    found = measure(real_data)
    assert len(found.faces) == 500 and len(found.others) > 300
    assert found.kept >= 0.98 and found.refused >= 0.97
