"""Which photos are held out for validation: decided by a hash of their names."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np

from edge_runtime.arrays import BoolArray


def held_out_by_hash(names: Sequence[str], share: float) -> BoolArray:
    """About a share of the names, and one at least: (N,).

    Each name alone decides, so that new ones do not move the old ones, and equal names stay
    together.
    """
    draws = np.array([_draw(name) for name in names])
    return np.asarray((draws < share) | (draws == draws.min()))


def _draw(name: str) -> float:
    """A number in 0..1."""
    return (
        int.from_bytes(hashlib.sha256(name.encode(errors="surrogateescape")).digest()[:6], "big")
        / 2**48
    )
