from benchmarks.operators.operators import read_operators


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
