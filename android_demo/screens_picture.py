"""The README's picture of the app: screens as its tests drew them, side by side.

    bash android_demo/screens/run.sh && python -m android_demo.screens_picture

reads build/android/screens and writes android_demo/screens.jpg.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from edge_runtime import Face520Error
from edge_runtime.arrays import Uint8Image

SCREENS = Path("build/android/screens")
SHOWN = (
    *("live_first_start", "live_points", "live_mask", "live_make_up", "live_details"),
    "photo_face",
)
HEIGHT_PX, GAP_PX, QUALITY = 620, 10, 85


def side_by_side(folder: Path) -> Uint8Image:
    """The screens of a test run, BGR. Raises Face520Error for one that is not there."""
    columns = []
    for name in SHOWN:
        screen = cv2.imread(str(folder / f"{name}.png"))
        if screen is None:
            raise Face520Error(f"{folder}/{name}.png: not there. Run android_demo/screens/run.sh.")
        width_px = round(screen.shape[1] * HEIGHT_PX / screen.shape[0])
        columns.append(cv2.resize(screen, (width_px, HEIGHT_PX), interpolation=cv2.INTER_AREA))
        columns.append(np.full((HEIGHT_PX, GAP_PX, 3), 255, np.uint8))
    return np.asarray(np.hstack(columns[:-1]), np.uint8)


if __name__ == "__main__":
    picture = Path(__file__).with_name("screens.jpg")
    cv2.imwrite(str(picture), side_by_side(SCREENS), [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
