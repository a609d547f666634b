"""A build in a notebook lays out the same graph as anywhere else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import apache_beam.pipeline

_THEIRS = apache_beam.pipeline.alter_label_if_ipython


@contextmanager
def plain_labels() -> Iterator[None]:
    """While it lasts Beam names steps as it does outside notebooks.

    In IPython Beam puts the number of the cell before each label, so that the same build would have other steps, and
    imports its interactive part, which fails beside pandas 3 (`DataFrame.first` is gone).
    """
    apache_beam.pipeline.alter_label_if_ipython = lambda transform, pvalueish: None
    try:
        yield
    finally:
        apache_beam.pipeline.alter_label_if_ipython = _THEIRS
