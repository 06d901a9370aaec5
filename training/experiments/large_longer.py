"""large 1.9.0: large_long trained on, long enough to pass main.

    face520-train run large_longer --dataset DATASET --run RUN --start LARGE_LONG_RUN

Hardware: two cores of an Intel Xeon (Sapphire Rapids), no GPU, shared with other work. Time:
88 minutes for 28 epochs, 1,073,408 crops. Score: validation NME 1.775 %, where main has 1.813;
3.238 on the 200 images of aflw2000_sample with 65.4 M MAC. Held-out faces with people's lids, yaw
below 30 degrees: eye aspect ratio 0.823 (slope 0.782), mouth 0.906 (0.886); covered 0.924, hidden
0.973.
"""

from training.crops.augment import Augmentation
from training.experiment import Experiment
from training.network.losses import Emphasis
from training.network.regressor_config import DetailBranch, RegressorConfig

EXPERIMENT = Experiment(
    name="large_longer",
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
    epochs=28,
    learning_rate=4e-4,
    negative_share=0.08,
    expression_weight=5.0,
    visibility_weight=20.0,
    emphasis=Emphasis(eyes=0.5, lips=0.2, gaps=1.0),
    rare_face_boost=5.0,
)
