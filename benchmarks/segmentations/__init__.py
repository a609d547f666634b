"""The parts of `benchmarks/segmentation.py`."""
