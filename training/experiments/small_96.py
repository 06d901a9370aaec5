"""What small starts from: small_100 at 96 px, on labels averaged with main's answers.

    face520-train run small_96 --dataset RELABELLED --run RUN --start SMALL_100_RUN

RELABELLED is the dataset of main_112. Hardware: two cores of an AMD EPYC (Zen 5), no GPU, shared
with another training. Time: 18 minutes for 14 epochs, 548,352 crops. Score: validation NME 2.108 %;
3.662 % on the 200 images of aflw2000_sample (0-30 / 30-60 / 60-90 deg: 2.642 / 3.624 / 4.720) with
11.4 M MAC.
"""

from training.crops.augment import Augmentation
from training.experiment import Experiment
from training.network.regressor_config import RegressorConfig

EXPERIMENT = Experiment(
    name="small_96",
    model=RegressorConfig(width=0.3125, input_size_px=96, head_rank=32, has_presence=True),
    augmentation=Augmentation(roll_deg=10.0, occluder_chance=0.15),
    loss="distance",
    epochs=14,
    learning_rate=2e-4,
    freeze_batch_norm=True,
    negative_share=0.1,
)
