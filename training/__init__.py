"""Training: photos with morphable-model fits -> 520 keypoints -> a trained Keras model.

    face/        the morphable model, posed, rendered into a 256x256x3 UV position map
    layout/      which 520 points of that map are the landmarks
    fitting/     one's own photos -> fitted photos, the files that sources/ reads
    open_faces/  204 photos that come along, what trains on them, what models say of them at rest
    sources/     fitted, turned or relabelled photos, maps of others -> records
    dataset/     records -> TFRecord shards with a manifest and the layout
    crops/       shards -> augmented crops and standardised targets, by worker processes
    network/     MobileNet regressors, their losses, the standardisation
    run/         an experiment of experiments/ -> a run folder, on any Keras backend
    evaluation/  NME by the AFLW2000-3D protocol, on held-out faces, and presence

`face520-train`, whose commands lie in commands/, runs it; a release goes on to `conversion`. Crop,
layout and result type come from `edge_runtime`.
"""
