"""main 1.11.0: main_narrow trained on, main with fewer channels in every map.

    face520-train run main_narrow_long --dataset LABELS --run RUN --start MAIN_NARROW_RUN

LABELS is main_taught's. Hardware: one core of an AMD EPYC with AVX-512 VNNI, no GPU, the other
busy. Time: 57 minutes for 36 epochs, 1,380,096 crops. Score: validation NME 1.858 %; 3.328 % on the
200 images of aflw2000_sample with 20.1 M MAC. Held-out faces with people's lids, yaw below 30
degrees: eye aspect ratio 0.805 (slope 0.732), mouth 0.896 (0.841), closed against open eyes 0.997;
visibility at any yaw: covered 0.934, hidden by the face 0.987.
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
