#!/bin/bash
# Makes the emulated ARM machine of build/arm, for the tests and for `face520-bench arm`.
#
#   bash tests/arm/prepare.sh
#
# Needs Debian's apt-get and dpkg, Python 3.11 with pip, no root and no chroot. Debian's ARM packages
# and PyPI's ARM wheels are downloaded to build/arm once (about 260 MB) and used from there. PYTHON
# names the host's Python. run.sh goes on from here with what only the tests need.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
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

# unpack_debian ARCHITECTURE FOLDER PACKAGE...: downloads packages and unpacks them to FOLDER.
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
    (cd "$folder/debs" && rm -f ./*.deb && apt-get -qq "${options[@]}" download "${@:3}")
    for deb in "$folder"/debs/*.deb; do dpkg -x "$deb" "$work/$2"; done
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

host=$(dpkg --print-architecture)
qemu=$(command -v qemu-aarch64-static || true)
if [ -z "$qemu" ]; then
    # Debian's own package, unpacked beside the rest.
    once qemu unpack_debian "$host" "root-$host" qemu-user-static
    qemu=$work/root-$host/usr/bin/qemu-aarch64-static
fi
qemu32=${qemu/aarch64/arm}
# What `face520-bench arm` counts with: the static qemu has no plugins.
once "qemu with plugins" unpack_debian "$host" qemu qemu-user libcapstone4 liburing2 libnuma1 \
    libglib2.0-0 libpcre2-8-0 libgnutls30 libp11-kit0 libidn2-0 libunistring2 libtasn1-6 \
    libnettle8 libhogweed6 libgmp10 libffi8 zlib1g
# What it estimates times with: its tables of cores are newer than those of Debian's default.
once LLVM unpack_debian "$host" llvm llvm-19 libllvm19 libz3-4 libedit2 libbsd0 libmd0 libtinfo6 \
    libxml2 libicu72 liblzma5 libzstd1 libffi8 zlib1g

once "64-bit Debian" unpack_debian arm64 root-arm64 "${python_packages[@]}"
once "64-bit wheels" unpack_wheels site-aarch64 aarch64 -c "$root/constraints.txt" "$numpy" "$opencv" \
    typer rich pytest hypothesis jsonschema
once "64-bit LiteRT" unpack_wheels site-litert aarch64 --no-deps "$litert"
