"""Which network: backbone, size, outputs, and what differs from MobileNet as published."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

from training.errors import ExperimentError

Backbone = Literal["mobilenet_v1", "mobilenet_v2", "mobilenet_v3_minimalistic"]

# MobileNetV1's depthwise blocks: (filters at width 1, stride). arXiv:1704.04861, table 1.
MOBILENET_V1_BLOCKS = (
    (64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2),
    (512, 1), (512, 1), (512, 1), (512, 1), (512, 1), (1024, 2), (1024, 1),
)  # fmt: skip
STEM_CHANNELS = 32  # of the first convolution at width 1
# Those of them, counted from 1, that change neither side nor channels.
EVEN_BLOCKS = {3, 5, 7, 8, 9, 10, 11, 13}
# The first only adds channels: the second can stand behind the first convolution.
FIRST_BLOCK = 1


@dataclass(frozen=True)
class DetailBranch:
    """A way from an early map of a mobilenet_v1 to the landmarks: averaged features lose lids.

    stride: of the map, 4, 8 or 16. channels: kept of it. step: of the depthwise convolution on it.
    rank: of the code that is read from the whole map and joins the landmark head's.
    """

    stride: int = 8
    channels: int = 24
    step: int = 1
    rank: int = 32


@dataclass(frozen=True)
class RegressorConfig:
    """Everything that shapes the network; the weights aside, a model is this.

    head_rank: the landmark head is features -> head_rank -> landmarks without activation between,
    which saves parameters because faces move together; 0 means one full dense layer.
    visibility_channels: kept of the map at a sixteenth for the visibility, which reads all of it
    beside the averaged features: a hand or a lock of hair is somewhere. 0 for those alone.
    has_batch_norm: without it, convolutions of a mobilenet_v1 have a bias and nothing to scale by:
    what is left of trained ones whose statistics no longer move, and a step takes a seventh less.
    patch_stem: a mobilenet_v1 begins with patches of 4 x 4 px, instead of its first convolution
    and the two blocks that bring it to a quarter. left_out: numbers of blocks that it lacks, from
    1 to 13, of the first and those that change neither side nor channels; repeated: of these
    others, those that come twice. channels: of the first convolution and the thirteen blocks, where
    they are not the published ones times width; those of a block that is left out are not read.
    """

    backbone: Backbone = "mobilenet_v1"
    width: float = 0.5
    input_size_px: int = 120
    landmark_count: int = 520
    head_rank: int = 64
    has_presence: bool = False
    has_expression: bool = False
    has_visibility: bool = False
    visibility_channels: int = 0
    detail: DetailBranch | None = None
    has_batch_norm: bool = True
    patch_stem: bool = False
    left_out: tuple[int, ...] = ()
    repeated: tuple[int, ...] = ()
    channels: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        odd = set(self.left_out + self.repeated)
        is_changed = self.patch_stem or odd or self.channels or not self.has_batch_norm
        if is_changed and self.backbone != "mobilenet_v1":
            raise ExperimentError(
                "patch_stem, left_out, repeated, channels and has_batch_norm are of a mobilenet_v1."
            )
        is_possible = odd - EVEN_BLOCKS <= {FIRST_BLOCK} - set(self.repeated)
        if not is_possible or set(self.left_out) & set(self.repeated):
            even = ", ".join(map(str, sorted(EVEN_BLOCKS)))
            raise ExperimentError(
                f"left_out {self.left_out}, repeated {self.repeated}: each of {even} can be "
                f"either, and {FIRST_BLOCK} be left out."
            )
        if self.channels and len(self.channels) != len(MOBILENET_V1_BLOCKS) + 1:
            raise ExperimentError(
                f"channels {self.channels}: are {len(MOBILENET_V1_BLOCKS) + 1} numbers, the first "
                "convolution's and each block's."
            )
        if self.visibility_channels and self.backbone != "mobilenet_v1":
            raise ExperimentError("visibility_channels are of a mobilenet_v1.")
        if self.detail is None:
            return
        if self.backbone != "mobilenet_v1" or not self.head_rank:
            raise ExperimentError("a detail branch needs a mobilenet_v1 and a head_rank.")
        if self.detail.stride not in (4, 8, 16):
            raise ExperimentError("a detail branch reads a map of stride 4, 8 or 16.")

    def channels_of(self, block: int) -> int:
        """Of a mobilenet_v1's block, from 1, or of its first convolution, 0."""
        if self.channels:
            return self.channels[block]
        return int((MOBILENET_V1_BLOCKS[block - 1][0] if block else STEM_CHANNELS) * self.width)

    @property
    def further_outputs(self) -> tuple[str, ...]:
        """Names of the outputs beside "landmarks"."""
        asked = {
            "presence": self.has_presence,
            "expression": self.has_expression,
            "visibility": self.has_visibility,
        }
        return tuple(name for name, is_asked in asked.items() if is_asked)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> RegressorConfig:
        """What `to_json` made; one of an earlier release lacks the later fields."""
        detail = stored.get("detail")
        of_blocks = ("left_out", "repeated", "channels")
        blocks = {name: tuple(stored.get(name, ())) for name in of_blocks}
        return cls(**stored | {"detail": DetailBranch(**detail) if detail else None} | blocks)
