"""The Hugging Face hub: how a repository of it is named, and what its errors mean to a user."""

from __future__ import annotations

import re
from dataclasses import dataclass

from scenesign.transforms.support.failures import one_line, status_of

HUB_PREFIX = "hf:"
MAIN = "main"
_WORD = r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,94}[A-Za-z0-9])?"
_NAME = re.compile(
    rf"(?P<repo>{_WORD}/{_WORD})(?:@(?P<revision>[A-Za-z0-9][A-Za-z0-9._/-]{{0,200}}))?"
    r"(?:#sha256=(?P<sha256>[0-9a-fA-F]{64}))?"
)
_FORM = "hf:USER/NAME[@REVISION][#sha256=DIGEST]"


@dataclass(frozen=True)
class HubName:
    """A repository of the hub.

    repo: `USER/NAME`. revision: branch, tag or commit. sha256: in hex, of the file that vouches for all others there;
    empty where none was given.
    """

    repo: str
    revision: str = MAIN
    sha256: str = ""

    def __str__(self) -> str:
        revision = "" if self.revision == MAIN else f"@{self.revision}"
        return f"{HUB_PREFIX}{self.repo}{revision}{f'#sha256={self.sha256}' if self.sha256 else ''}"

    @classmethod
    def parse(cls, text: str) -> HubName:
        """Reads `hf:USER/NAME[@REVISION][#sha256=DIGEST]`, also without `hf:`. Raises ValueError for anything else."""
        found = _NAME.fullmatch(text.removeprefix(HUB_PREFIX).removeprefix("//"))
        if found is None or ".." in text or "--" in found["repo"]:
            raise ValueError(f"{text} names no repository of the hub; write {_FORM}")
        return cls(found["repo"], found["revision"] or MAIN, (found["sha256"] or "").lower())


def is_hub_name(where: str) -> bool:
    """Whether a place is named as one of the hub, `hf:`."""
    return where.startswith(HUB_PREFIX)


def hub_says(error: BaseException, name: HubName, writing: bool = False) -> str:
    """What went wrong with a repository of the hub, in one line with the next step.

    writing: whether something was to be sent, or only read.
    """
    from huggingface_hub import constants, errors

    where, host = f"{HUB_PREFIX}{name.repo}", constants.ENDPOINT
    status = status_of(error)
    if isinstance(error, errors.OfflineModeIsEnabled):
        return f"{where}: HF_HUB_OFFLINE is set, and nothing is fetched or sent; unset it"
    if isinstance(error, errors.RevisionNotFoundError):
        return f"{where} has no branch, tag or commit {name.revision}; look at {host}/{name.repo}"
    if isinstance(error, errors.LocalEntryNotFoundError):
        return f"{where} is not in the cache of this machine, and {host} can't be reached; try again with a network"
    if isinstance(error, errors.GatedRepoError):
        return f"{where} is given out on request only; ask for it at {host}/{name.repo}"
    if isinstance(error, errors.RepositoryNotFoundError) or status == 404:
        return (
            f"{where}: there is no such user or repository, or it is not for you to see; mind the spelling, or log in"
        )
    if isinstance(error, errors.LocalTokenNotFoundError) or status == 401:
        return f"{where}: the hub doesn't know who asks; log in by `hf auth login`, or set HF_TOKEN"
    if status in (402, 413) or "quota" in _words(error).lower():
        return f"{where}: the hub has no room for it ({_words(error)}); free some space there, or ask for more"
    if status == 403:
        may = "write to" if writing else "read"
        return f"{where}: your token may not {may} it ({_words(error)}); take one that may: {host}/settings/tokens"
    if status in (409, 412):
        return f"{where}: somebody else changed it meanwhile; run the same command again"
    if status == 429:
        return f"{where}: the hub was asked too often; wait a few minutes, and run the same command again"
    if status is not None and status >= 500:
        return f"{where}: {host} is out of order (status {status}); try again later"
    if status is not None:
        return f"{where}: the hub refuses ({status}: {_words(error)})"
    if isinstance(error, (ConnectionError, TimeoutError)) or type(error).__module__.split(".")[0] in _LINES:
        return f"{where}: {host} can't be reached ({_words(error)}); look to the network, or HF_ENDPOINT"
    return f"{where}: {type(error).__name__}: {_words(error)}"


_LINES = ("httpx", "httpx2", "httpcore", "requests", "urllib3")


def _words(error: BaseException) -> str:
    """What the server says, or the error, without anything that could be a token."""
    said = getattr(error, "server_message", None)
    text = said if isinstance(said, str) and said else one_line(error)
    return re.sub(r"\bhf_\w+", "hf_…", " ".join(text.split())[:200])
