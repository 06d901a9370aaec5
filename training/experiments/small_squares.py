"""What small starts from, small 1.2.0: small_96 trained on, most squares near the face.

    face520-train run small_squares --dataset RELABELLED --run RUN --start SMALL_96_RUN

RELABELLED is the dataset of main_112. Hardware: two cores of an AMD EPYC (Zen 5), no GPU, shared
with a quantization-aware training. Time: 11 minutes for 12 epochs, 470,016 crops. Score: validation
NME 1.915 %; 3.496 % on the 200 images of aflw2000_sample (0-30 / 30-60 / 60-90 deg: 2.535 / 3.357 /
4.596) with 11.4 M MAC. The validation photos in squares off as a tracker's, further, and as far as
a detector's: 2.041, 2.230 and 2.718 as the mean of yaw ranges, where small_96 has 2.192, 2.277 and
2.700.
"""

from training.crops.augment import Augmentation
from training.experiment import Experiment
from training.network.regressor_config import RegressorConfig

EXPERIMENT = Experiment(
    name="small_squares",
    model=RegressorConfig(width=0.3125, input_size_px=96, head_rank=32, has_presence=True),
    augmentation=Augmentation(
        roll_deg=10.0,
        still_share=0.6,
        grey_chance=0.05,
        blur_chance=0.07,
        noise_chance=0.07,
        jpeg_chance=0.07,
        occluder_chance=0.07,
    ),
    loss="distance",
    epochs=12,
    learning_rate=2e-4,
    freeze_batch_norm=True,
    negative_share=0.1,
)
