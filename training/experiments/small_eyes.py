"""What small starts from: small 1.2.0 with a detail branch, its lids and lips emphasised.

    face520-train dataset build ... --turned 0.7 --output DATASET
    face520-train run small_eyes --dataset DATASET --run RUN --start training/released/small

The release folder is that of 1.2.0. Hardware: two cores of an Intel Xeon (Sapphire Rapids), no GPU,
shared with much other work. Time: 26 minutes for 10 epochs, 383,360 crops. Score: validation NME
2.089 %; held-out faces with people's lids, yaw below 30 degrees: eye aspect ratio 0.779 (slope
0.723), mouth 0.875 (0.836); landmarks that something covers are told at a ROC-AUC of 0.750, as
their place alone would tell them.
"""

from training.crops.augment import Augmentation
from training.experiment import Experiment
from training.network.losses import Emphasis
from training.network.regressor_config import DetailBranch, RegressorConfig

EXPERIMENT = Experiment(
    name="small_eyes",
    model=RegressorConfig(
        width=0.3125,
        input_size_px=96,
        head_rank=32,
        has_presence=True,
        has_expression=True,
        has_visibility=True,
        detail=DetailBranch(stride=8, channels=24, step=2, rank=24),
    ),
    augmentation=Augmentation(
        still_share=0.7,
        grey_chance=0.05,
        blur_chance=0.07,
        noise_chance=0.07,
        jpeg_chance=0.07,
        occluder_chance=0.1,
    ),
    loss="distance",
    epochs=10,
    learning_rate=3e-4,
    freeze_batch_norm=True,
    negative_share=0.08,
    emphasis=Emphasis(eyes=0.5, lips=0.2, gaps=1.0),
    rare_face_boost=5.0,
)
