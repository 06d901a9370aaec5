"""Training: photos with morphable-model fits -> 520 keypoints -> a trained Keras model.

    face_model.py, fitted_photos.py    the morphable model and its fit to each photo
    position_map.py                    vertices rendered into a 256x256x3 UV position map
    keypoints.py, landmark_mesh.py     which 520 points of the map are the landmarks
    position_map_records.py            maps of face3d and PRNet, with index_files.py's layout
    dataset_builder.py, dataset.py     photo + sampled landmarks -> TFRecord shards, a manifest
    augment.py, batches.py             shards -> augmented crops and standardised targets
    tfrecord.py, crop_loader.py        the shards read without TensorFlow, by worker processes
    model.py, losses.py, train.py      MobileNet regressors, trained with Keras on any backend
    cluster.py                         the same on several machines
    evaluate.py, release.py            NME by the AFLW2000-3D protocol; what conversion starts from

The command is `face520-train`. Crop, layout and result type come from `edge_runtime`.
"""
