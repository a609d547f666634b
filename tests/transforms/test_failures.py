"""A full disk is not a book's fault."""

from __future__ import annotations

import errno

import pytest

from transforms.failures import raise_if_machine_failed


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "full"), MemoryError()])
def test_machine_failures_go_on(error: BaseException) -> None:
    with pytest.raises(type(error)):
        raise_if_machine_failed(error)


@pytest.mark.parametrize("error", [ValueError("bad text"), OSError(errno.ENOENT, "gone"), OSError("no number")])
def test_a_books_own_failures_do_not(error: BaseException) -> None:
    raise_if_machine_failed(error)
