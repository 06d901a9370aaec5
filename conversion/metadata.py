"""TFLite metadata: what standard tools show of a model, with the face520 contract packed along."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from hashlib import sha256
from io import BytesIO
from math import prod
from typing import Any

import flatbuffers
from numpy.typing import NDArray

from conversion.network import Network
from edge_runtime.network.contract import CONTRACT_FILE, ModelContract
from training.dataset.data_source import NOT_STATED, is_new, licence_words, training_data_words
from training.face.blendshape_labels import UNKNOWN_BLENDSHAPES
from training.network.model import INPUT_MEAN, INPUT_STD
from training.run.trained_model import TrainedModel

OUTPUT_DESCRIPTIONS = {
    "landmarks": "x, y, z of each landmark, standardised: times output_std plus output_mean of "
    f"{CONTRACT_FILE} gives parts of the crop's side, 0 at its centre.",
    "presence": "Probability that the crop holds a face.",
    "expression": "Coefficients of the ARKit blendshapes, 0 to 1, in MediaPipe's order; those in "
    f"unknown_blendshapes of {CONTRACT_FILE} mean nothing, and expression_at_rest is what faces at "
    "rest have.",
    "visibility": "Probability that the camera sees each landmark.",
}


def contract_of(trained: TrainedModel, network: Network) -> ModelContract:
    """The contract of a trained model; network: what the variant is converted from."""
    outputs = tuple(network.model.output)
    learned_from = trained.learned_from
    training_data = training_data_words(learned_from)
    if network.quantized_on is not None and is_new(network.quantized_on, learned_from):
        training_data += f"; quantized on {network.quantized_on.words}"
        learned_from += (replace(network.quantized_on, model="quantization"),)
    own_licence = trained.provenance.get("licence", NOT_STATED)
    return ModelContract(
        model_name=trained.name,
        model_version=trained.version,
        layout=trained.provenance["layout"],
        input_size_px=trained.config.input_size_px,
        input_mean=INPUT_MEAN,
        input_std=INPUT_STD,
        output_mean=network.standardisation.mean,
        output_std=network.standardisation.std,
        outputs=outputs,
        unknown_blendshapes=UNKNOWN_BLENDSHAPES if "expression" in outputs else (),
        expression_at_rest=trained.expression_at_rest,
        training_data=training_data,
        licence=f"this file: {own_licence}; photos: {licence_words(learned_from)}",
        accuracy=trained.scores,
    )


def with_metadata(flatbuffer: bytes, contract: ModelContract) -> bytes:
    """The model with metadata by TFLite's schema and the contract as its associated file.

    Both name the outputs in the file's own order.
    """
    contract = replace(contract, outputs=_in_file_order(flatbuffer, contract))
    # mediapipe takes seconds to import; only conversion pays for it.
    from mediapipe.tasks.python.metadata.metadata import MetadataPopulator

    populator = MetadataPopulator.with_model_buffer(flatbuffer)
    populator.load_metadata_buffer(_metadata_buffer(contract))
    populator.load_associated_file_buffers({CONTRACT_FILE: contract.to_json().encode()})
    populator.populate()
    return _sealed(populator.get_model_buffer(), contract)


def _in_file_order(flatbuffer: bytes, contract: ModelContract) -> tuple[str, ...]:
    """The contract's outputs as the converter put them, which keeps no order; told by size."""
    graph = _parsed(flatbuffer).subgraphs[0]
    by_size = {contract.output_sizes[name]: name for name in contract.outputs}
    return tuple(by_size[int(prod(graph.tensors[at].shape))] for at in graph.outputs)


class _SharingBuilder(flatbuffers.Builder):  # type: ignore[misc]
    """Writes a vector of numbers once, however many tables hold the same.

    In an int8 file each channel of each tensor has a zero point of 8 bytes, which is 0.
    """

    def __init__(self, initial_bytes: int) -> None:
        super().__init__(initial_bytes)
        self._offset_of: dict[tuple[str, bytes], int] = {}

    def CreateNumpyVector(self, x: NDArray[Any]) -> int:
        key = x.dtype.str, x.tobytes()
        if key not in self._offset_of:
            self._offset_of[key] = super().CreateNumpyVector(x)
        return self._offset_of[key]


def _shared(flatbuffer: bytes) -> bytes:
    """The same model with like vectors written once."""
    builder = _SharingBuilder(len(flatbuffer))
    builder.Finish(_parsed(flatbuffer).Pack(builder), b"TFL3")
    return bytes(builder.Output())


def _parsed(flatbuffer: bytes) -> Any:
    """The model as TFLite's schema has it."""
    from tensorflow.lite.python import schema_py_generated as schema

    return schema.ModelT.InitFromObj(schema.Model.GetRootAsModel(flatbuffer, 0))


def _sealed(packed: bytes, contract: ModelContract) -> bytes:
    """The model without repetitions, its contract holding the hash of what precedes the archive."""
    with zipfile.ZipFile(BytesIO(packed)) as archive:
        flatbuffer = packed[: min(entry.header_offset for entry in archive.infolist())]
    flatbuffer = _shared(flatbuffer)
    sealed = replace(contract, flatbuffer_sha256=sha256(flatbuffer).hexdigest())
    buffer = BytesIO(flatbuffer)
    # Undated and of one system, so that the same model makes the same bytes.
    entry = zipfile.ZipInfo(CONTRACT_FILE)
    entry.create_system, entry.external_attr = 3, 0o644 << 16
    # "a" counts offsets from the start of the file, as the metadata tools do.
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.writestr(entry, sealed.to_json())
    return buffer.getvalue()


def _metadata_buffer(contract: ModelContract) -> bytearray:
    from mediapipe.tasks.metadata import metadata_schema_py_generated as schema

    model = schema.ModelMetadataT()
    model.name = f"face520 {contract.model_name}"
    model.version = contract.model_version
    model.author = "The face520 authors"
    model.license = contract.licence
    model.description = (
        f"3D landmarks of the face in a square crop, layout {contract.layout}. "
        f"Trained on {contract.training_data}."
    )
    model.subgraphMetadata = [_graph(schema, contract)]
    model.associatedFiles = [_contract_file(schema)]
    builder = flatbuffers.Builder(0)
    builder.Finish(model.Pack(builder), b"M001")
    return bytearray(builder.Output())


def _graph(schema: Any, contract: ModelContract) -> Any:
    graph = schema.SubGraphMetadataT()
    image = schema.TensorMetadataT()
    image.name = "image"
    image.description = (
        f"RGB crop around the face: a square of {contract.crop_side_over_box:.4f} x the longer "
        "side of the box of the 68 iBUG landmarks."
    )
    image.processUnits = [_normalisation(schema, contract)]
    image.content = _image_content(schema)
    graph.inputTensorMetadata = [image]
    graph.outputTensorMetadata = [_output(schema, name) for name in contract.outputs]
    return graph


def _output(schema: Any, name: str) -> Any:
    output = schema.TensorMetadataT()
    output.name, output.description = name, OUTPUT_DESCRIPTIONS[name]
    return output


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
