"""MATLAB's .mat files, as 300W-LP and AFLW2000-3D come in."""

from __future__ import annotations

import zlib

from scipy.io.matlab import MatReadError

# What `scipy.io.loadmat` raises for a file that is cut off or something else.
DAMAGED_MAT = (MatReadError, zlib.error, OSError)
