"""A tf_keras model as the graph of its layers: what surgery on it reads and asks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, TypeGuard

from training.network.keras_model import KerasLayer, KerasModel, Tensor

CONVOLUTIONS = ("Conv2D", "DepthwiseConv2D")


class Activation(Protocol):
    """What a layer does to its sums."""

    __name__: str

    def __call__(self, values: Tensor) -> Tensor: ...


class GraphNode(Protocol):
    """One call of a layer."""

    @property
    def layer(self) -> GraphLayer: ...


class GraphLayer(KerasLayer, Protocol):
    """A layer that has been called: it knows the tensors on both of its sides."""

    @property
    def input(self) -> Tensor: ...

    @property
    def input_shape(self) -> tuple[int, ...]: ...

    @property
    def output_shape(self) -> tuple[int, ...]: ...

    @property
    def outbound_nodes(self) -> Sequence[GraphNode]: ...

    def get_config(self) -> dict[str, Any]: ...

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any: ...


class Convolution(GraphLayer, Protocol):
    """A layer of one of the CONVOLUTIONS."""

    activation: Activation


class BatchNormalization(GraphLayer, Protocol):
    """Statistics of a channel, and where they are moved to."""

    epsilon: float
    scale: bool
    center: bool


class GraphModel(KerasModel, Protocol):
    """A model whose layers are a graph."""

    @property
    def layers(self) -> Sequence[GraphLayer]: ...

    def get_layer(self, name: str) -> GraphLayer: ...


def kind(layer: GraphLayer) -> str:
    """Its class, by the name that tf_keras gives it."""
    return type(layer).__name__


def is_convolution(layer: GraphLayer) -> TypeGuard[Convolution]:
    return kind(layer) in CONVOLUTIONS


def is_depthwise(layer: GraphLayer) -> bool:
    return kind(layer) == "DepthwiseConv2D"


def source_layer(layer: GraphLayer) -> GraphLayer:
    """The layer whose output this one takes."""
    source: GraphLayer = layer.input.node.layer
    return source
