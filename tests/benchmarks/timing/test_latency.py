import os

import pytest

from benchmarks.errors import BenchmarkError
from benchmarks.model_file import ModelFile
from benchmarks.timing.affinity import pinned
from benchmarks.timing.comparison import Contender, compare
from benchmarks.timing.engine import EngineOptions
from benchmarks.timing.latency import Sampling, measure_latency

SHORT = Sampling(count=20, seconds=0.1, warm_up_seconds=0.3, noise_seconds=0.1, cold_processes=1)


def test_a_row_holds_everything(main_int8):
    row = measure_latency(main_int8, EngineOptions("ai-edge-litert"), SHORT)
    assert row.latency.count >= 20 and 0.05 < row.latency.median_ms < 200
    assert row.setting == ("main_int8", "ai-edge-litert", 1, True)
    assert row.model_bytes == main_int8.size_bytes and len(row.model_sha256) == 64
    assert row.overhead_percent < 1, "the bar: under 1 % of an invoke"
    assert row.noise.low95 <= row.noise.ratio <= row.noise.high95
    assert row.cold.load_ms > 0 and row.cold.first_inference_ms > 0
    # LiteRT maps the file and unpacks the weights: about as much again as the file, or more.
    assert 1 < row.cold.peak_mb < 100 and row.cold.steady_mb <= row.cold.peak_mb + 0.1


def test_noise_and_cold_start_can_be_left_out(blazeface):
    row = measure_latency(blazeface, sampling=Sampling(5, 0, 0.1, 0, 0))
    assert row.noise is None and row.cold is None


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system cannot pin")
def test_pinning_holds_for_the_block_alone():
    before = os.sched_getaffinity(0)
    core = min(before)
    with pinned((core,)):
        assert os.sched_getaffinity(0) == {core}
    assert os.sched_getaffinity(0) == before
    with pytest.raises(BenchmarkError, match=r"Choose among"), pinned((4093,)):
        pass
    with pinned(()):
        assert os.sched_getaffinity(0) == before


@pytest.mark.parametrize("in_one_process", [True, False])
def test_slower_model_is_seen_as_slower(blazeface, in_one_process):
    plain = Contender(blazeface, EngineOptions("ai-edge-litert", xnnpack=False))
    found = compare(Contender(blazeface), plain, 0.5, in_one_process)
    assert found.ratio.ratio < 1 and found.a_ms < found.b_ms
    assert found.in_one_process is in_one_process
    assert found.b == "blazeface (ai-edge-litert, 1 thread, no XNNPACK)"


def test_error_in_a_process_of_its_own_is_told(tmp_path, blazeface):
    damaged = tmp_path / "cut.tflite"
    damaged.write_bytes(blazeface.path.read_bytes()[:2000])
    with pytest.raises(BenchmarkError, match=r"its process ended.*cut.tflite.*cannot load"):
        compare(Contender(blazeface), Contender(ModelFile("cut", damaged)), 0.1, False)
