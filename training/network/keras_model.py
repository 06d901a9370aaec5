"""What is asked of a Keras model, whether Keras 3 on any backend or tf_keras built it."""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike
from typing import Any, Protocol, TypeAlias

from numpy.typing import NDArray

# The backends' tensors have no type in common; they are only computed with.
Tensor: TypeAlias = Any
Array: TypeAlias = NDArray[Any]


class KerasVariable(Protocol):
    """A weight, or a number that the optimizer keeps."""

    @property
    def name(self) -> str: ...

    @property
    def shape(self) -> tuple[int, ...]: ...

    def assign(self, value: Tensor) -> Tensor: ...

    def __array__(self) -> Array: ...


class KerasLayer(Protocol):
    """A layer; its arrays come and go in the order of its weights."""

    trainable: bool

    @property
    def name(self) -> str: ...

    @property
    def input(self) -> Tensor: ...

    @property
    def output(self) -> Tensor: ...

    @property
    def weights(self) -> Sequence[KerasVariable]: ...

    def get_weights(self) -> list[Array]: ...

    def set_weights(self, weights: Sequence[Array]) -> None: ...


class KerasOptimizer(Protocol):
    """What holds a training's momentum and rate."""

    learning_rate: Tensor

    @property
    def variables(self) -> Sequence[KerasVariable]: ...

    def build(self, variables: Sequence[KerasVariable]) -> None: ...


class KerasModel(Protocol):
    """A network as `build_model` makes it: crops in, outputs by name out."""

    optimizer: KerasOptimizer

    @property
    def name(self) -> str: ...

    @property
    def input(self) -> Tensor: ...

    @property
    def input_shape(self) -> tuple[int, ...]: ...

    @property
    def output(self) -> dict[str, Tensor]: ...

    @property
    def layers(self) -> Sequence[KerasLayer]: ...

    @property
    def variables(self) -> Sequence[KerasVariable]: ...

    @property
    def trainable_variables(self) -> Sequence[KerasVariable]: ...

    def get_layer(self, name: str) -> KerasLayer: ...

    def get_weights(self) -> list[Array]: ...

    def set_weights(self, weights: Sequence[Array]) -> None: ...

    def load_weights(self, filepath: str | PathLike[str]) -> None: ...

    def save_weights(self, filepath: str | PathLike[str]) -> None: ...

    def __call__(self, image: Tensor, training: bool = ...) -> dict[str, Tensor]: ...

    def predict(self, x: Array, verbose: int = ...) -> dict[str, Array]: ...

    def predict_on_batch(self, x: Array) -> dict[str, Tensor]: ...

    def train_step(self, batch: Any) -> Any: ...

    def test_step(self, batch: Any) -> Any: ...

    def reset_metrics(self) -> None: ...

    def get_metrics_result(self) -> dict[str, Tensor]: ...

    def compile(self, **settings: Any) -> None: ...

    def fit(self, x: Any, **settings: Any) -> Any: ...
