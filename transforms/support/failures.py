"""Where failures go: one book's own to the rejects, the machine's and the user's limits to the end of the run."""

from __future__ import annotations

import errno
import os
import re
import socket
import traceback

from scenesign.schemas.records import UNEXPECTED, Book, Reject, RejectError, printable
from scenesign.transforms.support.extras import MissingExtraError

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
# What comes of a line that is dead, also to a file in a folder that lies on another machine.
_LINE = {
    errno.ETIMEDOUT,
    errno.ECONNRESET,
    errno.ECONNABORTED,
    errno.ECONNREFUSED,
    errno.EHOSTDOWN,
    errno.EHOSTUNREACH,
    errno.ENETDOWN,
    errno.ENETRESET,
    errno.ENETUNREACH,
    errno.ENOTCONN,
    errno.ESTALE,
}
# Clients of object stores raise these once their own retries are used up. A missing object and a denied one come as
# FileNotFoundError and PermissionError, and are a book's own.
_STORES = ("google.api_core.", "google.auth.", "google.resumable_media.", "botocore.", "apache_beam.io.")
_LINES = ("aiohttp.", "http.client.", "httpcore.", "httpx.", "httpx2.", "requests.", "urllib3.")
_CLIENTS = (*_STORES, *_LINES, "huggingface_hub.")
_TIMEOUT, _TOO_MANY = 408, 429
# Stores that deny what would be too much say so in words, and with the status of what is forbidden.
_QUOTA = re.compile(r"quota|rate.?limit|slow.?down|throttl|too many requests", re.IGNORECASE)
_ADDRESS = re.compile(r"\b0x[0-9a-f]{6,}\b")


def raise_if_machine_failed(error: BaseException) -> None:
    """Raises the error again when it is a full disk, exhausted memory, an object store out of reach or the like.

    A step that turns one book's trouble into a reject calls this first: a full disk must stop the run (or have the
    runner try again), not reject all books that are left.
    """
    if isinstance(error, (MemoryError, MissingExtraError, RunStoppedError)) or is_out_of_reach(error):
        raise error
    if isinstance(error, OSError) and error.errno in _MACHINE:
        raise error
    if _is_of(error, _STORES):
        raise error


def is_full(error: BaseException) -> bool:
    """Whether an error says that a disk is full; libraries that are not written in Python say so in words alone."""
    return (isinstance(error, OSError) and error.errno == errno.ENOSPC) or os.strerror(errno.ENOSPC) in str(error)


def _is_of(error: BaseException, modules: tuple[str, ...]) -> bool:
    return f"{type(error).__module__}.".startswith(modules)


def cause_in_store(error: BaseException) -> BaseException:
    """What an error of Beam's file systems says of the first file; any other error itself."""
    causes = getattr(error, "exception_details", None)
    found = next(iter(causes.values()), None) if isinstance(causes, dict) else None
    return cause_in_store(found) if isinstance(found, BaseException) else error


def is_out_of_reach(error: BaseException) -> bool:
    """Whether an error says that a store, a hub or the line to them is out of order, or has had enough of us."""
    error = cause_in_store(error)
    if isinstance(error, (FileNotFoundError, PermissionError)):
        return False
    status = status_of(error)
    if status is not None:
        return status >= 500 or status in (_TIMEOUT, _TOO_MANY) or is_quota(error)
    # a broken pipe is one to a program on this machine
    if isinstance(error, (OutOfReachError, ConnectionError, TimeoutError, socket.gaierror)):
        return not isinstance(error, BrokenPipeError)
    return _is_of(error, _CLIENTS) or (isinstance(error, OSError) and error.errno in _LINE)


def is_quota(error: BaseException) -> bool:
    """Whether a store denies only for now, because it was asked too much."""
    return _QUOTA.search(str(error)) is not None


def status_of(error: BaseException) -> int | None:
    """The HTTP status behind an error of a store's or hub's client, if there is one."""
    error = cause_in_store(error)
    response = getattr(error, "response", None)
    places = ((error, "code"), (error, "status"), (error, "status_code"), (response, "status_code"))
    values = (getattr(place, name, None) for place, name in places if _is_of(error, _CLIENTS))
    return next((int(value) for value in values if isinstance(value, int)), None)


class UnexpectedError(Exception):
    """What nobody foresaw has failed twice on one book. The message is its cause, on one line."""


class RunStoppedError(Exception):
    """Ends a run on purpose. The message is one line for the user."""


class OutOfReachError(RunStoppedError, OSError):
    """A store or a hub doesn't answer, however often it is asked."""


def stop_message(error: BaseException) -> str | None:
    """What a RunStoppedError or MissingExtraError says as it comes out of a runner, which may have made it a text."""
    if isinstance(error, (MissingExtraError, RunStoppedError)):
        text = str(error)
    else:
        found = re.search(r"(?:MissingExtra|RunStopped|OutOfReach)Error: (.*)", str(error))
        if found is None:
            return None
        text = found[1]
    return text.split(" [while running")[0].strip()


def one_line(error: BaseException) -> str:
    """What an error says, without line ends and at no length."""
    return " ".join(str(error).split())[:300]


def cause_of(error: BaseException) -> str:
    """Kind, message and innermost place of an error, on one line."""
    # addresses are others in each run, and rejects are part of the dataset
    said = _ADDRESS.sub("0x…", one_line(error))
    cause = type(error).__name__ + (f": {said}" if said else "")
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    if frames:
        module = str(frames[-1].f_globals.get("__name__"))
        # compiled modules put their own name before the function's
        cause += f" (in {module}.{frames[-1].f_code.co_name.removeprefix(f'{module}.')})"
    return printable(cause)


def refuse(error: Exception, stage: str, source: str, book_id: str = "", size: int = 0) -> Reject:
    """The reject that a failure on one input or book comes to. Raises the error again when it is the machine's."""
    raise_if_machine_failed(error)
    if isinstance(error, RejectError):
        reason, detail = error.reason, error.detail
    elif isinstance(error, UnexpectedError):
        reason, detail = UNEXPECTED, str(error)
    elif isinstance(error, FileNotFoundError):
        reason, detail = "unreadable", "the file is no longer there"
    elif isinstance(error, PermissionError):
        reason, detail = "unreadable", "no permission to read the file; change its mode or owner"
    elif isinstance(error, OSError):
        reason, detail = "unreadable", f"the file can't be read ({error.strerror or error})"
    else:
        reason, detail = UNEXPECTED, cause_of(error)
    return Reject(source, stage, reason, printable(" ".join(detail.split()))[:500], book_id, size)


def refuse_book(error: Exception, stage: str, book: Book) -> Reject:
    """The reject that a failure on a book comes to, once it has been read."""
    return refuse(error, stage, book.source, book.book_id, book.bytes)


def strict_message(reject: Reject) -> str:
    """Why a run with `--strict` ended."""
    return f"--strict: {reject.source} was refused by {reject.stage} ({reject.reason}): {reject.detail}"
