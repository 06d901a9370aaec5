"""Conversion: a trained Keras model -> verified .tflite files that carry their own contract.

    converter.py        the Keras model, built in tf_keras, to float32 and int8 TFLite
    representative.py   crops from the training shards, even over yaw, to calibrate int8
    metadata.py         TFLite metadata and the face520 contract, packed into the file
    verification.py     the file in LiteRT against Keras on real crops, in px
    export.py           all of it: nothing is written that did not pass

The command is `face520-convert`; `edge_runtime` reads what it writes.
"""
