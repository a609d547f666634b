"""Imports that say nothing, and leave the log of a program as it was."""

from __future__ import annotations

import logging
import warnings

import pytest

from scenesign.transforms.support.quiet_imports import quiet_imports


def test_what_libraries_say_is_kept_back_and_nothing_stays_changed(caplog: pytest.LogCaptureFixture) -> None:
    root = logging.getLogger()
    before = (list(root.handlers), root.manager.disable)
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        with quiet_imports():
            logging.warning("a package that nobody asked for is not found")
            warnings.warn("a Python that grows old", FutureWarning, stacklevel=1)
    assert (caplog.records, warned) == ([], [])
    assert (list(root.handlers), root.manager.disable) == before
    with pytest.raises(ImportError), quiet_imports():
        raise ImportError
    assert (list(root.handlers), root.manager.disable) == before


def test_threads_that_import_at_the_same_time_leave_nothing_changed() -> None:
    root = logging.getLogger()
    before = (list(root.handlers), root.manager.disable, list(warnings.filters))
    first, second = quiet_imports(), quiet_imports()
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert root.manager.disable == max(before[1], logging.WARNING)
    second.__exit__(None, None, None)
    assert (list(root.handlers), root.manager.disable, list(warnings.filters)) == before
