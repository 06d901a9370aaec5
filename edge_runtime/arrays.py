"""The arrays that signatures speak of: one name a dtype; comments beside them give the shapes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]
Float64Array = NDArray[np.float64]
IntArray = NDArray[np.int32]
Int64Array = NDArray[np.int64]
BoolArray = NDArray[np.bool_]
Uint8Array = NDArray[np.uint8]
Uint8Image = NDArray[np.uint8]  # RGB (H, W, 3), or a stack of such
