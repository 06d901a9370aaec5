"""The 68 iBUG/300W landmarks: their groups, drawing lines and mirror order.

Source of the numbering: https://ibug.doc.ic.ac.uk/resources/300-W/ (figure of the 68 points).
"""

from __future__ import annotations

from edge_runtime.layout import Contour

GROUPS: dict[str, tuple[int, ...]] = {
    "jaw": tuple(range(0, 17)),
    "right_brow": tuple(range(17, 22)),
    "left_brow": tuple(range(22, 27)),
    "nose_bridge": tuple(range(27, 31)),
    "nose_base": tuple(range(31, 36)),
    "right_eye": tuple(range(36, 42)),
    "left_eye": tuple(range(42, 48)),
    "outer_lips": tuple(range(48, 60)),
    "inner_lips": tuple(range(60, 68)),
}
CLOSED_GROUPS = frozenset({"right_eye", "left_eye", "outer_lips", "inner_lips"})
CONTOURS = tuple(Contour(name, line, name in CLOSED_GROUPS) for name, line in GROUPS.items())

_MIRROR_PAIRS = (
    *((i, 16 - i) for i in range(8)),
    *((17 + i, 26 - i) for i in range(5)),
    (31, 35), (32, 34),
    (36, 45), (37, 44), (38, 43), (39, 42), (40, 47), (41, 46),
    (48, 54), (49, 53), (50, 52), (55, 59), (56, 58),
    (60, 64), (61, 63), (65, 67),
)  # fmt: skip


def mirror_order() -> list[int]:
    """Index of each landmark's partner on the other side; midline points are their own."""
    order = list(range(68))
    for one, other in _MIRROR_PAIRS:
        order[one], order[other] = other, one
    return order
