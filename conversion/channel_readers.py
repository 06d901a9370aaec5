"""Where the channels of a convolution go: which convolutions read them, and at which inputs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from numpy.typing import NDArray

from conversion.layer_graph import Convolution, GraphLayer, is_convolution, kind


@dataclass(frozen=True, eq=False)
class Reader:
    """A convolution that takes a layer's channels in.

    Its inputs from first on are theirs, count in all: as many as there are channels, or, where a
    whole map was flattened, the channels again and again. carrier: the last layer on the way that
    holds those channels alone, as channels. is_joined: they come together with another layer's.
    """

    layer: GraphLayer
    carrier: GraphLayer
    first: int
    count: int
    is_joined: bool = False

    def part_of(self, kernel: NDArray[Any]) -> NDArray[Any]:
        """What of its kernel (height, width, inputs, outputs) meets them: a view."""
        return kernel[:, :, self.first : self.first + self.count]


def readers(source: Convolution, through: Sequence[str]) -> list[Reader]:
    """Of the source's output, through layers of the named kinds.

    Empty where anything else takes the output as well. A Concatenate joins channels, a Reshape
    flattens a map.
    """
    found: list[Reader] = []
    passed = [Reader(source, source, 0, source.output_shape[-1])]
    while passed:
        before = passed.pop()
        for node in before.layer.outbound_nodes:
            if is_convolution(node.layer):
                found.append(replace(before, layer=node.layer))
                continue
            behind = _behind(before, node.layer) if kind(node.layer) in through else None
            if behind is None:
                return []
            passed.append(behind)
    return found


def _behind(before: Reader, layer: GraphLayer) -> Reader | None:
    """How the channels stand behind one more layer; None where they cannot be told apart."""
    if kind(layer) == "Concatenate":
        inputs = [id(one) for one in layer.input]
        place = inputs.index(id(before.layer.output))
        first = sum(one.shape[-1] for one in layer.input[:place])
        return replace(before, layer=layer, first=before.first + first, is_joined=True)
    if kind(layer) == "Reshape":
        is_flat = layer.output_shape[1:3] == (1, 1) and before.layer is before.carrier
        return replace(before, layer=layer, count=layer.output_shape[-1]) if is_flat else None
    if getattr(layer, "max_value", None) is not None:
        return None  # a ReLU with a ceiling does not let a factor pass
    carries_on = before.layer is before.carrier
    return replace(before, layer=layer, carrier=layer if carries_on else before.carrier)
