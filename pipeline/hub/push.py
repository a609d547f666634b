"""`scenesign.push`: a dataset or an inventory to the Hugging Face hub, in one commit or not at all."""

from __future__ import annotations

import json
import os
import tempfile
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from scenesign.pipeline.hub.files import LocalFile, Parcel, index_files, packed
from scenesign.schemas.records import printable
from scenesign.transforms.support.hub import MAIN, HubName, hub_says

if TYPE_CHECKING:
    from huggingface_hub import HfApi

# Of a file that vouches for others, as it is read back from the hub.
_INDEX_BYTES = 256 << 20
_SHOWN = 3
_GIT_ID = 40
_RULES_OF_GIT = ".gitattributes"  # the hub's own
_TABLES = ("sequences/", "scenes/", "cast/", "concepts/", "atlas/", "rejects/")


class PushError(Exception):
    """Nothing was sent: says why in one line, and what to do. used_wrongly: whether before the hub was asked."""

    def __init__(self, message: str, used_wrongly: bool = False) -> None:
        super().__init__(message)
        self.used_wrongly = used_wrongly


@dataclass(frozen=True)
class PushedFile:
    """A file and what becomes of it there. state: `new`, `changed`, `same` or `deleted`."""

    path: str
    bytes: int
    sha256: str
    state: str


@dataclass(frozen=True)
class Pushed:
    """What a push does, or did.

    repo: `USER/NAME`. kind: `dataset` or `model`. files: all that go, are there already, or are deleted there.
    sha256: of the file that vouches for the others. notes: what the user should know. commit: that the branch stands
    at; empty where there is no such branch yet. url: where to look at it.
    """

    repo: str
    kind: str
    revision: str
    title: str
    files: tuple[PushedFile, ...]
    sha256: str
    notes: tuple[str, ...]
    commit: str
    url: str

    def of_state(self, *states: str) -> tuple[PushedFile, ...]:
        """The files of which this becomes."""
        return tuple(file for file in self.files if file.state in states)

    @property
    def bytes_to_send(self) -> int:
        """Bytes of the files that are new or changed."""
        return sum(file.bytes for file in self.of_state("new", "changed"))


@dataclass(frozen=True)
class _There:
    """A branch of the hub.

    commit: empty where there is none yet. ids: SHA-256 of each large file, git's id of each small one, and bytes.
    index: the file of an earlier push that vouches for the others. open: whether everybody may read it. unseen: why
    nobody could look; empty where one could.
    """

    commit: str
    ids: Mapping[str, tuple[str, int]]
    index: Mapping[str, object]
    open: bool = False
    unseen: str = ""


def push(
    folder: str | os.PathLike[str],
    name: str,
    *,
    private: bool = False,
    revision: str | None = None,
    message: str | None = None,
    dry_run: bool = False,
) -> Pushed:
    """Sends a dataset, or an inventory alone, to the Hugging Face hub, in one commit.

    folder: of a dataset, or of an inventory (which becomes a model repository, so that its tokenizer can be loaded by
    name). name: `hf:USER/NAME`; it is made where it isn't there. private: whether one that is made is, and one that
    is there must be. revision: a branch, made where it isn't there; None is `main`. dry_run: look, and send nothing.

    Only files that the manifest or `inventory.json` vouches for go, after their digests were checked, and those that
    the hub has already are not sent again. Of what is there only files of an earlier push are deleted.

    Raises PushError, having changed nothing there but perhaps made an empty repository or branch; FileNotFoundError and
    ValueError for a folder that holds nothing to send, or something damaged.

    >>> plan = scenesign.push("out/demo", "hf:USER/NAME", dry_run=True)
    >>> plan.kind, plan.bytes_to_send == sum(file.bytes for file in plan.files if file.state != "same")
    ('dataset', True)
    """
    from huggingface_hub import HfApi, get_token

    try:
        where = HubName.parse(name)
    except ValueError as error:
        raise PushError(str(error), used_wrongly=True) from error
    if where.sha256:
        raise PushError(f"{name}: a digest is for reading; leave #sha256 out", used_wrongly=True)
    where = HubName(where.repo, revision or where.revision)
    with packed(os.fspath(folder), where.repo) as parcel, warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # of Parquet in a model repository, which is meant
        if not dry_run and get_token() is None:
            raise PushError(f"{where}: no token; log in by `hf auth login`, or set HF_TOKEN", used_wrongly=True)
        api = HfApi()
        try:
            there = _look_for(api, parcel, where) if dry_run else _prepare(api, parcel, where, private)
            if private and there.open:
                raise PushError(
                    f"{where} is there already, and open to everybody; make it private in its settings on the hub, or "
                    "leave --private out"
                )
            plan = _plan(api, parcel, where, there)
            return plan if dry_run else _send(api, parcel, plan, there, message)
        except PushError:
            raise
        except Exception as error:  # of the library or of the client under it, which differs by version
            raise PushError(hub_says(error, where, writing=not dry_run)) from error


