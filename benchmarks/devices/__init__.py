"""Devices to measure on: over ssh, over adb, and the demo app itself."""
