"""What an evaluation leaves in a folder: all scores, the curves, and the worst faces to look at."""

from __future__ import annotations

import csv
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np

from edge_runtime.arrays import Float64Array
from edge_runtime.atomic_file import write_whole
from edge_runtime.image_file import write_jpeg
from training.evaluation.end_to_end import EndToEnd
from training.evaluation.evaluate import Evaluation
from training.evaluation.pictures import draw_ced, draw_openness, draw_roc, draw_worst_faces
from training.evaluation.report import Findings
from training.nme import REGIONS

SCORES_FILE, FACES_FILE, CURVE_FILE = "scores.json", "faces.csv", "ced.png"
WORST_FILE, ROC_FILE = "worst.jpg", "presence.png"
OPENNESS_FILE, OPENNESS_300W_FILE = "openness.png", "openness_300w.png"
WORST_COUNT = 32


def write_evaluation(findings: Findings, folder: Path) -> list[Path]:
    """Write what was found and return the files. Raises OutputWriteError."""
    written = [folder / SCORES_FILE]
    findings.write_json(written[0])
    if findings.evaluation is not None:
        table = _faces_csv(findings.evaluation, findings.end_to_end)
        write_whole(folder / FACES_FILE, table.encode())
        draw_ced(_curves(findings.evaluation, findings.end_to_end), folder / CURVE_FILE)
        write_jpeg(folder / WORST_FILE, draw_worst_faces(findings.evaluation, WORST_COUNT))
        written += [folder / FACES_FILE, folder / CURVE_FILE, folder / WORST_FILE]
    if findings.of_300w is not None:
        of_kind = {name: one.openness for name, one in findings.of_300w.by_kind.items()}
        draw_openness(of_kind, None, folder / OPENNESS_300W_FILE)
        written.append(folder / OPENNESS_300W_FILE)
    if findings.held_out is not None and findings.held_out.living_face.has_faces:
        living = findings.held_out.living_face
        of_yaw = {f"{name} degrees": one.openness for name, one in living.in_yaw.items()}
        draw_openness(of_yaw, living.closed_eyes, folder / OPENNESS_FILE)
        written.append(folder / OPENNESS_FILE)
    if findings.presence is not None:
        draw_roc(findings.presence, folder / ROC_FILE)
        written.append(folder / ROC_FILE)
    return written


def _curves(evaluation: Evaluation, end_to_end: EndToEnd | None) -> dict[str, Float64Array]:
    curves = {"original labels": evaluation.scores.nme_percent}
    if evaluation.reannotated_scores is not None:
        curves["re-annotated labels"] = evaluation.reannotated_scores.nme_percent
    if end_to_end is not None:
        curves["original labels, found by the detector"] = end_to_end.nme_percent
    return curves


def _faces_csv(evaluation: Evaluation, end_to_end: EndToEnd | None) -> str:
    """A line a face; an empty field is a miss."""
    columns: dict[str, list[Any]] = {
        "name": [face.path.name for face in evaluation.faces],
        "yaw_deg": _rounded(evaluation.yaw_deg),
    }
    for prefix, scores in (
        ("", evaluation.scores),
        ("reannotated_", evaluation.reannotated_scores),
    ):
        if scores is not None:
            columns[f"{prefix}nme_percent"] = _rounded(scores.nme_percent)
            for region in REGIONS:
                columns[f"{prefix}{region}_percent"] = _rounded(scores.region_percent(region))
    if end_to_end is not None:
        found = np.where(end_to_end.is_found, end_to_end.nme_percent, np.nan)
        columns["end_to_end_nme_percent"] = _rounded(found)
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(zip(*columns.values()))
    return text.getvalue()


def _rounded(values: Float64Array) -> list[str]:
    return [f"{value:.4f}" if np.isfinite(value) else "" for value in values]
