"""Conversion: a trained Keras model -> verified .tflite files that carry their own contract.

    network, equalisation  the trained network in tf_keras, its channels and outputs evened out
    representative         crops of the training shards, even over yaw, which set int8's ranges
    converter, variant     one of six kinds of TFLite file, from float32 to int16x8
    qat/                   fake-quant training: the rounded network learns to point as the float one
    verification/          each candidate against Keras on real crops, in px, in each interpreter
    metadata               TFLite metadata and the face520 contract, packed into the file
    export                 all of it: nothing is written that did not pass
    report/                what was found, as a page and as JSON

`face520-convert`, whose commands lie in commands/, runs it; `edge_runtime` reads what it writes.
"""
