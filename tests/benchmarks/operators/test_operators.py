import pytest

from benchmarks.operators.core_table import CORES
from benchmarks.operators.operators import Operator, OperatorTable, read_operators
from benchmarks.operators.roofline import SHARE_OF_PEAK, bounds, intensity, lower_bound_ms


def operator(kind, macs, parameter_bytes=0, dtype="int8"):
    return Operator(0, kind, (1,), dtype, macs, parameter_bytes, parameter_bytes, 100)


def test_macs_of_known_layers(blazeface):
    table = read_operators(blazeface)
    first = next(op for op in table.operators if op.type == "CONV_2D")
    # BlazeFace's stem: 5x5 over RGB, stride 2, 24 channels of 64x64.
    assert first.output_shape == (64, 64, 24)
    assert first.macs == 64 * 64 * 24 * 5 * 5 * 3
    assert first.parameters == 24 * 5 * 5 * 3 + 24
    depthwise = next(op for op in table.operators if op.type == "DEPTHWISE_CONV_2D")
    assert depthwise.macs == 64 * 64 * 24 * 3 * 3
    # The file stores half precision: two bytes a weight, and no operator to unpack constants.
    assert first.parameter_bytes == 2 * first.parameters
    assert not any(op.type == "DEQUANTIZE" for op in table.operators)


def test_int8_model_keeps_one_byte_per_weight(main_int8):
    table = read_operators(main_int8)
    assert table.macs > 1e6 and {op.dtype for op in table.operators} >= {"int8"}
    assert table.parameters < table.parameter_bytes < 1.2 * table.parameters
    assert table.parameter_bytes < main_int8.size_bytes


def test_bound_is_macs_over_peak():
    table = OperatorTable("m", (operator("CONV_2D", 48_000_000),))
    core = next(core for core in CORES if core.name == "Cortex-A76")
    # 48 M MAC at 32 per cycle and 2.4 GHz.
    assert lower_bound_ms(table, core) == pytest.approx(48e6 / (32 * 2.4e9) * 1e3)
    bound = next(one for one in bounds(table) if one.core == "Cortex-A76")
    assert bound.estimate_ms == pytest.approx(bound.lower_bound_ms / SHARE_OF_PEAK)


def test_parameters_beyond_the_cache_come_from_memory():
    core = CORES[0]
    table = OperatorTable("m", (operator("FULLY_CONNECTED", 1000, 100_000_000),))
    beyond = 100e6 - core.cache_mb.value * 1e6
    expected_ms = beyond / (core.memory_gb_s.value * 1e9) * 1e3
    assert lower_bound_ms(table, core) == pytest.approx(expected_ms)


def test_intensity_is_macs_per_byte():
    assert intensity(operator("CONV_2D", 1000, 100)) == 5
    assert intensity(operator("RESHAPE", 0)) is None


def test_every_figure_of_the_table_has_a_source():
    for core in CORES:
        for figure in (
            core.clock_ghz, core.int8_macs, core.float_macs, core.cache_mb, core.memory_gb_s,
        ):  # fmt: skip
            assert figure.value > 0 and len(figure.source) > 10


def test_bounds_rank_the_cores_and_int8_is_never_slower():
    for core in CORES:
        int8 = OperatorTable("m", (operator("CONV_2D", 10**8),))
        floats = OperatorTable("m", (operator("CONV_2D", 10**8, dtype="float32"),))
        assert lower_bound_ms(int8, core) <= lower_bound_ms(floats, core)
    times = [one.lower_bound_ms for one in bounds(int8)]
    assert times == sorted(times, reverse=True)
