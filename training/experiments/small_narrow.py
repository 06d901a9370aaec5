"""small 1.11.0: small with fewer channels in every map, half its sums, at the speeds asked for.

    face520-train run small_narrow --dataset LABELS --run RUN --start training/released/small

LABELS is main_taught's, released/small is 1.10.0. Hardware: one core of an AMD EPYC with AVX-512
VNNI, no GPU, the other busy. Time: 3 minutes for 2 epochs without labels, 79 for 80 with them,
3,066,880 crops. Score: validation NME 2.091 %, where small has 1.985; 3.496 % on the 200 images of
aflw2000_sample with 6.7 M MAC. Held-out faces with people's lids, yaw below 30 degrees: eye aspect
ratio 0.784 (slope 0.722), mouth 0.880 (0.837), closed against open eyes 0.998; visibility at any
yaw: covered 0.922, hidden by the face 0.986.
"""

from training.crops.augment import Augmentation
from training.experiment import Experiment
from training.network.losses import Emphasis
from training.network.regressor_config import DetailBranch, RegressorConfig

EXPERIMENT = Experiment(
    name="small_narrow",
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
        channels=(8, 8, 32, 32, 64, 64, 112, 112, 112, 112, 112, 112, 224, 224),
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
    epochs=80,
    learning_rate=6e-4,
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
