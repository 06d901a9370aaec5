"""Quantization-aware training: fake-quant, its crops, its folder, its run."""
