"""MATLAB's .mat files, as 300W-LP and AFLW2000-3D come in."""

from __future__ import annotations

import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.io.matlab import MatReadError

# What `scipy.io.loadmat` raises for a file that is cut off, damaged or something else; its parser
# minds neither ends nor unknown tags.
DAMAGED_MAT = (MatReadError, zlib.error, OSError, LookupError, NameError, OverflowError)


def no_number_in(name: str, values: NDArray[Any]) -> str | None:
    """Which value of a field is NaN or infinite, for a message; None where all are numbers."""
    places = np.argwhere(~np.isfinite(values))
    if not len(places):
        return None
    row, column = places[0]
    others = f" (and {len(places) - 1} more)" if len(places) > 1 else ""
    return f"{name}[{row}, {column}] is {values[row, column]}{others}, not a number"
