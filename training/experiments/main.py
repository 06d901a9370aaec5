"""The main model: main_wide at 112 px, on labels averaged with its answers.

    face520-train dataset build ... --turned 0.5 --output DATASET
    face520-train dataset relabel DATASET --model face520_main_wide_float32.tflite \
        --output RELABELLED
    face520-train run main --dataset RELABELLED --run RUN --start MAIN_WIDE_RUN
"""

from training.augment import Augmentation
from training.experiment import Experiment
from training.model import RegressorConfig

EXPERIMENT = Experiment(
    name="main",
    model=RegressorConfig(input_size_px=112, has_presence=True),
    augmentation=Augmentation(roll_deg=8.0, scale=0.05, shift=0.025, occluder_chance=0.15),
    loss="distance",
    epochs=20,
    learning_rate=1.5e-4,
    freeze_batch_norm=True,
    negative_share=0.08,
)
