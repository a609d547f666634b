"""Which failures are a book's own, and which are the machine's."""

from __future__ import annotations

import errno

# With these nothing is wrong with the book at hand, and every other book would fail just the same.
_MACHINE = {
    errno.ENOSPC,
    errno.EDQUOT,
    errno.EFBIG,
    errno.EROFS,
    errno.EMFILE,
    errno.ENFILE,
    errno.ENOMEM,
}


def raise_if_machine_failed(error: BaseException) -> None:
    """Raises the error again when it is a full disk, exhausted memory or the like.

    A step that turns one book's trouble into a reject calls this first: a full disk must stop the run, not reject
    all books that are left.
    """
    if isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno in _MACHINE):
        raise error
