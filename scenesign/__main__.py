"""`python -m scenesign`: the command, where its script is not on the path."""

import os
import sys

if not __package__:
    # run as a file: Python would look for modules in this folder first, and take `torch` here for PyTorch
    here = os.path.dirname(os.path.realpath(__file__))
    sys.path[:] = [folder for folder in sys.path if os.path.realpath(folder) != here]

from scenesign.pipeline.run.kernels import pin_kernels

pin_kernels()  # before the command imports numpy

from scenesign.pipeline.cli import entry  # noqa: E402

if __name__ == "__main__":
    entry()
