"""Books of a library: a zip per language of files called `Author_Title.txt`; some are translations of each other."""

from __future__ import annotations

import tempfile
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from zipfile import ZipFile

from benchmarks.scene_agreements.parallel import Edition, Parallel, only_paragraphs
from scenesign.schemas.records import Book
from scenesign.transforms.embedders.registry import DEFAULT_EMBEDDER
from scenesign.transforms.scenes.segment import books_at

# Novels that the library has whole, or nearly, in several languages: how their files' names start.
TRANSLATED: Mapping[str, Mapping[str, str]] = {
    "A Christmas Carol": {"en": "Dickens_A-Christmas", "de": "Dickens_Der-Weih", "ja": "Dickens_クリスマス"},
    "A House of Gentlefolk": {"en": "Turgenev_A-House", "ru": "Turgenev_Дворянское"},
    "Alice": {"de": "Carroll_", "fr": "Carroll_", "it": "Carroll_"},
    "An Iceland Fisherman": {"en": "Loti_An-Iceland", "fr": "Loti_Pecheur", "ja": "Loti_氷島"},
    "Around the World in Eighty Days": {"en": "Verne_Around", "fr": "Verne_Le-tour", "nl": "Verne_De-reis"},
    "Dead Souls": {"en": "Gogol_Dead", "ru": "Gogol_Мёртвые"},
    "Eugénie Grandet": {"en": "Balzac_Eugenie", "fr": "Balzac_Eugenie"},
    "Footsteps of Fate": {"en": "Couperus_Footsteps", "nl": "Couperus_Noodlot"},
    "La barraca": {"en": "Blasco-Ibanez_", "es": "Blasco-Ibáñez_"},
    "Michael Strogoff": {"en": "Verne_Michael", "de": "Verne_Der-Courier", "fr": "Verne_Michel"},
    "Notes from Underground": {"en": "Dostoevsky_Notes", "ru": "Dostoevsky_Записки"},
    "Pepita Jiménez": {"en": "Valera_", "es": "Valera-"},
    "Pinocchio": {"en": "Collodi_", "it": "Collodi_"},
    "Quo Vadis": {"en": "Sienkiewicz_", "pl": "Sienkiewicz_"},
    "The Hidden Force": {"en": "Couperus_The-Hidden", "nl": "Couperus_De-stille"},
    "Tom Sawyer": {"en": "Twain_", "de": "Twain_", "nl": "Twain_"},
}


def archived(archive: Path) -> list[str]:
    """The names of the files in a zip, in Unicode's composed form, by which names of any maker compare."""
    with ZipFile(archive) as packed:
        return [_composed(member.filename) for member in packed.infolist() if not member.is_dir()]


def _composed(name: str) -> str:
    return unicodedata.normalize("NFC", name)


def chosen(names: Iterable[str], most: int) -> list[str]:
    """The first names in order, `Author_Title...`, at most one an author."""
    by_author: dict[str, str] = {}
    for name in sorted(names):
        by_author.setdefault(name.partition("_")[0], name)
    return list(by_author.values())[:most]


def read_archive(archive: Path, names: Sequence[str], embedder: str) -> tuple[list[Book], list[str]]:
    """Books of a language, read as `build` reads files, and a line on each that can't be used.

    archive: a zip whose name is the language. names: as of `archived`. A book in volumes comes as several.
    """
    books, left_out = [], []
    with ZipFile(archive) as packed, tempfile.TemporaryDirectory() as folder:
        members = {_composed(member.filename): member for member in packed.infolist()}
        for number, name in enumerate(names):
            path = Path(folder, f"{number}.txt")  # any file system takes such a name
            path.write_bytes(packed.read(members[name]))
            for found in books_at(str(path), archive.stem, embedder):
                if isinstance(found, Book):
                    books.append(found)
                else:
                    left_out.append(f"{archive.name}!{name}: {found.reason}")
    return books, left_out


def read_novels(library: Path) -> list[Parallel]:
    """The `TRANSLATED` novels without their headings and breaks, each a single unit; a line says what isn't there."""
    novels = []
    for title, names in TRANSLATED.items():
        editions = {}
        for language, start in names.items():
            archive = library / f"{language}.zip"
            found = [name for name in archived(archive) if name.startswith(start)] if archive.exists() else []
            books = read_archive(archive, found[:1], DEFAULT_EMBEDDER)[0] if found else []
            if len(books) == 1:
                editions[language] = Edition(only_paragraphs(books[0]).book, (0,))
            else:
                print(f"{archive}: {title} left out, for no one file there starts with {start}")
        if len(editions) > 1:
            novels.append(Parallel(title, editions))
    return novels
