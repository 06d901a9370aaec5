"""What main_112 starts from: main_base trained on, with a presence output and turned photos.

    face520-train dataset build ... --turned 0.5 --output DATASET
    face520-train run main_120 --dataset DATASET --run RUN --start MAIN_BASE_RUN

Hardware: two cores of an Intel Xeon, no GPU, shared with other work. Time: 67 minutes for 19
of the 20 epochs, 558,144 crops; the last one, at a rate near 0, was not run. Score: validation NME
1.655 %; 3.343 % on the 200 images of aflw2000_sample (0-30 / 30-60 / 60-90 deg: 2.416 / 3.244 /
4.370) with 46.6 M MAC. The base has 1.616 and 3.385 (2.407 / 3.180 / 4.568): turned photos help
where the held-out photos have few faces.
"""

from training.experiment import Experiment
from training.network.regressor_config import RegressorConfig

EXPERIMENT = Experiment(
    name="main_120",
    model=RegressorConfig(has_presence=True),
    loss="distance",
    epochs=20,
    learning_rate=1.5e-4,
    freeze_batch_norm=True,
    negative_share=0.08,
)
