"""main 1.4.0: the average of main_skin and main_places, its visibility tuned to it.

    face520-train dataset build ... --turned 0.7 --output DATASET
    face520-train average MAIN_SKIN_RUN MAIN_PLACES_RUN --share 0.75 --run AVERAGE
    face520-train run main --dataset DATASET --run RUN --start AVERAGE

Three layers are trained and the others stay. Hardware: two cores of an Intel Xeon (Sapphire
Rapids), no GPU, shared with other work. Time: 3 minutes, 38,336 crops. Score: validation NME
1.837 %; 3.231 % on the 200 images of aflw2000_sample with 40.1 M MAC. Held-out faces with people's
lids, yaw below 30 degrees: eye aspect ratio 0.808 (slope 0.743), mouth 0.900 (0.868), closed
against open eyes 0.997; visibility at any yaw: covered 0.881, hidden by the face 0.954.
"""

from training.crops.augment import Augmentation
from training.experiment import Experiment
from training.network.losses import Emphasis
from training.network.regressor_config import DetailBranch, RegressorConfig

EXPERIMENT = Experiment(
    name="main",
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
    epochs=1,
    learning_rate=1e-3,
    freeze_batch_norm=True,
    negative_share=0.08,
    expression_weight=5.0,
    visibility_weight=20.0,
    emphasis=Emphasis(eyes=0.5, lips=0.2, gaps=1.0),
    trained_layers=("visibility_squeeze", "visibility_code", "visibility_map"),
    rare_face_boost=5.0,
)
