"""TFLite metadata: what standard tools show of a model, with the face520 contract packed along."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from hashlib import sha256
from io import BytesIO
from math import prod
from typing import Any

import flatbuffers

from edge_runtime import __version__
from edge_runtime.network.contract import CONTRACT_FILE, ModelContract
from training.network.model import INPUT_MEAN, INPUT_STD
from training.network.standardisation import Standardisation
from training.run.trained_model import TrainedModel

LICENCE = (
    "Apache-2.0 for this file; trained on AFLW, LFPW, HELEN and AFW photos, whose terms allow "
    "non-commercial research."
)
TRAINING_DATA = (
    "20,607 photos of AFLW, LFPW, HELEN and AFW with morphable-model fits; no image of AFLW2000-3D"
)


def contract_of(trained: TrainedModel, standardisation: Standardisation) -> ModelContract:
    """The contract of a trained model; standardisation is that of the variant's own outputs."""
    return ModelContract(
        model_name=trained.name,
        model_version=trained.version,
        layout=trained.provenance["layout"],
        input_size_px=trained.config.input_size_px,
        input_mean=INPUT_MEAN,
        input_std=INPUT_STD,
        output_mean=standardisation.mean,
        output_std=standardisation.std,
        has_presence=trained.config.has_presence,
        training_data=TRAINING_DATA,
        licence=LICENCE,
        accuracy=trained.scores,
    )


def with_metadata(flatbuffer: bytes, contract: ModelContract) -> bytes:
    """The model with metadata by TFLite's schema and the contract as its associated file."""
    # mediapipe takes seconds to import; only conversion pays for it.
    from mediapipe.tasks.python.metadata.metadata import MetadataPopulator

    populator = MetadataPopulator.with_model_buffer(flatbuffer)
    populator.load_metadata_buffer(_metadata_buffer(contract, _presence_is_first(flatbuffer)))
    populator.load_associated_file_buffers({CONTRACT_FILE: contract.to_json().encode()})
    populator.populate()
    return _sealed(populator.get_model_buffer(), contract)


def _presence_is_first(flatbuffer: bytes) -> bool:
    """Whether the converter put presence before the landmarks; it keeps no order of its own."""
    from tensorflow.lite.python import schema_py_generated as schema

    graph = schema.ModelT.InitFromObj(schema.Model.GetRootAsModel(flatbuffer, 0)).subgraphs[0]
    return bool(prod(graph.tensors[graph.outputs[0]].shape) == 1)


def _sealed(packed: bytes, contract: ModelContract) -> bytes:
    """The same file, its contract holding the hash of the flatbuffer before the archive."""
    with zipfile.ZipFile(BytesIO(packed)) as archive:
        flatbuffer = packed[: min(entry.header_offset for entry in archive.infolist())]
    sealed = replace(contract, flatbuffer_sha256=sha256(flatbuffer).hexdigest())
    buffer = BytesIO(flatbuffer)
    # "a" counts offsets from the start of the file, as the metadata tools do.
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.writestr(CONTRACT_FILE, sealed.to_json())
    return buffer.getvalue()


def _metadata_buffer(contract: ModelContract, presence_first: bool) -> bytearray:
    from mediapipe.tasks.metadata import metadata_schema_py_generated as schema

    model = schema.ModelMetadataT()
    model.name = f"face520 {contract.model_name}"
    model.version = contract.model_version
    model.author = "The face520 authors"
    model.license = contract.licence
    model.description = (
        f"3D landmarks of the face in a square crop, layout {contract.layout}. "
        f"Trained on {contract.training_data}. face520 {__version__}."
    )
    model.subgraphMetadata = [_graph(schema, contract, presence_first)]
    model.associatedFiles = [_contract_file(schema)]
    builder = flatbuffers.Builder(0)
    builder.Finish(model.Pack(builder), b"M001")
    return builder.Output()


def _graph(schema: Any, contract: ModelContract, presence_first: bool) -> Any:
    graph = schema.SubGraphMetadataT()
    image = schema.TensorMetadataT()
    image.name = "image"
    image.description = (
        f"RGB crop around the face: a square of {contract.crop_side_over_box:.4f} x the longer "
        "side of the box of the 68 iBUG landmarks."
    )
    image.processUnits = [_normalisation(schema, contract)]
    image.content = _image_content(schema)
    landmarks = schema.TensorMetadataT()
    landmarks.name = "landmarks"
    landmarks.description = (
        "x, y, z of each landmark, standardised: times output_std plus output_mean of "
        f"{CONTRACT_FILE} gives parts of the crop's side, 0 at its centre."
    )
    outputs = [landmarks]
    if contract.has_presence:
        presence = schema.TensorMetadataT()
        presence.name = "presence"
        presence.description = "Probability that the crop holds a face."
        outputs.insert(0 if presence_first else 1, presence)
    graph.inputTensorMetadata = [image]
    graph.outputTensorMetadata = outputs
    return graph


def _normalisation(schema: Any, contract: ModelContract) -> Any:
    options = schema.NormalizationOptionsT()
    options.mean, options.std = [contract.input_mean], [contract.input_std]
    unit = schema.ProcessUnitT()
    unit.optionsType = schema.ProcessUnitOptions.NormalizationOptions
    unit.options = options
    return unit


def _image_content(schema: Any) -> Any:
    properties = schema.ImagePropertiesT()
    properties.colorSpace = schema.ColorSpaceType.RGB
    content = schema.ContentT()
    content.contentPropertiesType = schema.ContentProperties.ImageProperties
    content.contentProperties = properties
    return content


def _contract_file(schema: Any) -> Any:
    file = schema.AssociatedFileT()
    file.name = CONTRACT_FILE
    file.description = "How to crop, feed and decode: read by the face520 runtime."
    file.type = schema.AssociatedFileType.DESCRIPTIONS
    return file
