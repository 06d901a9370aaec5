"""main taught by large: main 1.9.0 trained on with labels averaged with large's answers.

    face520-train dataset relabel DATASET --model face520_large_float16.tflite --output LABELS
    face520-train run main_taught --dataset LABELS --run RUN --start training/released/main

Hardware: two cores of an Intel Xeon (Sapphire Rapids), no GPU, the first five epochs on both, the
others on one with a second training beside them. Time: 60 minutes for 18 epochs, 690,048 crops.
Score: validation NME 1.817 %, where it began at 1.813. Held-out faces with people's lids, yaw below
30 degrees: eye aspect ratio 0.810 (slope 0.736), mouth 0.898 (0.847), closed against open eyes
0.997. Squares far off have 2.444 %, where main 1.9.0 has 2.501.
"""

from training.crops.augment import Augmentation
from training.experiment import Experiment
from training.network.losses import Emphasis
from training.network.regressor_config import DetailBranch, RegressorConfig

EXPERIMENT = Experiment(
    name="main_taught",
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
    epochs=18,
    learning_rate=3e-4,
    negative_share=0.08,
    expression_weight=5.0,
    visibility_weight=20.0,
    emphasis=Emphasis(eyes=0.5, lips=0.2, gaps=1.0),
    rare_face_boost=5.0,
)
