"""Which file of main's is taken where nobody names one."""

import platform

import pytest

from edge_runtime import FaceLandmarker, FaceLandmarkerOptions
from edge_runtime.network.bundled_model import (
    FLOAT_MODEL_PATH,
    MODEL_PATH,
    bundled_models,
    faster_model,
    model_file,
)

# Lines of /proc/cpuinfo, cut short, of: AMD EPYC 7351 (Zen 1), Intel Core i7-4770, Intel Core
# i5-2500 (no AVX2), Xeon Gold 6140 (AVX-512 alone), Xeon Platinum 8380, Core i5-12400 (AVX-VNNI).
ZEN1 = "fpu sse sse2 ssse3 fma sse4_1 sse4_2 avx f16c avx2 sha_ni"
HASWELL = "fpu sse sse2 ssse3 fma sse4_1 sse4_2 avx f16c avx2"
SANDY_BRIDGE = "fpu sse sse2 ssse3 sse4_1 sse4_2 avx"
SKYLAKE = f"{HASWELL} avx512f avx512dq avx512cd avx512bw avx512vl"
ICE_LAKE = f"{SKYLAKE} avx512vbmi avx512_vnni avx512_bitalg"
ALDER_LAKE = f"{HASWELL} avx_vnni gfni"
ATOM = "fpu sse sse2 ssse3 sse4_1 sse4_2 movbe"


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        (ZEN1, FLOAT_MODEL_PATH),
        (HASWELL, FLOAT_MODEL_PATH),
        (SANDY_BRIDGE, FLOAT_MODEL_PATH),
        (SKYLAKE, MODEL_PATH),
        (ICE_LAKE, MODEL_PATH),
        (ALDER_LAKE, MODEL_PATH),
        (ATOM, MODEL_PATH),
    ],
)
def test_x86_takes_float16_where_floats_are_wide_and_integers_are_not(tmp_path, flags, expected):
    cpuinfo = tmp_path / "cpuinfo"
    cpuinfo.write_text(
        f"processor\t: 0\nmodel name\t: made up\nflags\t\t: {flags}\nbugs\t:\n\n" * 2
    )
    assert faster_model(cpuinfo, "x86_64") == expected


@pytest.mark.parametrize("content", [b"", b"\xff\xfe no such thing \x00", b"flags\n", None])
def test_a_processor_that_does_not_tell_takes_int8(tmp_path, content):
    cpuinfo = tmp_path / "cpuinfo"
    if content is not None:
        cpuinfo.write_bytes(content)
    assert faster_model(cpuinfo, "AMD64") == MODEL_PATH


@pytest.mark.parametrize("machine", ["aarch64", "armv7l", "arm64", "riscv64", ""])
def test_other_machines_take_int8(tmp_path, machine, monkeypatch):
    cpuinfo = tmp_path / "cpuinfo"
    cpuinfo.write_text(f"flags : {HASWELL}\n")
    monkeypatch.setattr(platform, "machine", lambda: machine)
    assert faster_model(cpuinfo) == MODEL_PATH


def test_the_bundled_models_have_names():
    assert list(bundled_models()) == ["large_int8", "main_float16", "main_int8", "small_int8"]
    assert model_file("main_int8") == MODEL_PATH
    assert str(model_file("mine/other.tflite")) == "mine/other.tflite"


def test_in_python_the_same_is_taken_without_options_and_by_name():
    assert FaceLandmarkerOptions().model == faster_model()
    with FaceLandmarker.create("main_float16") as landmarker:
        assert landmarker.model_name.endswith("float16")
