"""The .tflite file: its runtime, the contract it carries, a crop in and landmarks out."""
