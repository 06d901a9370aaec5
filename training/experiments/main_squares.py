"""What main_labels2 starts from, main 1.2.0: main_112 trained on, most squares near the face.

    face520-train run main_squares --dataset RELABELLED --run RUN --start MAIN_112_RUN

Hardware: two cores of an AMD EPYC (Zen 5), no GPU. Time: 24 minutes for 20 epochs, 783,360 crops.
Score: validation NME 1.573 %; 3.277 % on the 200 images of aflw2000_sample (0-30 / 30-60 / 60-90
deg: 2.385 / 3.174 / 4.271) with 38.9 M MAC. The validation photos in squares off as a
tracker's, further, and as far as a detector's: 1.669, 1.767 and 1.997 as the mean of yaw ranges,
where main_120 has 1.706, 1.763 and 1.939.
"""

from training.crops.augment import Augmentation
from training.experiment import Experiment
from training.network.regressor_config import RegressorConfig

EXPERIMENT = Experiment(
    name="main_squares",
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
    epochs=20,
    learning_rate=1.5e-4,
    freeze_batch_norm=True,
    negative_share=0.08,
)
