"""main with patches of 4 x 4 px for its first layers: 1.7 times as fast on VNNI.

    face520-train dataset build ... --turned 0.7 --output DATASET
    face520-train run main_patches --dataset DATASET --run RUN --start MAIN_150

Not released: lids lose. Patches and blocks 3 to 5 first learn main's map. Hardware: one core of a
Xeon (Sapphire Rapids), no GPU, the other busy. Time: 14 minutes for 8 epochs of that, 66 for 24 of
labels, 920,064 crops. Score: validation NME 1.883 %; 3.299 % on the 200 images of aflw2000_sample
with 37.3 M MAC. Held-out faces with people's lids, yaw below 30 degrees: eye aspect ratio 0.782
(slope 0.710), mouth 0.897 (0.890); covered 0.913, hidden 0.966.
"""

from training.crops.augment import Augmentation
from training.experiment import Experiment
from training.network.losses import Emphasis
from training.network.regressor_config import DetailBranch, RegressorConfig

EXPERIMENT = Experiment(
    name="main_patches",
    model=RegressorConfig(
        input_size_px=112,
        has_presence=True,
        has_expression=True,
        has_visibility=True,
        visibility_channels=16,
        detail=DetailBranch(stride=8, channels=32, step=2, rank=32),
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
    epochs=24,
    learning_rate=6e-4,
    negative_share=0.08,
    expression_weight=5.0,
    visibility_weight=20.0,
    emphasis=Emphasis(eyes=0.5, lips=0.2, gaps=1.0),
    matched_layers=("image", "block05_pointwise_relu"),
    matched_epochs=8,
    rare_face_boost=5.0,
)
