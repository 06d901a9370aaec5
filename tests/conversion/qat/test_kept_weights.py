"""Int8 weights beside a release: the same file from them, anywhere, or a word on what is wrong."""

import shutil
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from training.keras_backend import load_tensorflow
from training.run.trained_model import TrainedModel

load_tensorflow()

from conversion.converter import convert  # noqa: E402
from conversion.equalisation import equalised  # noqa: E402
from conversion.errors import QatError  # noqa: E402
from conversion.metadata import contract_of, with_metadata  # noqa: E402
from conversion.network import Network  # noqa: E402
from conversion.qat.fake_quant import fake_quant, set_ranges  # noqa: E402
from conversion.qat.folder import kept_path  # noqa: E402
from conversion.qat.kept_weights import keep, kept_network  # noqa: E402
from training.dataset.data_source import DataSource  # noqa: E402
from training.network.model import network_input  # noqa: E402

RELEASED = Path(__file__).parents[3] / "training" / "released"
MODELS = Path(__file__).parents[3] / "edge_runtime" / "models"


@pytest.fixture(scope="module")
def copied(lively_path: Path, tmp_path_factory: pytest.TempPathFactory) -> TrainedModel:
    """A release of its own, with every kind of layer."""
    folder = tmp_path_factory.mktemp("kept") / "lively"
    return TrainedModel.open(Path(shutil.copytree(lively_path, folder)))


@pytest.fixture(scope="module")
def trained_network(copied: TrainedModel, crops: np.ndarray) -> Network:
    """As if training had moved weights and stretched ranges."""
    even = equalised(Network.of(copied), crops)
    student = fake_quant(even.model)
    set_ranges(student, even.model, crops)
    rng = np.random.default_rng(5)
    for variable in student.trainable_variables:
        # The landmarks' range is never stretched.
        if "stretch" in variable.name and "coordinates" not in variable.name:
            variable.assign(rng.normal(0, 0.01))
        elif "kernel" in variable.name:
            variable.assign(variable * (1 + rng.normal(0, 0.01, variable.shape)))
    return Network(
        student,
        even.standardisation,
        DataSource("", 7, source="Faces B", licence="CC0", stated_by="its page"),
    )


@pytest.fixture(scope="module")
def kept(copied: TrainedModel, trained_network: Network) -> Network:
    assert keep(copied, trained_network) == kept_path(copied)
    found = kept_network(copied)
    assert found is not None
    return found


def test_the_kept_network_answers_exactly_alike(
    kept: Network, trained_network: Network, crops: np.ndarray
) -> None:
    expected = trained_network.model.predict(network_input(crops), verbose=0)
    found = kept.model.predict(network_input(crops), verbose=0)
    for name, values in expected.items():
        np.testing.assert_array_equal(found[name], values, name)
    np.testing.assert_array_equal(kept.standardisation.std, trained_network.standardisation.std)
    assert kept.quantized_on == trained_network.quantized_on


def test_photos_that_only_quantization_saw_are_told(copied: TrainedModel, kept: Network) -> None:
    told = contract_of(copied, kept)
    assert told.training_data.endswith("; quantized on 7 photos (Faces B)")
    assert "CC0" in told.licence
    assert kept.quantized_on is not None
    provenance = copied.provenance | {"learned_from": [asdict(kept.quantized_on)]}
    same = contract_of(replace(copied, provenance=provenance), kept)
    assert same.training_data == "7 photos (Faces B)"


@pytest.mark.slow
def test_the_file_is_the_same_byte_for_byte(kept: Network, trained_network: Network) -> None:
    files = [convert(one.model, "int8", None) for one in (kept, trained_network)]
    assert files[0] == files[1]


@pytest.mark.usefixtures("kept")
def test_it_is_small(copied: TrainedModel) -> None:
    weights = Network.of(copied).model.count_params()
    assert kept_path(copied).stat().st_size < 1.1 * weights + 20_000


def test_without_one_there_is_no_network(trained: TrainedModel) -> None:
    assert kept_network(trained) is None


@pytest.mark.usefixtures("kept")
def test_what_does_not_fit_is_named(
    copied: TrainedModel, release_path: Path, tmp_path: Path
) -> None:
    other = TrainedModel.open(Path(shutil.copytree(release_path, tmp_path / "other")))
    shutil.copy(kept_path(copied), kept_path(other))
    with pytest.raises(QatError, match=r"int8\.npz: was made of other weights than model"):
        kept_network(other)

    def changed(**arrays: Any) -> TrainedModel:
        with np.load(kept_path(copied)) as stored:
            content = dict(stored) | arrays
        path = Path(
            shutil.copytree(copied.weights.parent, tmp_path / "changed", dirs_exist_ok=True)
        )
        np.savez(path / "int8.npz", **content)
        return TrainedModel.open(path)

    for damaged in (
        changed(codes=np.zeros(7, np.int8)),
        changed(values=np.zeros(100_000, np.float32)),
    ):
        with pytest.raises(QatError, match=r"int8\.npz: cannot be read"):
            kept_network(damaged)
    path = kept_path(damaged)
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(QatError, match=r"int8\.npz: cannot be read"):
        kept_network(damaged)


@pytest.mark.slow
@pytest.mark.parametrize("folder", sorted(RELEASED.iterdir()), ids=lambda path: path.name)
def test_releases_make_the_bytes_that_are_shipped(folder: Path) -> None:
    """What `face520-convert export` writes, but for its verification."""
    trained = TrainedModel.open(folder)
    network = kept_network(trained)
    assert network is not None, f"face520-convert keep {folder} --qat RUN"
    made = with_metadata(convert(network.model, "int8", None), contract_of(trained, network))
    assert made == (MODELS / f"face520_{trained.name}_int8.tflite").read_bytes()


def test_two_exports_are_alike(trained: TrainedModel, network: Network) -> None:
    """No date, no version of this package: a file is told by its model alone."""
    flatbuffer = convert(network.model, "float32", None)
    contract = contract_of(trained, network)
    assert with_metadata(flatbuffer, contract) == with_metadata(flatbuffer, replace(contract))
