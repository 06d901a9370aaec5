"""An evaluation on the terminal: a row for each yaw range, a column for each way to score."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from training.evaluation.end_to_end import EndToEnd
from training.evaluation.evaluate import Evaluation
from training.evaluation.held_out_scores import HeldOutScores
from training.evaluation.living_face import REGIONS as LIVING_REGIONS
from training.evaluation.living_face import LivingFaceScores
from training.evaluation.openness import (
    CLOSED_EYES_YAW_DEG,
    OPEN_EYE_RATIO,
    Agreement,
    ClosedEyeScores,
)
from training.evaluation.presence import PresenceScores
from training.evaluation.report import Findings
from training.evaluation.scores_300w import REGIONS as REGIONS_300W
from training.evaluation.scores_300w import Scores300w
from training.nme import FAILED_NME_PERCENT, REGIONS


def print_report(findings: Findings, out: Console) -> None:
    """Print what was found."""
    if findings.evaluation is not None:
        out.print(nme_table(findings.evaluation, findings.end_to_end))
    if findings.of_300w is not None:
        out.print(table_300w(findings.of_300w))
    if findings.presence is not None:
        out.print(presence_text(findings.presence))
    if findings.held_out is not None:
        out.print(held_out_table(findings.held_out))
        if findings.held_out.living_face.has_faces:
            for table in living_face_tables(findings.held_out.living_face):
                out.print(table)
        out.print(closed_eyes_text(findings.held_out.living_face.closed_eyes))


def nme_table(evaluation: Evaluation, end_to_end: EndToEnd | None) -> Table:
    """NME in percent of each yaw range, their mean, and below it what all faces together give."""
    columns = {"NME, %": evaluation.scores}
    detected: dict[str, EndToEnd] = {}
    if evaluation.reannotated_scores is not None:
        columns["re-\nannotated"] = evaluation.reannotated_scores
    if end_to_end is not None:
        detected["detector"] = end_to_end
        if end_to_end.reannotated is not None:
            detected["detector,\nre-\nannotated"] = end_to_end.reannotated
        columns |= {name: one.found for name, one in detected.items()}
    table = Table("|yaw|, deg", "faces", *columns, *(["missed"] if end_to_end else []))
    for number, one in enumerate(evaluation.scores.bins):
        means = [scores.bins[number].nme_percent for scores in columns.values()]
        missed = [str(end_to_end.missed_in_bins[number])] if end_to_end else []
        table.add_row(
            one.yaw_range, str(one.faces), *(_three_decimals(mean) for mean in means), *missed
        )
    table.add_section()
    means = [scores.headline_nme_percent if len(scores) else None for scores in columns.values()]
    missed = [str(end_to_end.missed)] if end_to_end else []
    faces = str(len(evaluation.faces))
    table.add_row("mean of bins", faces, *(_three_decimals(mean) for mean in means), *missed)
    if evaluation.missed:
        table.add_row("missed", str(evaluation.missed))
    table.add_section()
    summed = (columns | detected).values()
    limit = f"{FAILED_NME_PERCENT:g} %"
    table.add_row(f"AUC to {limit}, %", "", *(f"{one.auc_percent:.2f}" for one in summed if one))
    table.add_row(f"above {limit}, %", "", *(f"{one.failure_percent:.2f}" for one in summed if one))
    table.add_section()
    for region in REGIONS:
        of_faces = [one.region_percent(region) for one in columns.values()]
        means = [float(errors.mean()) if len(errors) else None for errors in of_faces]
        table.add_row(region, "", *(_three_decimals(mean) for mean in means))
    return table


def table_300w(scores: Scores300w) -> Table:
    """Mean errors over the distance of the outer eye corners, and openness against people's."""
    table = Table("inter-ocular NME, %")
    kinds = list(scores.by_kind.values())
    for name in ("true boxes", "detector")[: len(kinds)]:
        table.add_column(name, justify="right")
        table.add_column("offsets off", justify="right")
    for region in REGIONS_300W:
        table.add_row(
            region,
            *(
                _three_decimals(means[region])
                for one in kinds
                for means in (one.regions_percent, one.regions_without_offsets_percent)
            ),
        )
    table.add_section()
    table.add_row("", *("correlation", "slope") * len(kinds))
    for row, agreements in (
        ("eye aspect ratio", [one.openness.eyes for one in kinds]),
        ("mouth opening", [one.openness.mouth for one in kinds]),
    ):
        table.add_row(row, *(cell for one in agreements for cell in _correlation_and_slope(one)))
    table.add_section()
    table.add_row("faces", *(cell for one in kinds for cell in (str(len(one)), "")))
    table.add_row("missed", *(cell for one in kinds for cell in (str(one.missed), "")))
    return table


def presence_text(scores: PresenceScores) -> str:
    """One sentence on the curve, one on the limit."""
    limit = scores.limit()
    return (
        f"presence: ROC-AUC {scores.roc_auc:.5f} over {len(scores.faces)} held-out faces and "
        f"{len(scores.empty)} crops without one; a limit of {limit:.4f} refuses "
        f"{scores.refused_faces(limit):.2%} of the faces and accepts "
        f"{scores.accepted_empty(limit):.2%} of the others"
    )


