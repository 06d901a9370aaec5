"""The small model: small_wide at 96 px, on labels averaged with main_wide's.

face520-train run small --dataset RELABELLED --run RUN --start SMALL_WIDE_RUN
"""

from training.augment import Augmentation
from training.experiment import Experiment
from training.model import RegressorConfig

EXPERIMENT = Experiment(
    name="small",
    model=RegressorConfig(width=0.3125, input_size_px=96, head_rank=32, has_presence=True),
    augmentation=Augmentation(roll_deg=10.0, occluder_chance=0.15),
    loss="distance",
    epochs=14,
    learning_rate=2e-4,
    freeze_batch_norm=True,
    negative_share=0.1,
)
