"""A notebook changes nothing of a graph."""

from __future__ import annotations

import apache_beam as beam
import pytest
from apache_beam.utils import interactive_utils

from scenesign.pipeline.run.graph import graph_steps
from scenesign.pipeline.run.notebooks import plain_labels


def test_steps_have_the_same_names_in_a_notebook(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interactive_utils, "is_in_ipython", lambda: True)
    pipeline = beam.Pipeline()
    with plain_labels():
        pipeline | "Books" >> beam.Create([1])
    assert next(iter(graph_steps(pipeline))).startswith("Books")


def test_beam_is_as_it_was_afterwards_and_after_an_error() -> None:
    theirs = beam.pipeline.alter_label_if_ipython
    with plain_labels():
        assert beam.pipeline.alter_label_if_ipython is not theirs
    with pytest.raises(ValueError, match="no graph"), plain_labels():
        raise ValueError("no graph")
    assert beam.pipeline.alter_label_if_ipython is theirs