def held_out_table(scores: HeldOutScores) -> Table:
    """A row for each kind of square, NME in percent of each yaw range and their mean."""
    bins = next(iter(scores.of_squares.values())).bins
    ranges = [one.yaw_range for one in bins]
    table = Table("held-out NME, %", *ranges, "mean")
    for square, of_square in scores.of_squares.items():
        means = [_three_decimals(one.nme_percent) for one in of_square.bins]
        table.add_row(square, *means, _three_decimals(of_square.headline_nme_percent))
    return table


def living_face_tables(scores: LivingFaceScores) -> list[Table]:
    """Openness and regions; the most used blendshapes; visibility: what the model has of them."""
    tables = [openness_table(scores)]
    first = next(iter(scores.in_yaw.values()))
    if first.blendshapes is not None and first.blendshapes.each:
        tables.append(blendshape_table(scores))
    if any(one.seen for one in scores.visibility.values()):
        tables.append(visibility_table(scores))
    return tables


def openness_table(scores: LivingFaceScores) -> Table:
    """Correlation and slope of the openings, NME of the regions, a column pair for each yaw."""
    table = Table("people's eyes and lips")
    for name in scores.in_yaw:
        table.add_column(f"{name} deg", justify="right")
        table.add_column("slope", justify="right")
    plain = [one.openness for one in scores.in_yaw.values()]
    like_yaw = [one.openness_at_like_yaw for one in scores.in_yaw.values()]
    for row, agreements in (
        ("eye aspect ratio", [one.eyes for one in plain]),
        ("  at like yaw", [one.eyes for one in like_yaw]),
        ("mouth opening", [one.mouth for one in plain]),
        ("  at like yaw", [one.mouth for one in like_yaw]),
    ):
        table.add_row(row, *(cell for one in agreements for cell in _correlation_and_slope(one)))
    table.add_section()
    for region in LIVING_REGIONS:
        means = [one.regions_percent[region] for one in scores.in_yaw.values()]
        table.add_row(
            f"{region}, NME, %", *(c for mean in means for c in (_three_decimals(mean), ""))
        )
    table.add_section()
    counts = [(str(len(one.errors_percent)), "") for one in scores.in_yaw.values()]
    table.add_row("faces", *(cell for pair in counts for cell in pair))
    if any(one.missed for one in scores.in_yaw.values()):
        missed = [(str(one.missed), "") for one in scores.in_yaw.values()]
        table.add_row("missed", *(cell for pair in missed for cell in pair))
    return table


def blendshape_table(scores: LivingFaceScores) -> Table:
    """The blendshapes that the labels of the first yaw range use most, and the mean of all."""
    of_yaw = [one.blendshapes for one in scores.in_yaw.values() if one.blendshapes is not None]
    table = Table("blendshape", "mean label")
    for name in scores.in_yaw:
        table.add_column(f"{name} deg", justify="right")
        table.add_column("slope", justify="right")
    for used in of_yaw[0].most_used:
        found = [one.agreement for all_of in of_yaw for one in all_of.each if one.name == used.name]
        cells = (cell for one in found for cell in _correlation_and_slope(one))
        table.add_row(used.name, f"{used.mean_label:.2f}", *cells)
    table.add_section()
    means = [cell for one in of_yaw for cell in (_three_decimals(one.mean_correlation), "")]
    table.add_row(f"mean of {len(of_yaw[0].each)}", "", *means)
    return table


def visibility_table(scores: LivingFaceScores) -> Table:
    """ROC-AUC of what people call unseen against what they see, and of its place alone."""
    columns = list(scores.visibility.values())
    table = Table(f"ROC-AUC of visibility ({scores.visibility_from})")
    for name in scores.visibility:
        table.add_column(f"{name} deg", justify="right")
    for row, kinds in (
        ("covered", [one.covered for one in columns]),
        ("hidden by the face", [one.hidden_by_face for one in columns]),
    ):
        table.add_row(row, *(_three_decimals(one.auc) for one in kinds))
        table.add_row("  by place alone", *(_three_decimals(one.place_auc) for one in kinds))
        table.add_row("  landmarks", *(str(one.landmarks) for one in kinds))
    table.add_section()
    table.add_row("seen landmarks", *(str(one.seen) for one in columns))
    table.add_row("faces", *(str(one.faces) for one in columns))
    return table


def closed_eyes_text(scores: ClosedEyeScores) -> str:
    """One sentence on the curve, one on the best limit."""
    found = scores.to_json()
    if found is None:
        return "closed against open eyes: the dataset holds out no photos of CEW with others"
    text = (
        f"closed against open eyes, yaw below {CLOSED_EYES_YAW_DEG} degrees: ROC-AUC "
        f"{found['auc']:.3f} over {found['closed']} faces of CEW and {found['open']} whose label "
        f"is above {OPEN_EYE_RATIO}; the best limit, {found['limit']:.3f}, errs in "
        f"{found['error']:.1%}, the mean of both kinds"
    )
    if blink := found["blink"]:
        text += f"; eyeBlink is {blink['closed']:.2f} in the mean of the closed and "
        text += f"{blink['open']:.2f} of the open"
    return text


def _correlation_and_slope(one: Agreement) -> tuple[str, str]:
    return _three_decimals(one.correlation), _three_decimals(one.slope)


def _three_decimals(value: float | None) -> str:
    return "none" if value is None else f"{value:.3f}"
