"""Several machines, or several GPUs, that train one model together.

Keras 3's fit does not run under tf.distribute.MultiWorkerMirroredStrategy
(github.com/keras-team/keras/issues/20585), so the loop over steps and epochs is written out here.
Every replica takes an equal part of every batch and the gradients are summed, which gives the step
that one machine makes with the whole batch; a batch norm that is not frozen normalises over its
replica's part, and its moving averages are averaged.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from edge_runtime.native_stderr import stderr_of_libraries_closed
from training.crops.crop_loader import CropLoader
from training.crops.crop_plan import HeldOutFaces, NetworkBatch
from training.errors import RunError
from training.network.keras_model import KerasModel

CLUSTER_VARIABLE = "TF_CONFIG"
# From a batch to what the step gives, on one replica or on all.
Step = Callable[[Any], Any]
VALIDATION_FACES = 50  # a replica and a step


@dataclass(frozen=True, eq=False)
class Cluster:
    """This process among those that TF_CONFIG names."""

    strategy: Any
    is_chief: bool

    @classmethod
    def join(cls) -> Cluster | None:
        """Wait for the other workers and join them; None where TF_CONFIG is not set.

        Must come before anything TensorFlow computes. Raises RunError.
        """
        if CLUSTER_VARIABLE not in os.environ:
            return None
        if keras.backend.backend() != "tensorflow":
            raise RunError(
                f"{CLUSTER_VARIABLE} is set, but Keras runs on {keras.backend.backend()}: several "
                f"machines train under TensorFlow alone. Unset {CLUSTER_VARIABLE} or KERAS_BACKEND."
            )
        is_chief = _is_chief(os.environ[CLUSTER_VARIABLE])
        import tensorflow as tf

        with stderr_of_libraries_closed():
            return cls(tf.distribute.MultiWorkerMirroredStrategy(), is_chief)

    @property
    def replicas(self) -> int:
        """Processors that train, on all machines together."""
        return int(self.strategy.num_replicas_in_sync)

    @property
    def own_replicas(self) -> range:
        """Numbers of those of this process."""
        own = self.replicas // self._workers
        return range(self._number * own, (self._number + 1) * own)

    def from_chief(self, arrays: Sequence[NDArray[Any]]) -> list[NDArray[Any]]:
        """The chief's arrays, in every process; the others give arrays of the same shapes."""
        import tensorflow as tf

        def part(context: Any, array: NDArray[Any]) -> tf.Tensor:
            first = self.is_chief and context.replica_id_in_sync_group == self.own_replicas[0]
            return tf.constant(array if first else np.zeros_like(array))

        shared = []
        with _lost_workers_named():
            for array in arrays:
                parts = self.strategy.experimental_distribute_values_from_function(
                    lambda context, array=array: part(context, array)
                )
                shared.append(self.strategy.reduce("SUM", parts, axis=None).numpy())
        return shared

    @property
    def _workers(self) -> int:
        return sum(len(hosts) for hosts in self._resolver.cluster_spec().as_dict().values())

    @property
    def _number(self) -> int:
        """Place of this process among the workers; a chief comes before them."""
        kinds = self._resolver.cluster_spec().as_dict()
        after_chief = self._resolver.task_type == "worker" and "chief" in kinds
        return int(self._resolver.task_id) + int(after_chief)

    @property
    def _resolver(self) -> Any:
        return self.strategy.cluster_resolver


def _is_chief(text: str) -> bool:
    """Whether a TF_CONFIG describes the process that keeps the run folder."""
    try:
        stored = json.loads(text)
        kinds, kind, index = set(stored["cluster"]), stored["task"]["type"], stored["task"]["index"]
    except (ValueError, KeyError, TypeError) as error:
        raise RunError(
            f"{CLUSTER_VARIABLE} does not describe a cluster ({type(error).__name__}: {error}). "
            "training/README.md shows one for two machines."
        ) from error
    if not kinds <= {"chief", "worker"} or kind not in kinds:
        raise RunError(
            f"{CLUSTER_VARIABLE} names {', '.join(sorted(kinds))} and makes this process a {kind}; "
            "face520 trains with workers and, if you like, a chief."
        )
    return kind == "chief" or (index == 0 and "chief" not in kinds)


