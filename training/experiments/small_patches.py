"""small with patches of 4 x 4 px for its first layers: 1.9 times as fast on VNNI.

    face520-train dataset build ... --turned 0.7 --output DATASET
    face520-train run small_patches --dataset DATASET --run RUN --start SMALL_150

Not released: lids lose. Patches and blocks 3 to 5 first learn small's map. Hardware: one core
of an Intel Xeon (Sapphire Rapids), no GPU, the other busy. Time: 6 minutes for 5 epochs of that, 24
for 16 of labels, 613,376 crops. Score: validation NME 2.201 % with 11.1 M MAC; held-out faces with
people's lids, yaw below 30 degrees: eye aspect ratio 0.734 (slope 0.647), mouth 0.876 (0.834);
covered 0.877, hidden 0.955.
"""

from training.crops.augment import Augmentation
from training.experiment import Experiment
from training.network.losses import Emphasis
from training.network.regressor_config import DetailBranch, RegressorConfig

EXPERIMENT = Experiment(
    name="small_patches",
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
    epochs=16,
    learning_rate=4e-4,
    negative_share=0.08,
    expression_weight=5.0,
    visibility_weight=20.0,
    emphasis=Emphasis(eyes=0.5, lips=0.2, gaps=1.0),
    matched_layers=("image", "block05_pointwise_relu"),
    matched_epochs=5,
    rare_face_boost=5.0,
)
