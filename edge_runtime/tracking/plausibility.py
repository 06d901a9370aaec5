"""Is there a face under these landmarks? The answer where the model has no presence output.

On a face, landmarks stay on the skin when the crop turns; on anything else the network draws an
average face into whatever crop it is given, and the landmarks turn with the crop. So the same place
is looked at a second time, through a turned and wider square, and the two answers are compared.

Measured with main 1.0.0 on photos held out of its training, in crops up to 3 % off the true ones:
500 faces move by 1.6 % of their size (median; 99 of 100 by less than 5.5 %), 433 squares beside
faces by 19 % (99 of 100 by more than 6.2 %): 99.8 % are kept, 98.8 % refused.
With main 1.3.0, `python -m benchmarks.studies.presence DATA` finds 99.4 % of the faces kept, 99.1 %
of 424 squares refused.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from edge_runtime.arrays import FloatArray, Uint8Image
from edge_runtime.crop import Box, CropRegion
from edge_runtime.layout import IBUG68_COUNT
from edge_runtime.network.landmark_model import LandmarkModel
from edge_runtime.timings import Timings

TURN_DEG = 20.0
WIDER = 1.12
# What moves this far, in face sizes, is as likely a face as not: the limit with the fewest mistakes
# on the held-out photos. The slope is that of a logistic fit over the logarithm.
EVEN_ODDS = 0.065
SLOPE = 7.0


def presence_by_turning(
    model: LandmarkModel,
    image: Uint8Image,
    region: CropRegion,
    points: FloatArray,
    timings: Timings,
) -> float:
    """Probability, 0 to 1, that points (520, 3), found in a square of the image, are a face's.

    Costs one run of the model.
    """
    turned = replace(region, roll_deg=region.roll_deg + TURN_DEG, side_px=region.side_px * WIDER)
    again = model.run(image, turned, timings)
    return presence_of_movement(movement(points, again.points))


def movement(points: FloatArray, again: FloatArray) -> float:
    """Mean distance in the image plane between two answers (520, 3), in face sizes."""
    distance = np.linalg.norm(points[:, :2] - again[:, :2], axis=1).mean()
    return float(distance / face_size_px(points))


def presence_of_movement(face_sizes: float) -> float:
    """Probability, 0 to 1, of a face whose landmarks move this far."""
    return float(1 / (1 + (max(face_sizes, 1e-9) / EVEN_ODDS) ** SLOPE))


def face_size_px(points: FloatArray) -> float:
    """Square root of the area of the 68 landmarks' box, at least 1 px."""
    box = Box.around(points[:IBUG68_COUNT])
    return float(np.sqrt(max(box.width * box.height, 1.0)))
