"""small_patches with its block at an eighth twice, which begins as nothing; lids count more.

    face520-train run small_deeper --dataset DATASET --run RUN --start SMALL_PATCHES

Not released: lids lose. Hardware: one core of an Intel Xeon (Sapphire Rapids), no GPU, the other
busy. Time: 87 minutes for 60 epochs, 2,300,160 crops. Score: validation NME 2.144 % with 12.2 M
MAC; held-out faces with people's lids, yaw below 30 degrees: eye aspect ratio 0.753 (slope 0.671),
mouth 0.883 (0.840), closed against open eyes 0.998; visibility at any yaw: covered 0.896, hidden by
the face 0.964.
"""

from training.crops.augment import Augmentation
from training.experiment import Experiment
from training.network.losses import Emphasis
from training.network.regressor_config import DetailBranch, RegressorConfig

EXPERIMENT = Experiment(
    name="small_deeper",
    model=RegressorConfig(
        width=0.3125,
        input_size_px=96,
        head_rank=32,
        has_presence=True,
        has_expression=True,
        has_visibility=True,
        visibility_channels=16,
        detail=DetailBranch(stride=8, channels=24, step=2, rank=24),
        has_batch_norm=False,
        patch_stem=True,
        repeated=(5,),
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
    epochs=60,
    learning_rate=5e-4,
    negative_share=0.08,
    expression_weight=5.0,
    visibility_weight=20.0,
    emphasis=Emphasis(eyes=0.8, lips=0.2, gaps=1.5),
    rare_face_boost=5.0,
)
