"""What the main model starts from: 3DDFA_V2's MobileNetV1 0.5 at 120 px, its batch norm frozen.

    face520-train run main_base --dataset DATASET --run RUN --start mobilenet_v1_050_120.npz

Hardware: two cores of an AMD EPYC (Zen 4), no GPU, shared with other work. Time: 80 minutes for 36
epochs, 705,024 crops. Score: validation NME 1.616 % against labels of the same kind; 3.385 % on
the 200 images of aflw2000_sample (0-30 / 30-60 / 60-90 deg: 2.407 / 3.180 / 4.568), where the
backbone's own model has 3.60 %. The run began with the head's layers as dense ones of the same
numbers; they became 1x1 convolutions when it was released.
"""

from training.experiment import Experiment

EXPERIMENT = Experiment(
    name="main_base",
    loss="distance",
    epochs=36,
    learning_rate=2e-4,
    freeze_batch_norm=True,
    ridge_start=True,
)
