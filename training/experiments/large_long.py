"""main 1.8.0 at 144 px, its codes of whole maps carried over: the beginning of large 1.9.0.

    face520-train dataset build ... --turned 0.7 --output DATASET
    face520-train run large_long --dataset DATASET --run RUN --start training/released/main

Stopped after 5 of these 7 passes; `large_longer` goes on from there. Hardware: two cores of an
Intel Xeon (Sapphire Rapids), no GPU. Time: 14 minutes for 5 epochs, 191,680 crops. Score:
validation NME 1.883 %.
"""

from training.crops.augment import Augmentation
from training.experiment import Experiment
from training.network.losses import Emphasis
from training.network.regressor_config import DetailBranch, RegressorConfig

EXPERIMENT = Experiment(
    name="large_long",
    model=RegressorConfig(
        input_size_px=144,
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
    epochs=7,
    learning_rate=3e-4,
    negative_share=0.08,
    expression_weight=5.0,
    visibility_weight=20.0,
    emphasis=Emphasis(eyes=0.5, lips=0.2, gaps=1.0),
    rare_face_boost=5.0,
)
