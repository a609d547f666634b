"""The library that a script is made from: an archive per language, and `manifest.tsv`, which names the works."""

from __future__ import annotations

import csv
import json
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path, PurePosixPath

from scenesign.pipeline.options.errors import UsageError

MANIFEST = "manifest.tsv"


@dataclass(frozen=True)
class Work:
    """A work of the library. file: its name in the archive of its language.

    reason: why it is in the public domain. repository, commit: where it was taken from. licence: as stated there.
    """

    language: str
    file: str
    title: str = ""
    author: str = ""
    reason: str = ""
    repository: str = ""
    commit: str = ""
    licence: str = ""


def read_works(library: Path, left_out: Iterable[tuple[str, str]] = ()) -> list[Work]:
    """The works of a library in a fixed order: by language, then as they lie in the archive.

    left_out: (language, file) of works to leave out. A work that no manifest names has nothing but its file. Raises
    UsageError without archives, for an archive or a manifest that can't be read, and for a work to leave out that isn't
    there.
    """
    archives = sorted(library.glob("*.zip"))
    if not archives:
        raise UsageError(f"{library} holds no .zip; give a folder of archives, one a language, named by its code")
    described = _described(library / MANIFEST)
    works = []
    for path in archives:
        try:
            with zipfile.ZipFile(path) as archive:
                names = [item.filename for item in archive.infolist() if not item.is_dir()]
        except (OSError, zipfile.BadZipFile) as error:
            raise UsageError(f"{path} can't be read ({error})") from error
        works += [described.get((path.stem, name), Work(path.stem, name)) for name in names]
    unwanted = set(left_out)
    if unknown := sorted(unwanted - {(work.language, work.file) for work in works}):
        raise UsageError(f"{library} has no work {'/'.join(unknown[0])}, which is to be left out")
    return [work for work in works if (work.language, work.file) not in unwanted]


def _described(manifest: Path) -> dict[tuple[str, str], Work]:
    if not manifest.exists():
        return {}
    works = [
        Work(
            language=row["language"],
            file=row["file"],
            title=row["title"],
            author=row["author"],
            reason=row["public_domain_reason"],
            repository=row["source_repository"],
            commit=row["commit"],
            licence=row["licence_stated"],
        )
        for row in _rows(
            manifest,
            ("language", "file", "title", "author", "public_domain_reason", "source_repository", "commit",
             "licence_stated"),
        )
    ]  # fmt: skip
    return {(work.language, work.file): work for work in works}


def read_left_out(path: Path) -> list[tuple[str, str]]:
    """(language, file) of the works that a table of tab-separated columns `language` and `file` names.

    Of a file with folders its own name counts. Raises UsageError when it is no such table.
    """
    return [(row["language"], PurePosixPath(row["file"]).name) for row in _rows(path, ("language", "file"))]


def _rows(path: Path, columns: Sequence[str]) -> list[dict[str, str]]:
    """Rows of a table of tab-separated columns, the first line of which names them."""
    try:
        rows = list(csv.DictReader(StringIO(path.read_text(encoding="utf-8")), delimiter="\t", quoting=csv.QUOTE_NONE))
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} can't be read ({error})") from error
    for number, row in enumerate(rows, 2):
        if missing := [column for column in columns if row.get(column) is None]:
            raise UsageError(f"{path}, line {number}: no column {missing[0]}; it needs {', '.join(columns)}")
    return rows


def write_rows(library: Path, works: Sequence[Work], folder: Path) -> dict[str, Work]:
    """The works as JSON Lines that `scenesign build` reads, a file per language in an empty folder.

    Returns the work of each row, by the name that the build gives to its book. Raises UsageError for a text that isn't
    UTF-8.
    """
    folder.mkdir(parents=True)
    named = {}
    for language in dict.fromkeys(work.language for work in works):
        mine = [work for work in works if work.language == language]
        name = f"{language}.jsonl"
        with (
            zipfile.ZipFile(library / f"{language}.zip") as archive,
            open(folder / name, "w", encoding="utf-8", newline="\n") as rows,
        ):
            for number, work in enumerate(mine):
                try:
                    text = archive.read(work.file).decode("utf-8-sig")
                except UnicodeDecodeError as error:
                    raise UsageError(f"{library / language}.zip, {work.file}: not UTF-8 ({error})") from error
                row = {
                    "text": text,
                    "title": work.title,
                    "author": work.author,
                    "language": work.language,
                    "license": work.licence,
                }
                rows.write(json.dumps(row, ensure_ascii=False) + "\n")
                named[f"{name}#{number}"] = work
    return named
