"""A network small enough for a test: five of MobileNetV1's blocks at an eighth of its width.

TensorFlow's time to trace, convert and quantize a network goes by its layers, whatever their size.
Importing this module is what makes networks of this width so short, in this process.
"""

from __future__ import annotations

from typing import Any

import pytest

from training.network import mobilenet_v1, model
from training.network.regressor_config import RegressorConfig

# Gives the channels of 0.125; it is also the name by which the short network is known.
WIDTH = 0.1255
BLOCKS = ((64, 1), (128, 2), (256, 2), (512, 2), (1024, 2))  # one of each number of filters
TINY = RegressorConfig(width=WIDTH, input_size_px=64, head_rank=8)

_whole = mobilenet_v1.mobilenet_v1


def _shortened(image: Any, config: RegressorConfig, *further: Any) -> Any:
    with pytest.MonkeyPatch.context() as patch:
        if config.width == WIDTH:
            patch.setattr(mobilenet_v1, "MOBILENET_V1_BLOCKS", BLOCKS)
        return _whole(image, config, *further)


model.mobilenet_v1 = _shortened
