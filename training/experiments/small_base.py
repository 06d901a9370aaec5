"""What the small model starts from: MobileNetV1 0.3125 at 100 px, slimmed from main_base.

    face520-train run small_base --dataset DATASET --run RUN --start MAIN_BASE_RUN

Hardware: two cores of an Intel Xeon, no GPU, shared with other work. Time: 40 minutes for 30
epochs, 588,210 crops. Score: validation NME 2.104 %; 3.657 % on the 200 images of aflw2000_sample
(0-30 / 30-60 / 60-90 deg: 2.610 / 3.845 / 4.515) with 15.0 M MAC.
"""

from training.crops.augment import Augmentation
from training.experiment import Experiment
from training.network.regressor_config import RegressorConfig

EXPERIMENT = Experiment(
    name="small_base",
    model=RegressorConfig(width=0.3125, input_size_px=100, has_presence=True),
    augmentation=Augmentation(roll_deg=10.0, occluder_chance=0.15),
    loss="distance",
    epochs=30,
    learning_rate=6e-4,
    freeze_batch_norm=True,
    ridge_start=True,
    negative_share=0.1,
)
