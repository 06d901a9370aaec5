"""The main model: main_base trained on, with a presence output and turned photos.

face520-train dataset build ... --turned 0.5 --output DATASET
face520-train run main --dataset DATASET --run RUN --start MAIN_BASE_RUN
"""

from training.experiment import Experiment
from training.model import RegressorConfig

EXPERIMENT = Experiment(
    name="main",
    model=RegressorConfig(has_presence=True),
    loss="distance",
    epochs=20,
    learning_rate=1.5e-4,
    freeze_batch_norm=True,
    negative_share=0.08,
)
