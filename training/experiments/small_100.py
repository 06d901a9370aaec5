"""What small starts from: small_base trained on with turned photos, its head halved in rank.

    face520-train run small_100 --dataset DATASET --run RUN --start SMALL_BASE_RUN

Hardware: two cores of an Intel Xeon, no GPU, shared with other work. Time: 19 minutes for 6
epochs, 176,256 crops. Score: validation NME 2.127 %; 3.654 % on the 200 images of aflw2000_sample
with 15.0 M MAC. The base, with a head of rank 64, has 2.104 and 3.657.
"""

from training.crops.augment import Augmentation
from training.experiment import Experiment
from training.network.regressor_config import RegressorConfig

EXPERIMENT = Experiment(
    name="small_100",
    model=RegressorConfig(width=0.3125, input_size_px=100, head_rank=32, has_presence=True),
    augmentation=Augmentation(roll_deg=10.0, occluder_chance=0.15),
    loss="distance",
    epochs=6,
    learning_rate=2e-4,
    freeze_batch_norm=True,
    ridge_start=True,
    negative_share=0.1,
)
