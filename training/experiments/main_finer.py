"""The average of main_deeper and main_still, with a detail branch that reads the map at a quarter.

    face520-train run main_finer --dataset DATASET --run RUN --start AVERAGE

No better than the one at an eighth. Hardware: one core of an Intel Xeon (Sapphire Rapids), no GPU,
the other busy. Time: 24 minutes for 8 epochs, 306,688 crops. Score: validation NME 1.907 %;
held-out faces with people's lids, yaw below 30 degrees: eye aspect ratio 0.786 (slope 0.704), mouth
0.906 (0.893); covered 0.918, hidden by the face 0.972.
"""

from training.crops.augment import Augmentation
from training.experiment import Experiment
from training.network.losses import Emphasis
from training.network.regressor_config import DetailBranch, RegressorConfig

EXPERIMENT = Experiment(
    name="main_finer",
    model=RegressorConfig(
        input_size_px=112,
        has_presence=True,
        has_expression=True,
        has_visibility=True,
        visibility_channels=16,
        detail=DetailBranch(stride=4, channels=24, step=2, rank=32),
        has_batch_norm=False,
        patch_stem=True,
        repeated=(3,),
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
    epochs=8,
    learning_rate=3e-4,
    negative_share=0.08,
    expression_weight=5.0,
    visibility_weight=20.0,
    emphasis=Emphasis(eyes=1.0, lips=0.2, gaps=2.0),
    rare_face_boost=5.0,
)
