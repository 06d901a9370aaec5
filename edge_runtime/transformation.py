"""Where the head is in the camera's space, in cm, from its landmarks in px.

Both spaces are right-handed, x to the image's right, y up, z toward the viewer, as OpenGL and
MediaPipe's facial transformation matrix have them. The camera stands at the origin and looks along
-z. The head's own origin is the mean of the mean face's 520 points; turned by nothing, it looks at
the camera.

Pixels tell directions; a length comes from the face alone, which is taken to be as large as the
mean one. People's faces differ by 5 % of it (standard deviation), and so does the distance; a field
of view that is not the camera's changes it in proportion to the tangent of its half.
"""

from __future__ import annotations

from math import radians, tan

import numpy as np

from edge_runtime.arrays import Float64Array, FloatArray
from edge_runtime.errors import Face520Error
from edge_runtime.layout import layout520
from edge_runtime.pose import rotation_between

# Size of the mean face, square root of the area of the 68 landmarks' box: that of ICT FaceKit's
# neutral face, of which the layout's mean shape is a copy of size 1. Over identities as its modes
# spread them, the standard deviation is 0.73 cm.
FACE_SIZE_CM = 14.69
UPRIGHT = np.diag([1.0, -1.0, -1.0])  # from y down, z away to y up, z toward the viewer


def head_transformation(
    points: FloatArray, image_size: tuple[int, int], vertical_fov_deg: float
) -> Float64Array:
    """The matrix (4, 4) that carries the head's cm to the camera's, from landmarks (520, 3) in px.

    Seen from Z cm away through a focal length of f px, a landmark with depth z px lies Z * (1 + z /
    f) away along its pixel's ray: all lengths are Z times something known. The rotation and scale
    that carry the mean face onto it (Umeyama, 1991) give the rotation and Z.
    """
    width, height = image_size
    if min(width, height) <= 0 or not 0 < vertical_fov_deg < 180:
        raise Face520Error(
            f"No camera has a picture of {width} x {height} px and a field of view of "
            f"{vertical_fov_deg} degrees. Give (width, height) in px and degrees below 180."
        )
    focal_px = height / 2 / tan(radians(vertical_fov_deg) / 2)
    x, y, z = points.astype(np.float64).T
    rays = np.column_stack([x - (width - 1) / 2, y - (height - 1) / 2, np.full_like(x, focal_px)])
    seen = rays / focal_px * (1 + z / focal_px)[:, None]
    head = layout520().mean_shape.astype(np.float64) * FACE_SIZE_CM
    rotation = rotation_between(head, seen)
    turned = head @ rotation.T
    # Both about their means, since the mean of seen times Z is where the mean of the head stands.
    spread, seen_spread = turned - turned.mean(axis=0), seen - seen.mean(axis=0)
    distance_cm = (spread**2).sum() / (spread * seen_spread).sum()
    matrix = np.eye(4)
    matrix[:3, :3] = UPRIGHT @ rotation @ UPRIGHT
    matrix[:3, 3] = UPRIGHT @ (seen.mean(axis=0) * distance_cm - turned.mean(axis=0))
    return matrix
