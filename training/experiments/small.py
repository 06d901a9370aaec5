"""The small model: small_base trained on with turned photos and half the head, to fit 0.6 MB in int8.

    face520-train run small --dataset DATASET --run RUN --start SMALL_BASE_RUN
"""

from training.augment import Augmentation
from training.experiment import Experiment
from training.model import RegressorConfig

EXPERIMENT = Experiment(
    name="small",
    model=RegressorConfig(width=0.3125, input_size_px=100, head_rank=32, has_presence=True),
    augmentation=Augmentation(roll_deg=10.0, occluder_chance=0.15),
    loss="distance",
    epochs=6,
    learning_rate=2e-4,
    freeze_batch_norm=True,
    ridge_start=True,
    negative_share=0.1,
)