def fit_on_cluster(
    cluster: Cluster,
    model: KerasModel,
    crops: CropLoader,
    held_out: HeldOutFaces,
    epochs: range,
    callbacks: list[Any],
    verbose: str | int,
) -> None:
    """Train a compiled model, made in the strategy's scope, for the epochs, counted from 0.

    callbacks are called on the chief alone. Raises RunError when a worker is lost or the batch
    cannot be shared equally.
    """
    if crops.batch_size % cluster.replicas:
        raise RunError(
            f"A batch of {crops.batch_size} crops cannot be shared by {cluster.replicas} replicas; "
            "give the experiment a batch_size that can."
        )
    if len(held_out) < cluster.replicas:
        raise RunError(f"{len(held_out)} held-out faces are too few to validate in parallel.")
    loop = _Loop(cluster, model)
    batches = crops.batches(epochs.start, cluster.own_replicas, cluster.replicas)
    followers = keras.callbacks.CallbackList(
        callbacks if cluster.is_chief else [],
        add_progbar=cluster.is_chief and verbose != 0,
        verbose=verbose,
        epochs=epochs.stop,
        steps=crops.steps,
        model=model,
    )
    with _lost_workers_named():
        followers.on_train_begin()
        for epoch in epochs:
            followers.on_epoch_begin(epoch)
            logs = loop.train(batches, crops.steps, followers)
            validation = loop.validate(_validation_rounds(held_out, cluster))
            logs |= {f"val_{name}": value for name, value in validation.items()}
            followers.on_epoch_end(epoch, logs)
            if not np.isfinite(logs["loss"]):
                break  # in every process, since the logs are of all together
        followers.on_train_end()


@contextmanager
def _lost_workers_named() -> Iterator[None]:
    """Turns TensorFlow's report of a broken connection into an error for the user."""
    import tensorflow as tf

    try:
        yield
    except tf.errors.OpError as error:
        cause = str(error.message).split("}} ")[-1].splitlines()[0]
        raise RunError(
            f"The workers have lost each other ({cause}) Look at what the others say, then start "
            "all of them again with --resume."
        ) from error


def _validation_rounds(
    held_out: HeldOutFaces, cluster: Cluster
) -> Iterator[Iterator[NetworkBatch]]:
    """This process's share of every step of the validation: a batch for each of its replicas.

    Equally many on every replica, none of them empty, all faces in them once.
    """
    rounds = -(-len(held_out) // (VALIDATION_FACES * cluster.replicas))
    bounds = np.linspace(0, len(held_out), rounds * cluster.replicas + 1).astype(int).tolist()
    for start in range(0, rounds * cluster.replicas, cluster.replicas):
        yield (
            held_out.batch(*bounds[start + own : start + own + 2]) for own in cluster.own_replicas
        )


class _Loop:
    """Keras' own steps of a compiled model, on every replica at once."""

    def __init__(self, cluster: Cluster, model: KerasModel) -> None:
        import tensorflow as tf

        def on_every_replica(step: Step) -> Step:
            together: Step = tf.function(
                lambda batch: cluster.strategy.run(step, args=(batch,)), reduce_retracing=True
            )
            return together

        self._strategy = cluster.strategy
        self._model = model
        self._train_step = on_every_replica(model.train_step)
        self._test_step = on_every_replica(model.test_step)

    def train(
        self, batches: Iterator[NetworkBatch], steps: int, followers: Any
    ) -> dict[str, float]:
        """An epoch; the means over all replicas."""
        self._model.reset_metrics()
        for step in range(steps):
            followers.on_train_batch_begin(step)
            self._train_step(self._spread(batches))
            followers.on_train_batch_end(step, {})
        return self._results()

    def validate(self, rounds: Iterator[Iterator[NetworkBatch]]) -> dict[str, float]:
        """Every held-out face once; the means over all replicas."""
        self._model.reset_metrics()
        for batches in rounds:
            self._test_step(self._spread(batches))
        return self._results()

    def _spread(self, batches: Iterator[NetworkBatch]) -> Any:
        """The next batch of each replica of this process."""
        import tensorflow as tf

        return self._strategy.experimental_distribute_values_from_function(
            lambda _: tf.nest.map_structure(tf.convert_to_tensor, next(batches))
        )

    def _results(self) -> dict[str, float]:
        results = self._model.get_metrics_result()
        return {name: float(value) for name, value in results.items()}
