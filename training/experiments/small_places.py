"""What small is made of: small_skin with a visibility that reads a map, trained whole.

    face520-train dataset build ... --turned 0.7 --output DATASET
    face520-train run small_places --dataset DATASET --run RUN --start SMALL_SKIN_RUN

Hardware: two cores of an Intel Xeon (Sapphire Rapids), no GPU, shared with other work. Time: 13
minutes for 6 epochs, 230,016 crops. Score: validation NME 2.060 %.
"""

from training.crops.augment import Augmentation
from training.experiment import Experiment
from training.network.losses import Emphasis
from training.network.regressor_config import DetailBranch, RegressorConfig

EXPERIMENT = Experiment(
    name="small_places",
    model=RegressorConfig(
        width=0.3125,
        input_size_px=96,
        head_rank=32,
        has_presence=True,
        has_expression=True,
        has_visibility=True,
        visibility_channels=16,
        detail=DetailBranch(stride=8, channels=24, step=2, rank=24),
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
    epochs=6,
    learning_rate=2e-4,
    freeze_batch_norm=True,
    negative_share=0.08,
    expression_weight=5.0,
    visibility_weight=20.0,
    emphasis=Emphasis(eyes=0.5, lips=0.2, gaps=1.0),
    rare_face_boost=5.0,
)
