"""main 1.3.0: main_outputs with its visibility learned anew from labels that know far skin.

    face520-train dataset build ... --turned 0.7 --output DATASET
    face520-train run main_skin --dataset DATASET --run RUN --start MAIN_OUTPUTS_RUN

Two layers are trained and the others stay: trained whole for two epochs at up to 2e-4, it ended at
a validation NME of 1.876 %. Hardware: two cores of an Intel Xeon (Sapphire Rapids), no GPU, shared
with other work. Time: 2 minutes, 38,336 crops. Score: validation NME 1.838 %; 3.247 % on the 200
images of aflw2000_sample with 39.9 M MAC. Held-out faces with people's lids, yaw below 30
degrees: eye aspect ratio 0.802 (slope 0.738), mouth 0.898 (0.878), closed against open eyes 0.997;
visibility at any yaw: covered 0.811, hidden by the face 0.956.
"""

from training.crops.augment import Augmentation
from training.experiment import Experiment
from training.network.losses import Emphasis
from training.network.regressor_config import DetailBranch, RegressorConfig

EXPERIMENT = Experiment(
    name="main_skin",
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
        occluder_chance=0.2,
    ),
    loss="distance",
    epochs=1,
    learning_rate=2e-3,
    freeze_batch_norm=True,
    negative_share=0.08,
    expression_weight=5.0,
    visibility_weight=20.0,
    emphasis=Emphasis(eyes=0.5, lips=0.2, gaps=1.0),
    trained_layers=("visibility_code", "visibility_map"),
    rare_face_boost=5.0,
)
