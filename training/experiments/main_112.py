"""What main starts from: main_120 at 112 px, a sixth faster, on averaged labels.

    face520-train dataset build ... --turned 1.0 --output DATASET
    face520-train dataset relabel DATASET --model MAIN_120_RUN --output RELABELLED
    face520-train run main_112 --dataset RELABELLED --run RUN --start MAIN_120_RUN

Hardware: two cores of an AMD EPYC (Zen 5), no GPU. Time: 14 minutes for 12 epochs, 470,016 crops.
Score: validation NME 1.719 %; 3.369 % on the 200 images of aflw2000_sample (0-30 / 30-60 / 60-90
deg: 2.446 / 3.293 / 4.369) with 38.9 M MAC. MAIN_120_RUN is at 6.6 % at this size before the first
step: the layers' grids lie elsewhere over the face. Twenty more epochs, 783,360 crops at up to
1.5e-4 and moved less (roll 8 deg, scale 0.05, shift 0.025), end at 1.686 and 3.375 (2.402 / 3.292 /
4.431).
"""

from training.experiment import Experiment
from training.network.regressor_config import RegressorConfig

EXPERIMENT = Experiment(
    name="main_112",
    model=RegressorConfig(input_size_px=112, has_presence=True),
    loss="distance",
    epochs=12,
    learning_rate=1e-4,
    freeze_batch_norm=True,
    negative_share=0.08,
)
