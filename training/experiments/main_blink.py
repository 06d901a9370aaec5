"""main_longer trained on with blinks that the lids tell.

    face520-train dataset build ... --turned 0.7 --output DATASET
    face520-train run main_blink --dataset DATASET --run RUN --start MAIN_LONGER_RUN
    face520-train average MAIN_150 RUN --share 0.75 --run AVERAGE

Hardware: one core of an Intel Xeon (Sapphire Rapids), no GPU, the other busy. Time: 30 minutes for
10 epochs, 383,360 crops. Score: validation NME 1.814 %. Held-out faces with people's lids, yaw
below 30 degrees: eye aspect ratio 0.811 (slope 0.748), mouth 0.895 (0.858), closed against open
eyes 0.997; visibility at any yaw: covered 0.916, hidden by the face 0.969. eyeBlink is 0.89 on
closed eyes and 0.05 on open ones, where main 1.5.0 has 0.30 and 0.04. `main_expression` goes on
from the average.
"""

from training.crops.augment import Augmentation
from training.experiment import Experiment
from training.network.losses import Emphasis
from training.network.regressor_config import DetailBranch, RegressorConfig

EXPERIMENT = Experiment(
    name="main_blink",
    model=RegressorConfig(
        input_size_px=112,
        has_presence=True,
        has_expression=True,
        has_visibility=True,
        visibility_channels=16,
        detail=DetailBranch(stride=8, channels=32, step=2, rank=32),
        has_batch_norm=False,
    ),
    augmentation=Augmentation(
        still_share=0.6,
        grey_chance=0.05,
        blur_chance=0.07,
        noise_chance=0.07,
        jpeg_chance=0.07,
        occluder_chance=0.2,
        second_share=0.45,
    ),
    loss="distance",
    epochs=10,
    learning_rate=2e-4,
    negative_share=0.08,
    expression_weight=5.0,
    visibility_weight=20.0,
    emphasis=Emphasis(eyes=0.5, lips=0.2, gaps=1.0),
    rare_face_boost=5.0,
)
