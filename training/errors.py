"""What goes wrong while training; each message names the file, what is wrong and what to do."""

from __future__ import annotations

from edge_runtime.errors import Face520Error


class BackendError(Face520Error):
    """Keras has no backend to run on; installing one helps."""


class FaceModelError(Face520Error):
    """A face model, a mesh or a registration of it is missing, damaged or of another kind."""


class PositionMapError(Face520Error):
    """A position map is missing, damaged or not (side, side, 3)."""


class IndexFileError(Face520Error):
    """An index file of a layout is missing, damaged or contradicts another one."""


class PhotoFolderError(Face520Error):
    """A folder holds no photo, or none that could be fitted."""


class LandmarkAnnotationError(Face520Error):
    """An annotation beside a photo cannot be read."""


class FittedPhotosError(Face520Error):
    """Photos or their fits are missing, damaged or do not belong together."""


class DatasetError(Face520Error):
    """A dataset is missing, incomplete or does not match what is asked of it."""


class RecordError(Face520Error):
    """A shard is damaged or was written by something else; building it again helps."""


class CropLoaderError(Face520Error):
    """The processes that load crops are gone; --resume goes on."""


class ExperimentError(Face520Error):
    """There is no experiment of that name, or its model cannot be built."""


class RunError(Face520Error):
    """A run cannot start, go on or be read as asked."""


class TrainedModelError(Face520Error):
    """A file or folder holds no trained model, or its weights do not fit the network."""


class EvaluationError(Face520Error):
    """There is nothing to evaluate on, or the model lacks what is to be scored."""
