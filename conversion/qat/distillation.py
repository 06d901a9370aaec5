"""One step of quantization-aware training: the rounded network is pulled to where float points."""

from __future__ import annotations

import numpy as np
import tensorflow as tf
import tf_keras

from conversion.network import Network
from edge_runtime.arrays import FloatArray, Uint8Image
from edge_runtime.face_landmarks import INNER_MOUTH, LEFT_EYE, RIGHT_EYE
from edge_runtime.layout import IBUG68_COUNT
from training.network.keras_model import Tensor
from training.network.losses import DEPTH_WEIGHT
from training.network.model import network_input

# Errors are seen in px of a crop of this side, the main model's, whatever the network's is.
LOSS_SIDE_PX = 120
PRESENCE_PX = 2.0  # what a presence that is wrong by 1 costs beside the landmarks' distance
# What a coefficient or a visibility that is wrong by 1 costs, averaged over all of them.
FURTHER_PX = {"expression": 4.0, "visibility": 2.0}
# Of the distance between lid and lid, lip and lip: a mean over 520 points hardly notices it.
OPENING_WEIGHT = 0.5
OPENING_PAIRS = np.array([*RIGHT_EYE[1], *LEFT_EYE[1], *INNER_MOUTH[1]])
WARMUP_SHARE = 0.05  # of the steps, the rate rising from a tenth
EVALUATION_BATCH = 100

Outputs = dict[str, Tensor]


class Distillation:
    """A fake-quant network that learns to answer as the float one does, on crops without labels."""

    def __init__(
        self, student: Network, teacher: Network, learning_rate: float, steps: int
    ) -> None:
        """Both networks with the same outputs; the rate falls to 0 over the steps as a cosine."""
        warmup = max(1, round(WARMUP_SHARE * steps))
        schedule = tf_keras.optimizers.schedules.CosineDecay(
            learning_rate / 10,
            max(1, steps - warmup),
            warmup_target=learning_rate,
            warmup_steps=warmup,
        )
        self._student, self._teacher = student.model, teacher.model
        self._px = tf.constant(teacher.standardisation.std * LOSS_SIDE_PX, tf.float32)
        self.optimizer = tf_keras.optimizers.Adam(schedule)
        self.optimizer.build(student.model.trainable_variables)

    def step(self, images: FloatArray) -> float:
        """Learn from normalised crops (B, S, S, 3); the loss before, in px of a 120 px crop."""
        return float(self._step(tf.constant(images)))

    def distance_px(self, crops: Uint8Image) -> float:
        """Mean xy distance of all landmarks to the float network's, in px of a 120 px crop."""
        sums = 0.0
        for first in range(0, len(crops), EVALUATION_BATCH):
            some = crops[first : first + EVALUATION_BATCH]
            sums += float(self._distance(tf.constant(network_input(some)))) * len(some)
        return sums / len(crops)

    @tf.function(reduce_retracing=True)  # type: ignore[untyped-decorator]
    def _step(self, image: Tensor) -> Tensor:
        teacher = self._teacher(image, training=False)
        with tf.GradientTape() as tape:
            loss = self._loss(self._student(image, training=True), teacher)
        variables = self._student.trainable_variables
        self.optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables))
        return loss

    @tf.function(reduce_retracing=True)  # type: ignore[untyped-decorator]
    def _distance(self, image: Tensor) -> Tensor:
        found, teacher = self._student(image), self._teacher(image)
        error_px = (found["landmarks"] - teacher["landmarks"]) * self._px
        return tf.reduce_mean(tf.norm(error_px[..., :2], axis=-1))

    def _loss(self, student: Outputs, teacher: Outputs) -> Tensor:
        error_px = (student["landmarks"] - teacher["landmarks"]) * self._px
        per_crop = _distance_loss(error_px) + OPENING_WEIGHT * _opening_loss(error_px)
        for name, cost_px in FURTHER_PX.items():
            if name in teacher:
                apart = tf.abs(student[name] - teacher[name])
                per_crop += cost_px * tf.reduce_mean(apart, axis=1)
        if "presence" not in teacher:
            return tf.reduce_mean(per_crop)
        # Where there is no face the others mean nothing, and need not be the same nonsense.
        presence = teacher["presence"][:, 0]
        doubt = tf.abs(student["presence"][:, 0] - presence)
        return tf.reduce_mean(presence * per_crop + PRESENCE_PX * doubt)


def _distance_loss(error_px: Tensor) -> Tensor:
    """`training.network.losses.distance_loss` in TensorFlow: (B, N, 3) to (B,)."""
    distance = tf.sqrt(tf.reduce_sum(tf.square(error_px[..., :2]), axis=-1) + 1e-3)
    over_all = tf.reduce_mean(distance, axis=1)
    over_68 = tf.reduce_mean(distance[:, :IBUG68_COUNT], axis=1)
    depth = tf.reduce_mean(tf.abs(error_px[..., 2]), axis=1)
    return 0.5 * over_all + 0.5 * over_68 + DEPTH_WEIGHT * depth


def _opening_loss(error_px: Tensor) -> Tensor:
    """How wrong the distances from lid to lid and from lip to lip are: (B, N, 3) to (B,)."""
    above, below = (tf.gather(error_px[..., :2], side, axis=1) for side in OPENING_PAIRS.T)
    apart = tf.sqrt(tf.reduce_sum(tf.square(above - below), axis=-1) + 1e-3)
    return tf.reduce_mean(apart, axis=1)
