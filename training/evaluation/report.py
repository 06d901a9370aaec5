"""All that one call of `face520-train evaluate` finds out about a model."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edge_runtime.atomic_file import write_whole
from training.dataset.dataset import Dataset
from training.evaluation.aflw2000 import read_folder
from training.evaluation.end_to_end import EndToEnd, evaluate_end_to_end
from training.evaluation.evaluate import Evaluation, evaluate
from training.evaluation.held_out_scores import HeldOutScores
from training.evaluation.presence import PresenceSamples, PresenceScores
from training.evaluation.scores_300w import Scores300w, is_300w, read_300w
from training.run.scored_model import ScoredModel


@dataclass(frozen=True, eq=False)
class Findings:
    """Scores of a model; None where they were not asked for.

    folder: name of the folder of annotated faces, empty without one.
    """

    model: str
    folder: str
    evaluation: Evaluation | None = None
    end_to_end: EndToEnd | None = None
    of_300w: Scores300w | None = None
    presence: PresenceScores | None = None
    held_out: HeldOutScores | None = None

    @classmethod
    def measure(
        cls,
        model_path: Path,
        folder: Path | None,
        end_to_end: bool,
        presence_dataset: Dataset | None,
        held_out_dataset: Dataset | None,
    ) -> Findings:
        """Score a model on annotated faces, through the detector too, and on held-out faces.

        model_path: as `ScoredModel.open` takes it, no run or release folder for end_to_end. Raises
        what the folders and the model give reason for, all of it Face520Error.
        """
        model = ScoredModel.open(model_path)
        detected_by = model_path if end_to_end else None
        evaluation = through_detector = of_300w = presence = held_out = None
        if folder is not None and is_300w(folder):
            of_300w = Scores300w.measure(model, read_300w(folder), detected_by)
        elif folder is not None:
            faces = list(read_folder(folder))
            evaluation = evaluate(
                faces, model.landmarks, model.input_size_px, model.square_over_crop
            )
            if detected_by is not None:
                through_detector = evaluate_end_to_end(faces, detected_by)
        if presence_dataset is not None:
            presence = PresenceSamples.of(presence_dataset, model.input_size_px).score(model)
        if held_out_dataset is not None:
            held_out = HeldOutScores.measure(model, held_out_dataset)
        name = folder.resolve().name if folder is not None else ""
        return cls(model.name, name, evaluation, through_detector, of_300w, presence, held_out)

    def to_json(self) -> dict[str, Any]:
        """Under the names that face520-bench's reports give the same figures.

        At the top level: original labels, crops from the true boxes. null: there is no such figure.
        """
        found: dict[str, Any] = {"model": self.model}
        if self.evaluation is not None:
            again = self.evaluation.reannotated_scores
            found |= {"folder": self.folder} | self.evaluation.scores.to_json()
            found["missed_in_boxes"] = self.evaluation.missed
            found["reannotated"] = None if again is None else again.to_json()
        if self.end_to_end is not None:
            scores = self.end_to_end.found
            found["found_nme_percent"] = scores.headline_nme_percent if len(scores) else None
            found["missed"] = self.end_to_end.missed
            found["end_to_end"] = self.end_to_end.to_json()
        if self.of_300w is not None:
            found |= {"folder": self.folder, "300w": self.of_300w.to_json()}
        if self.presence is not None:
            found["presence"] = self.presence.to_json()
        if self.held_out is not None:
            found["held_out"] = self.held_out.to_json()
        return found

    def write_json(self, path: Path) -> None:
        """Write `to_json`. Raises OutputWriteError."""
        text = json.dumps(self.to_json(), indent=1, allow_nan=False) + "\n"
        write_whole(path, text.encode())
