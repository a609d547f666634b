"""What goes to the hub: files that a manifest or an inventory vouches for, checked, and nothing else in the folder."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from scenesign.pipeline.hub.inventory_card import card_of_inventory
from scenesign.pipeline.validate.card import check_card, check_croissant
from scenesign.pipeline.validate.files import (
    CARD,
    MANIFEST,
    check_files,
    check_unlisted,
    list_dataset,
    load_manifest,
)
from scenesign.schemas.inventory import InventoryInfo
from scenesign.schemas.manifest import Manifest
from scenesign.schemas.records import printable
from scenesign.schemas.rules import Findings
from scenesign.schemas.version import PROTOCOL
from scenesign.transforms.dataset.card import card_there
from scenesign.transforms.dataset.croissant import CROISSANT
from scenesign.transforms.signs.inventory import INFO, copy_inventory, read_info
from scenesign.transforms.support import storage
from scenesign.transforms.support.inside import OutsideError, file_inside
from scenesign.transforms.text.licences import UNKNOWN, identifier

# Files of a dataset that no manifest lists: they are made from those it does.
MADE = (CARD, CROISSANT, "report/report.html", "report/atlas.png")


class DamagedError(ValueError):
    """A dataset or inventory that is not as it vouches to be."""


@dataclass(frozen=True)
class LocalFile:
    """A file to send. path: as it will be called there, with `/`. place: where it lies."""

    path: str
    place: Path
    bytes: int
    sha256: str

    @property
    def blob(self) -> str:
        """The id that git has for it, by which the hub tells small files apart."""
        data = self.place.read_bytes()
        return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()


@dataclass(frozen=True)
class Parcel:
    """Everything that is to go.

    kind: `dataset` or `model`, which the hub keeps apart; tokenizers are loaded from models. index: the file that
    vouches for the others. title: one line on what it is. notes: what the user should know before it goes.
    """

    kind: str
    index: str
    title: str
    files: tuple[LocalFile, ...]
    notes: tuple[str, ...] = ()

    @property
    def sha256(self) -> str:
        """The digest of the file that vouches for the others."""
        return next(file.sha256 for file in self.files if file.path == self.index)


@contextmanager
def packed(folder: str, repo: str) -> Iterator[Parcel]:
    """What is in a folder that may go to the hub; of an inventory what is lacking is made in a passing folder.

    repo: its name there, `USER/NAME`, for the card.

    Raises FileNotFoundError for a folder that is neither dataset nor inventory, DamagedError for one whose files are
    not those that it vouches for.
    """
    if not storage.is_local(folder):
        raise FileNotFoundError(f"{folder} lies in an object store; copy it to this machine, and push the copy")
    if os.path.isfile(os.path.join(folder, MANIFEST)):
        with TemporaryDirectory(prefix="scenesign-push-") as made:
            yield _dataset_parcel(folder, made, repo)
    elif os.path.isfile(os.path.join(folder, INFO)):
        with TemporaryDirectory(prefix="scenesign-push-") as made:
            yield _inventory_parcel(folder, made, repo)
    else:
        raise FileNotFoundError(
            f"{folder} is neither a dataset nor an inventory; give a folder with {MANIFEST} or {INFO} in it"
        )


def _dataset_parcel(folder: str, passing: str, repo: str) -> Parcel:
    """The files of a dataset, the card as it reads there in a passing folder."""
    findings = Findings()
    manifest = load_manifest(folder, findings)
    if manifest is not None:
        check_files(folder, manifest, findings)
        check_unlisted(folder, manifest, findings)
        check_card(folder, manifest, findings)
        check_croissant(folder, manifest, findings)
    broken = next((found for found in findings.kept if found.must), None)
    if manifest is None or broken is not None:
        told = f"{broken.file}: {broken.detail}" if broken else "its manifest can't be read"
        raise DamagedError(f"{folder} is damaged, and stays here ({told}); `scenesign validate {folder}` says all")
    made = [path for path in MADE if os.path.isfile(os.path.join(folder, path))]
    listed = {entry.path: entry.sha256 for entry in manifest.files}
    try:
        files = [_local(folder, path, listed.get(path)) for path in sorted({*listed, *made, MANIFEST} - {CARD})]
    except OutsideError as error:
        raise DamagedError(f"{error}; the dataset stays here") from error
    card = Path(folder, CARD).read_text(encoding="utf-8")
    Path(passing, CARD).write_text(card_there(card, repo), encoding="utf-8", newline="\n")
    files.append(_local(passing, CARD, None))
    counts = manifest.counts
    title = f"{manifest.name}: {counts.books:,} books, {counts.scenes:,} scenes, {manifest.protocol}"
    files.sort(key=lambda file: file.path)
    return Parcel("dataset", MANIFEST, title, tuple(files), tuple(_notes(folder, manifest, files)))


def _notes(folder: str, manifest: Manifest, files: Iterable[LocalFile]) -> Iterator[str]:
    unknown = sum(identifier(book.license) == UNKNOWN for book in manifest.books)
    if unknown:
        yield (
            f"{unknown:,} of {len(manifest.books):,} books state no licence, and their texts go with the dataset; "
            "whether they may be passed on is for you to know"
        )
    going = {file.path for file in files}
    if CROISSANT not in going:
        yield f"there is no {CROISSANT}, as a dataset that this version builds has; catalogues will know less of it"
    if staying := [path for path in list_dataset(folder) if path not in going]:
        more = f" and {len(staying) - 3:,} more" if len(staying) > 3 else ""
        yield f"not of the dataset, and stays here: {', '.join(map(printable, staying[:3]))}{more}"


def _inventory_parcel(folder: str, made: str, repo: str) -> Parcel:
    try:
        copy_inventory(folder, made)  # checks every digest, and makes starting embeddings where there are none
        info = read_info(made)
        card = Path(file_inside(folder, CARD))
        text = card.read_text(encoding="utf-8") if card.is_file() else ""
    except (ValueError, OutsideError) as error:
        raise DamagedError(f"{error}; it stays here") from error
    except FileNotFoundError as error:
        raise DamagedError(f"{folder} lacks {error.filename or error}; it stays here") from error
    sha256 = hashlib.sha256(Path(made, INFO).read_bytes()).hexdigest()
    Path(made, CARD).write_text(card_of_inventory(info, sha256, repo, text), encoding="utf-8", newline="\n")
    files = [_local(made, path, info.files.get(path)) for path in sorted({*info.files, INFO, CARD})]
    return Parcel("model", INFO, _title(info), tuple(files))


def _title(info: InventoryInfo) -> str:
    name = f"{info.script} {info.version}" if info.script else "an inventory"
    return f"{name}: {info.sizes[0]:,} topics, {' '.join(sorted(info.languages))}, {info.protocol}"


def _local(folder: str, path: str, sha256: str | None) -> LocalFile:
    """Raises OutsideError for a link that leads out of the folder: what it shows was not meant to go."""
    place = Path(file_inside(folder, path))
    return LocalFile(path, place, place.stat().st_size, sha256 or storage.digest(str(place)))


def index_files(kind: str, index: Mapping[str, object]) -> set[str]:
    """Paths of all that an earlier push sent, by the file that vouches for it there; none by a file of other makers."""
    if str(index.get("protocol")).rpartition("/")[0] != PROTOCOL:  # many a program calls a list of files manifest.json
        return set()
    files = index.get("files")
    if kind == "dataset" and isinstance(files, list):
        listed = {str(entry.get("path")) for entry in files if isinstance(entry, dict)}
        return {*listed, *MADE, MANIFEST}
    if kind == "model" and isinstance(files, dict):
        return {*map(str, files), INFO, CARD}
    return set()
