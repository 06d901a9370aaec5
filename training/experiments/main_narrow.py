"""main with fewer channels in every map: half its sums, at the speeds asked of main.

    face520-train run main_narrow --dataset LABELS --run RUN --start training/released/main

LABELS is main_taught's, released/main is 1.10.0; main_narrow_long goes on from here. Hardware: two
cores of an AMD EPYC with AVX-512 VNNI, no GPU. Time: 4 minutes for 2 epochs without labels, 28 for
32 with them, 1,226,752 crops. Score: validation NME 1.881 %, where main has 1.810. Held-out faces
with people's lids, yaw below 30 degrees: eye aspect ratio 0.807 (slope 0.729), mouth 0.895 (0.830),
closed against open eyes 0.997; visibility at any yaw: covered 0.932, hidden by the face 0.986.
"""

from training.crops.augment import Augmentation
from training.experiment import Experiment
from training.network.losses import Emphasis
from training.network.regressor_config import DetailBranch, RegressorConfig

EXPERIMENT = Experiment(
    name="main_narrow",
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
    epochs=32,
    learning_rate=5e-4,
    negative_share=0.08,
    expression_weight=5.0,
    visibility_weight=20.0,
    emphasis=Emphasis(eyes=0.5, lips=0.2, gaps=1.0),
    matched_layers=(
        "image",
        "block02_pointwise_relu",
        "block05_pointwise_relu",
        "block08_pointwise_relu",
        "block11_pointwise_relu",
        "block13_pointwise_relu",
    ),
    matched_epochs=2,
    rare_face_boost=5.0,
)
