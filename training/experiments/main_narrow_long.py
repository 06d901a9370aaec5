"""main_narrow trained on: main with fewer channels in every map.

    face520-train run main_narrow_long --dataset LABELS --run RUN \\
        --start training/unreleased/main_narrow

LABELS is main_taught's. Running.
"""

from training.crops.augment import Augmentation
from training.experiment import Experiment
from training.network.losses import Emphasis
from training.network.regressor_config import DetailBranch, RegressorConfig

EXPERIMENT = Experiment(
    name="main_narrow_long",
    model=RegressorConfig(
        input_size_px=112,
        has_presence=True,
        has_expression=True,
        has_visibility=True,
        visibility_channels=16,
        detail=DetailBranch(stride=8, channels=32, step=2, rank=32),
        has_batch_norm=False,
        channels=(8, 16, 48, 48, 96, 96, 176, 176, 176, 176, 176, 176, 352, 352),
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
    epochs=36,
    learning_rate=5e-4,
    negative_share=0.08,
    expression_weight=5.0,
    visibility_weight=20.0,
    emphasis=Emphasis(eyes=0.5, lips=0.2, gaps=1.0),
    rare_face_boost=5.0,
)
