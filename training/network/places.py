"""Codes that read every place of a map, carried to a map of another size."""

from __future__ import annotations

import numpy as np

from training.network.keras_model import Array

# Layers whose last inputs are a map laid out flat, and the layer that lays it out.
FLAT_MAPS = {"detail_code": "detail_flat", "visibility_code": "visibility_flat"}


def carried(kernel: Array, old: tuple[int, int, int], new: tuple[int, int, int]) -> Array:
    """The kernel (1, 1, n + old places * C, rank) as it reads a map of new places, n others first.

    old, new: (h, w, C) of the maps, of the same C. Each new place takes what the old ones around
    its centre weigh, linearly between them, and all places together weigh what they did.
    """
    others = kernel.shape[2] - np.prod(old)
    places = kernel[0, 0, others:].reshape(*old, -1)
    rows, columns = (_weights(old[axis], new[axis]) for axis in (0, 1))
    moved = np.einsum("yi,xj,ijcr->yxcr", rows, columns, places)
    flat = moved.reshape(-1, kernel.shape[-1])
    whole: Array = np.concatenate([kernel[0, 0, :others], flat]).astype(kernel.dtype)
    return whole[None, None]


def _weights(old: int, new: int) -> Array:
    """(new, old): each new place's share of the old ones; every old one is given away whole."""
    centres = (np.arange(new) + 0.5) / new * old - 0.5
    of_each = [np.interp(centres, np.arange(old), one) for one in np.eye(old)]
    shares: Array = np.stack(of_each, axis=1)
    shares /= shares.sum(axis=0)
    return shares
