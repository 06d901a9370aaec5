"""main_long trained on at a higher rate: what covers a face is seen, lids lose a little.

    face520-train dataset build ... --turned 0.7 --output DATASET
    face520-train run main_longer --dataset DATASET --run RUN --start training/unreleased/main_long

Stopped after 14 of these 24 passes, when blinks got other labels; `main_blink` goes on from there.
Hardware: one core of an Intel Xeon (Sapphire Rapids), no GPU, the other busy. Time: 51 minutes for
14 epochs, 536,704 crops. Score: validation NME 1.854 %.
"""

from training.crops.augment import Augmentation
from training.experiment import Experiment
from training.network.losses import Emphasis
from training.network.regressor_config import DetailBranch, RegressorConfig

EXPERIMENT = Experiment(
    name="main_longer",
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
    epochs=24,
    learning_rate=4e-4,
    negative_share=0.08,
    expression_weight=5.0,
    visibility_weight=20.0,
    emphasis=Emphasis(eyes=0.5, lips=0.2, gaps=1.0),
    rare_face_boost=5.0,
)
