"""What `make train` trains: main, a few minutes more on the 102 people whose photos face520 ships.

    face520-train dataset build --open-faces --turned 1.0 --output DATASET
    face520-train run open_faces --dataset DATASET --run RUN --start training/released/main

Ninety-three people, neutral and smiling, teach a network of 22,586 photos little but the way
in which `fit` places points; it is here to show every step, and as the file to copy for photos of
your own. Rates and epochs are chosen for minutes on two cores, not by comparison. Released models
of other sizes want a file with their own `model`.
"""

from training.crops.augment import Augmentation
from training.experiment import Experiment
from training.experiments.main_narrow_long import EXPERIMENT as MAIN
from training.network.losses import Emphasis

EXPERIMENT = Experiment(
    name="open_faces",
    model=MAIN.model,  # that of the weights to start from
    augmentation=Augmentation(
        still_share=0.7,
        grey_chance=0.05,
        blur_chance=0.07,
        noise_chance=0.07,
        jpeg_chance=0.07,
        occluder_chance=0.1,
    ),
    loss="distance",
    epochs=12,
    batch_size=32,
    learning_rate=5e-5,
    negative_share=0.08,
    expression_weight=5.0,
    visibility_weight=20.0,
    emphasis=Emphasis(eyes=0.5, lips=0.2, gaps=1.0),
)
