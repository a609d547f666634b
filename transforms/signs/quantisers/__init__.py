"""Quantisers: ways from a neutral scene vector to codes and back. One file each, and a line in `registry.py`."""
