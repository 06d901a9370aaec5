"""small 1.5.0 trained on without batch norms, on labels averaged with main_long's answers.

    face520-train dataset build ... --turned 0.7 --output DATASET
    face520-convert export training/unreleased/main_long --variant float16
    face520-train dataset relabel DATASET --model face520_main_long_float16.tflite --output LABELS
    face520-train run small_long --dataset LABELS --run RUN --start SMALL_150

Stopped after 23 of these 38 passes, when blinks got other labels; `small_blink` goes on from there.
Hardware: one core of an Intel Xeon (Sapphire Rapids), no GPU, the other busy. Time: 6 minutes for
the labels, 41 for 23 epochs, 881,728 crops. Score: validation NME 2.041 %.
"""

from training.crops.augment import Augmentation
from training.experiment import Experiment
from training.network.losses import Emphasis
from training.network.regressor_config import DetailBranch, RegressorConfig

EXPERIMENT = Experiment(
    name="small_long",
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
    epochs=38,
    learning_rate=5e-4,
    negative_share=0.08,
    expression_weight=5.0,
    visibility_weight=20.0,
    emphasis=Emphasis(eyes=0.5, lips=0.2, gaps=1.0),
    rare_face_boost=5.0,
)
