"""main_patches with its block at a quarter twice, which begins as nothing; lids count more.

    face520-train run main_deeper --dataset DATASET --run RUN --start MAIN_PATCHES

Hardware: one core of an Intel Xeon (Sapphire Rapids), no GPU, the other busy. Time: 75 minutes for
27 epochs, 1,035,072 crops; the first six at the rates of a run of 36. Score: validation NME
1.867 %; 3.295 % on the 200 images of aflw2000_sample with 41.0 M MAC. Held-out faces with people's
lids, yaw below 30 degrees: eye aspect ratio 0.794 (slope 0.714), mouth 0.902 (0.887), closed
against open eyes 0.997; visibility at any yaw: covered 0.917, hidden by the face 0.972.
"""

from training.crops.augment import Augmentation
from training.experiment import Experiment
from training.network.losses import Emphasis
from training.network.regressor_config import DetailBranch, RegressorConfig

EXPERIMENT = Experiment(
    name="main_deeper",
    model=RegressorConfig(
        input_size_px=112,
        has_presence=True,
        has_expression=True,
        has_visibility=True,
        visibility_channels=16,
        detail=DetailBranch(stride=8, channels=32, step=2, rank=32),
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
    epochs=27,
    learning_rate=5e-4,
    negative_share=0.08,
    expression_weight=5.0,
    visibility_weight=20.0,
    emphasis=Emphasis(eyes=0.8, lips=0.2, gaps=1.5),
    rare_face_boost=5.0,
)
