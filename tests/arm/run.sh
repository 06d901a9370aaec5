#!/bin/bash
# Runs the edge runtime's tests on 64-bit ARM under qemu, and the released model on 32-bit ARM.
#
#   bash tests/arm/run.sh [arguments for pytest]
#
# prepare.sh says what it needs. About four minutes on two cores once everything is downloaded.
set -euo pipefail

# shellcheck source=tests/arm/prepare.sh
. "$(dirname "$0")/prepare.sh"

once "64-bit tflite-runtime" unpack_wheels site-tflite aarch64 --no-deps "$tflite"
once "32-bit Debian" unpack_debian armhf root-armhf "${python_packages[@]}" \
    python3-numpy libblas3 liblapack3 libgfortran5
once "32-bit tflite-runtime" unpack_wheels site-tflite32 armv7l --no-deps "$tflite"

# arm SITE COMMAND...: the 64-bit Python with the packages of a folder.
arm() {
    PYTHONPATH="$root:$root/tests/arm:$work/site-aarch64:$work/$1" PYTHONDONTWRITEBYTECODE=1 \
        "$qemu" -L "$work/root-arm64" "$work/root-arm64/usr/bin/python3.11" "${@:2}"
}
cat > arm-python <<WRAPPER
#!/bin/sh
exec "$qemu" -L "$work/root-arm64" "$work/root-arm64/usr/bin/python3.11" "\$@"
WRAPPER
chmod +x arm-python
export FACE520_ARM_PYTHON=$work/arm-python

cd "$root"
outputs=tests/arm/golden_outputs.py
say "The released model on 64-bit ARM"
arm site-litert $outputs check ai_edge_litert
arm site-tflite $outputs check tflite_runtime
if "$python" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))'; then
    once "tflite-runtime of this machine" "$python" -m pip install -q --disable-pip-version-check \
        --no-deps --upgrade --target "$work/site-host" "$tflite" "$numpy"
    PYTHONPATH=$work/site-host "$python" $outputs write-reference "$work/reference.npy"
    arm site-tflite $outputs check-reference "$work/reference.npy"
fi

say "The released model on 32-bit ARM"
PYTHONPATH=$work/site-tflite32:$work/root-armhf/usr/lib/python3/dist-packages \
    LD_LIBRARY_PATH= PYTHONDONTWRITEBYTECODE=1 "$qemu32" -L "$work/root-armhf" \
    -E "LD_LIBRARY_PATH=$work/root-armhf/usr/lib/arm-linux-gnueabihf/blas:$work/root-armhf/usr/lib/arm-linux-gnueabihf/lapack" \
    "$work/root-armhf/usr/bin/python3.11" $outputs check tflite_runtime

say "Tests of the edge runtime on 64-bit ARM"
# What rests on the processor: pictures read, cropped and drawn, models and what is made of their
# outputs, a face found and followed. Films, searches of large pictures and most starts of the command
# take minutes each under qemu and rest on no more than these do.
runtime=tests/edge_runtime
arm site-litert -m pytest -p arm_python -p no:cacheprovider -m "not slow" --durations 5 -k "not avif" \
    tests/arm/test_golden_outputs.py \
    $runtime/network $runtime/results $runtime/files/test_image_file.py \
    $runtime/detection/test_blazeface.py $runtime/detection/test_detection_square.py \
    $runtime/test_{blendshapes,crop,drawing,face_landmarker,face_landmarks,golden,layout,pose}.py \
    $runtime/test_{transformation,visibility}.py \
    $runtime/tracking/test_{face_smoother,one_euro,plausibility}.py \
    $runtime/commands/test_photo_run.py::test_a_photo \
    $runtime/commands/test_video_run.py::test_raw_frames_through_a_pipe \
    $runtime/tracking/test_face_tracker.py::test_steady_state_costs_one_run_a_frame \
    $runtime/tracking/test_face_tracker.py::test_frames_of_another_size_start_anew "$@"

say "Instructions of a released model on emulated cores"
FACE520_ARM_MACHINE=$work "$python" -m pytest -p no:cacheprovider tests/arm/test_arm_instructions.py "$@"
