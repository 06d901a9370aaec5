"""What main is made of: main_skin with a visibility that reads a map, trained whole.

    face520-train dataset build ... --turned 0.7 --output DATASET
    face520-train run main_places --dataset DATASET --run RUN --start MAIN_SKIN_RUN

Hardware: two cores of an Intel Xeon (Sapphire Rapids), no GPU, shared with other work. Time: 21
minutes for 6 epochs, 230,016 crops. Score: validation NME 1.848 %; 3.255 % on the 200 images of
aflw2000_sample.
"""

from training.crops.augment import Augmentation
from training.experiment import Experiment
from training.network.losses import Emphasis
from training.network.regressor_config import DetailBranch, RegressorConfig

EXPERIMENT = Experiment(
    name="main_places",
    model=RegressorConfig(
        input_size_px=112,
        has_presence=True,
        has_expression=True,
        has_visibility=True,
        visibility_channels=16,
        detail=DetailBranch(stride=8, channels=32, step=2, rank=32),
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
