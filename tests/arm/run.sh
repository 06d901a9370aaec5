#!/bin/bash
# Runs the edge runtime's tests on 64-bit ARM under qemu, and the released model on 32-bit ARM.
#
#   bash tests/arm/run.sh [arguments for pytest]
#
# Needs Debian's apt-get and dpkg, Python 3.11 with pip, no root and no chroot. Debian's ARM packages
# and PyPI's ARM wheels are downloaded to build/arm once (about 200 MB) and used from there. PYTHON
# names the host's Python. About three minutes on two cores once everything is downloaded.
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
work=$root/build/arm
python=${PYTHON:-python3}
mkdir -p "$work"
cd "$work"

# LiteRT 2.3.0 crashes under Debian 12's qemu 7.2; 2.1.2 runs.
litert=ai-edge-litert==2.1.2
tflite=tflite-runtime==2.14.0
numpy=numpy==1.26.4
opencv=opencv-python-headless

say() { printf '\n== %s\n' "$*"; }

# once NAME COMMAND...: runs the command unless it has succeeded before with the same words.
once() {
    local stamp="$work/done-${1// /-}" words="${*:2}"
    if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$words" ]; then return; fi
    say "$1"
    "${@:2}"
    printf '%s' "$words" > "$stamp"
}

# unpack_debian ARCHITECTURE PACKAGE...: downloads packages and unpacks them to root-ARCHITECTURE.
unpack_debian() {
    local architecture=$1 folder=$work/debian-$1
    mkdir -p "$folder/lists/partial" "$folder/cache/partial" "$folder/debs"
    local options=(
        -o "APT::Architecture=$architecture" -o "APT::Architectures=$architecture"
        -o "Dir::State::Lists=$folder/lists" -o "Dir::State::status=/dev/null"
        -o "Dir::Cache=$folder/cache" -o "Dir::Cache::Archives=$folder/cache"
        -o "Debug::NoLocking=1" -o "APT::Sandbox::User="
    )
    # One index of several may be out of order for a while; what is then missing fails below.
    apt-get -qq "${options[@]}" update || true
    (cd "$folder/debs" && rm -f ./*.deb && apt-get -qq "${options[@]}" download "${@:2}")
    for deb in "$folder"/debs/*.deb; do dpkg -x "$deb" "$work/root-$architecture"; done
    rm -rf "$folder"
}

# unpack_wheels FOLDER PLATFORM ARGUMENT...: wheels for another processor, without building any.
unpack_wheels() {
    local tags=(--platform any)
    for glibc in 17 24 27 28 31 34 35; do tags+=(--platform "manylinux_2_${glibc}_$2"); done
    tags+=(--platform "manylinux2014_$2")
    "$python" -m pip install -q --disable-pip-version-check --no-compile --upgrade \
        "${tags[@]}" --python-version 3.11 --only-binary=:all: --target "$1" "${@:3}"
}

python_packages=(
    libc6 libgcc-s1 libstdc++6 zlib1g python3.11-minimal libpython3.11-minimal
    libpython3.11-stdlib libssl3 libffi8 libexpat1 liblzma5 libbz2-1.0 libsqlite3-0 libuuid1
    libreadline8 libtinfo6 libdb5.3 libncursesw6 libcrypt1
)

qemu=$(command -v qemu-aarch64-static || true)
if [ -z "$qemu" ]; then
    # Debian's own package, unpacked beside the rest.
    once qemu unpack_debian "$(dpkg --print-architecture)" qemu-user-static
    qemu=$work/root-$(dpkg --print-architecture)/usr/bin/qemu-aarch64-static
fi
qemu32=${qemu/aarch64/arm}

once "64-bit Debian" unpack_debian arm64 "${python_packages[@]}"
once "64-bit wheels" unpack_wheels site-aarch64 aarch64 -c "$root/constraints.txt" "$numpy" "$opencv" \
    typer rich pytest hypothesis jsonschema
once "64-bit LiteRT" unpack_wheels site-litert aarch64 --no-deps "$litert"
once "64-bit tflite-runtime" unpack_wheels site-tflite aarch64 --no-deps "$tflite"
once "32-bit Debian" unpack_debian armhf "${python_packages[@]}" \
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
# Left out: the training command, whose packages are not there, long videos, what only times or
# fuzzes, and most of the starts of the command, each of which takes seconds under qemu.
arm site-litert -m pytest -p arm_python -p no:cacheprovider tests/edge_runtime tests/arm \
    -m "not slow" -k "not (ends_in_order and training)" \
    --ignore tests/edge_runtime/commands/test_photo_run.py --ignore tests/edge_runtime/commands/test_video_run.py \
    --ignore tests/edge_runtime/commands/test_hands.py \
    --ignore tests/edge_runtime/tracking/test_first_look.py \
    --ignore tests/edge_runtime/tracking/test_face_tracker.py --ignore tests/edge_runtime/test_fuzz.py \
    --ignore tests/edge_runtime/test_full_disk.py \
    --ignore tests/edge_runtime/video/test_live_pipeline.py "$@"
arm site-litert -m pytest -p arm_python -p no:cacheprovider \
    tests/edge_runtime/commands/test_photo_run.py::test_a_photo \
    tests/edge_runtime/commands/test_video_run.py::test_raw_frames_through_a_pipe \
    tests/edge_runtime/tracking/test_face_tracker.py::test_steady_state_costs_one_run_a_frame \
    tests/edge_runtime/tracking/test_face_tracker.py::test_frames_of_another_size_start_anew "$@"
