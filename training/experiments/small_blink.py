"""small 1.8.0: small_long trained on with blinks that the lids tell.

    face520-train run small_blink --dataset LABELS --run RUN --start SMALL_LONG_RUN

LABELS is small_long's. Hardware: one core of an Intel Xeon (Sapphire Rapids), no GPU, the other
busy. Time: 26 minutes for 16 epochs, 613,376 crops. Score: validation NME 2.010 %; 3.411 % on the
200 images of aflw2000_sample, in whole photos as well, where small 1.5.0 has 3.358 and 3.438.
Held-out faces with people's lids, yaw below 30 degrees: eye aspect ratio 0.791 (slope 0.734), mouth
0.887 (0.825), closed against open eyes 0.997; visibility at any yaw: covered 0.899, hidden by the
face 0.962. eyeBlink is 0.92 on closed eyes and 0.06 on open ones.
"""

from training.crops.augment import Augmentation
from training.experiment import Experiment
from training.network.losses import Emphasis
from training.network.regressor_config import DetailBranch, RegressorConfig

EXPERIMENT = Experiment(
    name="small_blink",
    model=RegressorConfig(
        width=0.3125,
        input_size_px=96,
        head_rank=32,
        has_presence=True,
        has_expression=True,
        has_visibility=True,
        visibility_channels=16,
        detail=DetailBranch(stride=8, channels=24, step=2, rank=24),
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
    epochs=16,
    learning_rate=2.5e-4,
    negative_share=0.08,
    expression_weight=5.0,
    visibility_weight=20.0,
    emphasis=Emphasis(eyes=0.5, lips=0.2, gaps=1.0),
    rare_face_boost=5.0,
)