def _look(api: HfApi, parcel: Parcel, where: HubName) -> _There:
    """What is there; nothing where nothing can be seen."""
    from huggingface_hub import errors

    try:
        found = api.repo_info(where.repo, repo_type=parcel.kind, revision=where.revision)
    except errors.GatedRepoError:
        raise
    except (errors.RepositoryNotFoundError, errors.RevisionNotFoundError):
        return _There("", {}, {})
    commit = found.sha or ""
    ids = _ids(api, parcel, where, commit)
    known = parcel.index in ids and ids[parcel.index][1] <= _INDEX_BYTES
    index = _index(api, parcel, where, commit) if known else {}
    return _There(commit, ids, index, open=found.private is False)


def _look_for(api: HfApi, parcel: Parcel, where: HubName) -> _There:
    """What is there, as a dry run looks: without a network everything counts as new."""
    from huggingface_hub import errors

    try:
        return _look(api, parcel, where)
    except Exception as error:
        if isinstance(error, errors.HfHubHTTPError):
            raise
        return _There("", {}, {}, unseen=hub_says(error, where))


def _prepare(api: HfApi, parcel: Parcel, where: HubName, private: bool) -> _There:
    """What is there, in a repository and branch that are made where they aren't."""
    there = _look(api, parcel, where)
    if there.commit:
        return there
    api.create_repo(where.repo, repo_type=parcel.kind, private=private or None, exist_ok=True)
    if where.revision != MAIN:
        api.create_branch(where.repo, repo_type=parcel.kind, branch=where.revision, exist_ok=True)
    return _look(api, parcel, where)


def _ids(api: HfApi, parcel: Parcel, where: HubName, commit: str) -> dict[str, tuple[str, int]]:
    found = {}
    for item in api.list_repo_tree(where.repo, repo_type=parcel.kind, revision=commit, recursive=True):
        if (blob := getattr(item, "blob_id", None)) is not None:
            lfs = getattr(item, "lfs", None)
            found[item.path] = (lfs.sha256 if lfs else blob, int(getattr(item, "size", 0)))
    return found


def _index(api: HfApi, parcel: Parcel, where: HubName, commit: str) -> Mapping[str, object]:
    with tempfile.TemporaryDirectory(prefix="scenesign-push-") as folder:
        path = api.hf_hub_download(where.repo, parcel.index, repo_type=parcel.kind, revision=commit, local_dir=folder)
        try:
            found = json.loads(Path(path).read_text(encoding="utf-8"))
        except (ValueError, RecursionError):
            return {}
    return found if isinstance(found, dict) else {}


def _plan(api: HfApi, parcel: Parcel, where: HubName, there: _There) -> Pushed:
    """What is to be done, file by file."""
    files = [PushedFile(file.path, file.bytes, file.sha256, _state(file, there.ids)) for file in parcel.files]
    going = {file.path for file in parcel.files}
    ours = index_files(parcel.kind, there.index) - {_RULES_OF_GIT}
    stale = sorted((ours & there.ids.keys()) - going)
    files += [PushedFile(path, there.ids[path][1], "", "deleted") for path in stale]
    strangers = sorted(there.ids.keys() - going - set(stale) - {_RULES_OF_GIT})
    notes = [*parcel.notes, *([f"{there.unseen}; all files are shown as new"] if there.unseen else [])]
    if data := [path for path in strangers if parcel.kind == "dataset" and path.startswith(_TABLES)]:
        notes.append(f"{_some(data)} there is of no push, and would be read with the data; delete it there")
    elif strangers:
        notes.append(f"{_some(strangers)} there is of no push, and stays")
    place = "" if parcel.kind == "model" else f"{parcel.kind}s/"
    url = f"{api.endpoint}/{place}{where.repo}"
    revision = where.revision
    return Pushed(
        where.repo, parcel.kind, revision, parcel.title, tuple(files), parcel.sha256, tuple(notes), there.commit, url
    )


def _state(file: LocalFile, ids: Mapping[str, tuple[str, int]]) -> str:
    if file.path not in ids:
        return "new"
    oid, size = ids[file.path]
    same = size == file.bytes and oid in (file.sha256, file.blob if len(oid) == _GIT_ID else "")
    return "same" if same else "changed"


def _some(paths: Sequence[str]) -> str:
    more = len(paths) - _SHOWN
    return ", ".join(map(printable, paths[:_SHOWN])) + (f" and {more:,} more" if more > 0 else "")


def _send(api: HfApi, parcel: Parcel, plan: Pushed, there: _There, message: str | None) -> Pushed:
    """Makes the commit, and looks whether everything has come to be there."""
    from huggingface_hub import CommitOperationAdd, CommitOperationDelete

    going = {file.path for file in plan.of_state("new", "changed")}
    adds = [CommitOperationAdd(file.path, file.place) for file in parcel.files if file.path in going]
    deletes = [CommitOperationDelete(file.path, is_folder=False) for file in plan.of_state("deleted")]
    if not adds and not deletes:
        return plan
    commit = api.create_commit(
        plan.repo,
        [*deletes, *adds],
        commit_message=message or plan.title,
        repo_type=plan.kind,
        revision=plan.revision,
        parent_commit=there.commit,  # refused where somebody else has changed it since
    ).oid
    arrived = _ids(api, parcel, HubName(plan.repo, plan.revision), commit)
    if lost := [file.path for file in parcel.files if _state(file, arrived) != "same"]:
        raise PushError(
            f"{plan.url}: {_some(lost)} did not arrive as it is here; look for a .gitignore or filters there, and run "
            "the same command again"
        )
    return replace(plan, commit=commit)
