"""small 1.10.0: small_taught with visibility and blendshapes learned anew.

    face520-train run small_seen --dataset LABELS --run RUN --start SMALL_TAUGHT_RUN

LABELS is small_taught's, its visibility as builder version 5 has it. Four layers are trained and
the others stay. Hardware: one core of an Intel Xeon (Sapphire Rapids), no GPU, both busy. Time: 3
minutes for 3 epochs, 115,008 crops. Score: validation NME 1.987 %; 3.379 % on the 200 images of
aflw2000_sample, where small 1.9.0 has 3.411. Held-out faces with people's lids, yaw below 30
degrees: eye aspect ratio 0.790 (slope 0.740), mouth 0.893 (0.840), closed against open eyes 0.997;
visibility at any yaw: covered 0.915, hidden by the face 0.985.
"""

from training.crops.augment import Augmentation
from training.experiment import Experiment
from training.network.losses import Emphasis
from training.network.regressor_config import DetailBranch, RegressorConfig

EXPERIMENT = Experiment(
    name="small_seen",
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
    epochs=3,
    learning_rate=1e-3,
    negative_share=0.08,
    expression_weight=5.0,
    visibility_weight=20.0,
    emphasis=Emphasis(eyes=0.5, lips=0.2, gaps=1.0),
    trained_layers=("expression_map", "visibility_squeeze", "visibility_code", "visibility_map"),
    rare_face_boost=5.0,
)
