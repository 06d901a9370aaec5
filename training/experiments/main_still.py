"""main_deeper in true squares mostly, with lids that count more still: no lids come of it.

    face520-train run main_still --dataset DATASET --run RUN --start MAIN_DEEPER
    face520-train average MAIN_DEEPER RUN --share 0.5 --run AVERAGE

Not released; the average's weights are in `training/unreleased/main_deeper`, to start from.
Hardware: one core of an Intel Xeon (Sapphire Rapids), no GPU, the other busy. Time: 22 minutes for
8 epochs, 306,688 crops. Score: validation NME 1.862 %; the average 3.292 % on the 200 images of
aflw2000_sample and 3.392 % with the detector. Held-out faces with people's lids, yaw below 30
degrees, of the average: eye aspect ratio 0.795 (slope 0.714), mouth 0.901 (0.895); covered 0.917,
hidden by the face 0.973.
"""

from training.crops.augment import Augmentation
from training.experiment import Experiment
from training.network.losses import Emphasis
from training.network.regressor_config import DetailBranch, RegressorConfig

EXPERIMENT = Experiment(
    name="main_still",
    model=RegressorConfig(
        input_size_px=112,
        has_presence=True,
        has_expression=True,
        has_visibility=True,
        visibility_channels=16,
        detail=DetailBranch(stride=8, channels=32, step=2, rank=32),
        has_batch_norm=False,
        patch_stem=True,
        repeated=(3,),
    ),
    augmentation=Augmentation(
        still_share=0.7,
        grey_chance=0.05,
        blur_chance=0.07,
        noise_chance=0.07,
        jpeg_chance=0.07,
        occluder_chance=0.2,
        second_share=0.0,
    ),
    loss="distance",
    epochs=8,
    learning_rate=3e-4,
    negative_share=0.08,
    expression_weight=5.0,
    visibility_weight=20.0,
    emphasis=Emphasis(eyes=1.0, lips=0.2, gaps=2.0),
    rare_face_boost=5.0,
)
