"""main 1.8.0: three quarters main_blink and one of main 1.5.0, its blendshapes learned anew.

    face520-train dataset build ... --turned 0.7 --output DATASET
    face520-train run main_expression --dataset DATASET --run RUN --start AVERAGE

One layer is trained and the others stay. Hardware: one core of an Intel Xeon (Sapphire Rapids), no
GPU, the other busy. Time: 1 minute, 38,336 crops. Score: validation NME 1.813 %; 3.255 % on the 200
images of aflw2000_sample with 40.1 M MAC. Held-out faces with people's lids, yaw below 30 degrees:
eye aspect ratio 0.811 (slope 0.742), mouth 0.897 (0.873), closed against open eyes 0.997;
visibility at any yaw: covered 0.909, hidden by the face 0.965. eyeBlink is 0.90 on closed eyes and
0.05 on open ones, and blendshapes follow their labels at 0.554 in the mean, main 1.5.0's at 0.486.
"""

from training.crops.augment import Augmentation
from training.experiment import Experiment
from training.network.losses import Emphasis
from training.network.regressor_config import DetailBranch, RegressorConfig

EXPERIMENT = Experiment(
    name="main_expression",
    model=RegressorConfig(
        input_size_px=112,
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
    epochs=1,
    learning_rate=2e-3,
    negative_share=0.08,
    expression_weight=5.0,
    visibility_weight=20.0,
    emphasis=Emphasis(eyes=0.5, lips=0.2, gaps=1.0),
    trained_layers=("expression_map",),
    rare_face_boost=5.0,
)
