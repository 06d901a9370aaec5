"""main 1.4.0 trained on with the squares that the runtime cuts from a photo's first landmarks.

    face520-train dataset build ... --turned 0.7 --output DATASET
    face520-train run main_whole --dataset DATASET --run RUN --start MAIN_140
    face520-train average MAIN_140 RUN --share 0.5 --run AVERAGE

Hardware: two cores of an Intel Xeon (Sapphire Rapids), no GPU, shared with much other work. Time:
20 minutes for 4 epochs, 153,344 crops. Score: validation NME 1.873 %. Held-out whole photos
(`python -m benchmarks.studies.whole_photos DATA MODEL`, float16): 2.077 % behind the detector and
2.053 % in true squares, where main 1.4.0 has 2.180 and 1.995. The average, main 1.5.0, has 2.075
and 2.007, and 3.252 % on the 200 images of aflw2000_sample.
"""

from training.crops.augment import Augmentation
from training.experiment import Experiment
from training.network.losses import Emphasis
from training.network.regressor_config import DetailBranch, RegressorConfig

EXPERIMENT = Experiment(
    name="main_whole",
    model=RegressorConfig(
        input_size_px=112,
        has_presence=True,
        has_expression=True,
        has_visibility=True,
        visibility_channels=16,
        detail=DetailBranch(stride=8, channels=32, step=2, rank=32),
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
    epochs=4,
    learning_rate=2e-4,
    freeze_batch_norm=True,
    negative_share=0.08,
    expression_weight=5.0,
    visibility_weight=20.0,
    emphasis=Emphasis(eyes=0.5, lips=0.2, gaps=1.0),
    rare_face_boost=5.0,
)
