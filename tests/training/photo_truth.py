"""The landmarks that a fitted photo is labelled with."""

import numpy as np

from training.face.face_model import FaceModel
from training.fitting.fitted_photos import FittedPhotos


def truth68(photos: FittedPhotos, model: FaceModel, index: int) -> np.ndarray:
    """(68, 3) in px of the photo: those of the model, moved to where the photo has them."""
    return model.landmarks68(photos.vertices(model, [index])[0]) + photos.residual68[index]
