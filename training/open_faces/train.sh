#!/bin/bash
# From the open photos to an int8 file, step by step: what `make train` runs.
#
#     bash training/open_faces/train.sh OUTPUT [PHOTOS]
#
# PHOTOS: a folder with a folder a person, the photos beside this file by default. Every command is
# one that you can give yourself, with the environment of `make .venv/dev.done` on the path.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
output=$1
photos=${2:-$here/photos}
main=$here/../released/main
step() { printf '\n== %s  (%d s so far)\n' "$1" $SECONDS; }

if [ -e "$output" ]; then
    echo "$output: is there already. Remove it, or give another folder." >&2
    exit 2
fi

step "1 of 8: fit the face model to the photos; held out are whole people"
face520-train fit "$photos" --folder-is-person --output "$output/fitted" \
    --source "Face Research Lab London Set, doi:10.6084/m9.figshare.5047666.v5" --licence "CC BY 4.0"

step "2 of 8: build the dataset, with turned copies"
face520-train dataset build --photos "$output/fitted/faces.zip" --fits "$output/fitted/fits.npz" \
    --turned 1.0 --output "$output/dataset"
face520-train dataset show "$output/dataset" --split train --output "$output/faces.jpg"

step "3 of 8: the released model on the people held out"
face520-train evaluate "$main" --held-out "$output/dataset" --output "$output/before"

step "4 of 8: train it on"
face520-train run open_faces --dataset "$output/dataset" --run "$output/run" --start "$main"
face520-train release "$output/run" --name open_faces --version 0.1.0 \
    --licence "Apache-2.0" --output "$output/released"

step "5 of 8: the new model on the people held out"
face520-train evaluate "$output/released" --held-out "$output/dataset" --output "$output/after"

step "6 of 8: quantization-aware training"
face520-convert qat "$output/released" --dataset "$output/dataset" --run "$output/qat" --epochs 4
face520-convert keep "$output/released" --qat "$output/qat"

step "7 of 8: convert to int8, compared with Keras on the people held out"
face520-convert export "$output/released" --variant int8 --dataset "$output/dataset" \
    --output "$output/models"
face520-train evaluate "$output/models/face520_open_faces_int8.tflite" \
    --held-out "$output/dataset" --output "$output/after_int8"

echo "Lids and lips against people's, which no label here follows: as released, then trained on"
python -m benchmarks.studies.open_lids "$here/../../edge_runtime/models/face520_main_int8.tflite"
python -m benchmarks.studies.open_lids "$output/models/face520_open_faces_int8.tflite"

step "8 of 8: the bundled photo with the new file"
face520-run --demo --model "$output/models/face520_open_faces_int8.tflite" --output "$output/demo"

cat <<END

== done in $SECONDS s. $output holds
faces.jpg        the labels, to look at        fitted/fits.jpg  those least certain
run/curves.png   the learning curve            before/ after/ after_int8/  scores of the held-out
released/        float weights, int8.npz       models/          the .tflite file and its report
demo/            the bundled photo             dataset/ qat/    what the steps worked on
END
