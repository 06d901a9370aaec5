"""Visibility from 520 landmarks against what really hides them: the whole mesh, depth-buffered."""

from pathlib import Path

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from benchmarks.studies.visibility import measure, true_visibility
from edge_runtime.face_landmarks import skin_visibility
from edge_runtime.layout import read_layout
from training.face.face_model import FaceModel
from training.face.position_map import PositionMapRenderer


def test_a_bent_sheet_hides_its_far_side(face_model_path: Path, layout_path: Path) -> None:
    model, layout = FaceModel.load(face_model_path), read_layout(layout_path)
    sampler = PositionMapRenderer.build(model).sampler(layout.uv)
    for yaw_deg in (-75, -40, 0, 40, 75):
        turn = Rotation.from_euler("y", yaw_deg, degrees=True).as_matrix()
        # 1 px is 1 mm: x to the right, y down, z away.
        vertices = (10 * model.neutral @ turn.T * (1, -1, -1)).astype(np.float32)
        points = sampler @ vertices
        truth = true_visibility(points, vertices, model.triangles, px_per_mm=1)
        assert (skin_visibility(points, layout) == truth).mean() > 0.9, yaw_deg
        assert truth.all() == (yaw_deg == 0)


@pytest.mark.slow
def test_real_faces_agree_at_every_yaw(real_data: Path) -> None:
    agreement = {one.low_deg: one.agreement for one in measure(real_data)}
    assert min(agreement.values()) > 0.92
    assert np.mean(list(agreement.values())) > 0.94
