"""What main starts from: main_labels2 with a detail branch, its lids and lips emphasised.

    face520-train dataset build ... --turned 0.7 --output DATASET
    face520-train run main_eyes --dataset DATASET --run RUN --start MAIN_LABELS2_RUN

Hardware: two cores of an Intel Xeon (Sapphire Rapids), no GPU, shared with much other work. Time:
22 minutes for 4 of the 10 epochs, 153,344 crops; it was stopped there, at a high rate, to give
blendshapes and visibility more weight. Score: validation NME 2.065 %.
"""

from training.crops.augment import Augmentation
from training.experiment import Experiment
from training.network.losses import Emphasis
from training.network.regressor_config import DetailBranch, RegressorConfig

EXPERIMENT = Experiment(
    name="main_eyes",
    model=RegressorConfig(
        input_size_px=112,
        has_presence=True,
        has_expression=True,
        has_visibility=True,
        detail=DetailBranch(stride=8, channels=32, step=2, rank=32),
    ),
    augmentation=Augmentation(
        still_share=0.7,
        grey_chance=0.05,
        blur_chance=0.07,
        noise_chance=0.07,
        jpeg_chance=0.07,
        occluder_chance=0.1,
    ),
    loss="distance",
    epochs=10,
    learning_rate=2e-4,
    freeze_batch_norm=True,
    negative_share=0.08,
    emphasis=Emphasis(eyes=0.5, lips=0.2, gaps=1.0),
    rare_face_boost=5.0,
)
