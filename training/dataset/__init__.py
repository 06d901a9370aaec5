"""Labelled faces on disk: records in TFRecord shards, and the manifest that names them."""
