"""What main starts from: main 1.2.0 trained on with labels of version 2, in which eyes move.

    face520-train dataset build ... --turned 1.0 --output DATASET
    face520-train run main_labels2 --dataset DATASET --run RUN --start training/released/main

The release folder is that of 1.2.0. Hardware: two cores of an Intel Xeon (Sapphire Rapids), no GPU,
shared with other work. Time: 19 minutes for 3 of the 4 epochs, 135,360 crops; the last one, at a
rate near 0, was not run. Score: validation NME 1.897 %.
"""

from training.crops.augment import Augmentation
from training.experiment import Experiment
from training.network.regressor_config import RegressorConfig

EXPERIMENT = Experiment(
    name="main_labels2",
    model=RegressorConfig(input_size_px=112, has_presence=True),
    augmentation=Augmentation(
        still_share=0.7,
        grey_chance=0.05,
        blur_chance=0.07,
        noise_chance=0.07,
        jpeg_chance=0.07,
        occluder_chance=0.07,
    ),
    loss="distance",
    epochs=4,
    learning_rate=1.5e-4,
    freeze_batch_norm=True,
    negative_share=0.08,
)
