"""The same at 144 px with a wider detail branch: better lids and lips, no better distances.

    face520-train dataset build ... --turned 0.7 --output DATASET
    face520-train run large --dataset DATASET --run RUN --start MAIN_SKIN_RUN

Not released. Hardware: two cores of an Intel Xeon (Sapphire Rapids), no GPU, shared with other
work. Time: 32 minutes for 8 epochs, 306,688 crops. Score: validation NME 1.828 %; 3.300 % on the
200 images of aflw2000_sample with 65.4 M MAC. Held-out faces with people's lids, yaw below 30
degrees: eye aspect ratio 0.815 (slope 0.765), mouth 0.907 (0.884); covered 0.879, hidden 0.954.
"""

from training.crops.augment import Augmentation
from training.experiment import Experiment
from training.network.losses import Emphasis
from training.network.regressor_config import DetailBranch, RegressorConfig

EXPERIMENT = Experiment(
    name="large",
    model=RegressorConfig(
        input_size_px=144,
        has_presence=True,
        has_expression=True,
        has_visibility=True,
        detail=DetailBranch(stride=8, channels=32, step=2, rank=64),
    ),
    augmentation=Augmentation(
        still_share=0.7,
        grey_chance=0.05,
        blur_chance=0.07,
        noise_chance=0.07,
        jpeg_chance=0.07,
        occluder_chance=0.2,
    ),
    loss="distance",
    epochs=8,
    learning_rate=2e-4,
    freeze_batch_norm=True,
    negative_share=0.08,
    expression_weight=5.0,
    visibility_weight=20.0,
    emphasis=Emphasis(eyes=0.5, lips=0.2, gaps=1.0),
    rare_face_boost=5.0,
)
