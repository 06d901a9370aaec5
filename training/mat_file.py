"""MATLAB's .mat files, as 300W-LP and AFLW2000-3D come in."""

from __future__ import annotations

import zlib

from scipy.io.matlab import MatReadError

# What `scipy.io.loadmat` raises for a file that is cut off, damaged or something else; its parser
# minds neither ends nor unknown tags.
DAMAGED_MAT = (MatReadError, zlib.error, OSError, LookupError, NameError, OverflowError)
