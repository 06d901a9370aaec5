"""small taught by large: small 1.9.0 trained on with labels averaged with large's answers.

    face520-train dataset relabel DATASET --model face520_large_float16.tflite --output LABELS
    face520-train run small_taught --dataset LABELS --run RUN --start training/released/small

Hardware: one core of an Intel Xeon (Sapphire Rapids), no GPU, the other busy. Time: 52 minutes for
24 epochs, 920,064 crops. Score: validation NME 1.987 %, where it began at 2.010. Held-out faces
with people's lids, yaw below 30 degrees: eye aspect ratio 0.790 (slope 0.740), mouth 0.893 (0.840),
closed against open eyes 0.997.
"""

from training.crops.augment import Augmentation
from training.experiment import Experiment
from training.network.losses import Emphasis
from training.network.regressor_config import DetailBranch, RegressorConfig

EXPERIMENT = Experiment(
    name="small_taught",
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
    epochs=24,
    learning_rate=4e-4,
    negative_share=0.08,
    expression_weight=5.0,
    visibility_weight=20.0,
    emphasis=Emphasis(eyes=0.5, lips=0.2, gaps=1.0),
    rare_face_boost=5.0,
)
