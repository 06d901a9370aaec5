"""small 1.4.0 trained on with the squares that the runtime cuts from a photo's first landmarks.

    face520-train dataset build ... --turned 0.7 --output DATASET
    face520-train run small_whole --dataset DATASET --run RUN --start SMALL_140
    face520-train average SMALL_140 RUN --share 0.5 --run AVERAGE

Hardware: two cores of an Intel Xeon (Sapphire Rapids), no GPU, shared with much other work. Time: 8
minutes for 4 epochs, 153,344 crops. Score: validation NME 2.082 %. Held-out whole photos
(`python -m benchmarks.studies.whole_photos DATA MODEL`, float16): the average, small 1.5.0, has
2.319 % behind the detector and 2.211 % in true squares, where small 1.4.0 has 2.401 and 2.211; and
3.358 % on the 200 images of aflw2000_sample.
"""

from training.crops.augment import Augmentation
from training.experiment import Experiment
from training.network.losses import Emphasis
from training.network.regressor_config import DetailBranch, RegressorConfig

EXPERIMENT = Experiment(
    name="small_whole",
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
