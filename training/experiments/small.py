"""The small model: small_wide with narrower first layers, on labels averaged with main_wide's.

face520-train run small --dataset RELABELLED --run RUN --start SMALL_WIDE_RUN
"""

from training.augment import Augmentation
from training.experiment import Experiment
from training.model import RegressorConfig

EXPERIMENT = Experiment(
    name="small",
    model=RegressorConfig(
        width=0.3125,
        input_size_px=100,
        head_rank=32,
        has_presence=True,
        first_channels=(8, 16, 32, 32, 64, 64),
    ),
    augmentation=Augmentation(roll_deg=10.0, occluder_chance=0.15),
    loss="distance",
    epochs=30,
    learning_rate=6e-4,
    freeze_batch_norm=True,
    ridge_start=True,
    negative_share=0.1,
)
