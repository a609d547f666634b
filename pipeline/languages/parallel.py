"""Reads aligned text: the same content in several languages, cut at the same places.

Forms: a TSV or JSONL file with a column per language; a folder with a file per language (`en.txt`, `ru.txt`,
or the FLORES layout `eng_Latn.dev`) of equal line counts; a folder of such files and folders. A small TOML
beside it says
what it is: `NAME.toml` beside `NAME.tsv`, `corpus.toml` inside a folder. Its keys, all optional:

    name = "Anna Karenina"
    source_language = "ru"        # what was written first
    licence = "public domain"
    unit = "paragraph"            # what a row is
    document = "story"            # the column that says which text a row belongs to
    [languages]                   # columns (or files) to read, where their names don't say the language
    en_kjv = "en"
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from scenesign.schemas.languages import UNSTATED, ParallelText

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

TABLES = (".tsv", ".jsonl")
ABOUT = "corpus.toml"
DOCUMENT_COLUMNS = ("document", "doc", "story", "book")
FLORES_FILE = re.compile(r"(?P<code>[a-z]{3}_[A-Z][a-z]{3})\.(?P<part>dev|devtest)$")

# ISO 639-1 codes that make a column name a language. `id` is left to the TOML: most `id` columns aren't
# Indonesian.
_TWO_LETTERS = """
af am ar as az be bg bn br bs ca cs cy da de dz el en eo es et eu fa fi fo fr ga gl gu he hi hr ht hu hy is
it ja jv ka kk km kn ko ku ky la lb lo lt lv mg mk ml mn mr ms mt nb ne nl nn no oc or pa pl ps pt qu ro ru
rw se si sk sl sq sr sv sw ta te th tl tr ug uk ur uz vi vo wa xh yi zh zu
"""
TWO_LETTERS = frozenset(_TWO_LETTERS.split())
# ISO 639-3 codes, as FLORES writes them, with their two letters. Languages without any keep three.
_THREE_LETTERS = """
afr:af amh:am arb:ar asm:as azj:az bel:be bul:bg ben:bn bos:bs cat:ca ces:cs cym:cy dan:da deu:de dzo:dz
ell:el eng:en epo:eo spa:es est:et eus:eu pes:fa fin:fi fao:fo fra:fr gle:ga glg:gl guj:gu heb:he hin:hi
hrv:hr hat:ht hun:hu hye:hy ind:id isl:is ita:it jpn:ja jav:jv kat:ka kaz:kk khm:km kan:kn kor:ko kmr:ku
kir:ky ltz:lb lao:lo lit:lt lvs:lv plt:mg mkd:mk mal:ml khk:mn mar:mr zsm:ms mlt:mt nob:nb npi:ne nld:nl
nno:nn oci:oc ory:or pan:pa pol:pl pbt:ps por:pt quy:qu ron:ro rus:ru kin:rw sin:si slk:sk slv:sl als:sq
srp:sr swe:sv swh:sw tam:ta tel:te tha:th tgl:tl tur:tr uig:ug ukr:uk urd:ur uzn:uz vie:vi xho:xh ydd:yi
zho:zh zul:zu
"""
THREE_LETTERS = dict(pair.split(":") for pair in _THREE_LETTERS.split())


class ParallelTextError(ValueError):
    """Aligned text that can't be used: one line that names the file, what is wrong and what to do."""


@dataclass(frozen=True)
class About:
    """What a TOML says of a corpus. languages: column or file name -> language code."""

    name: str = ""
    source_language: str = UNSTATED
    licence: str = UNSTATED
    unit: str = ""
    document: str = ""
    languages: Mapping[str, str] = field(default_factory=dict)


def read_parallel(path: Path) -> list[ParallelText]:
    """Every corpus at a path: one for a file, one or more for a folder, in the order of their names.

    Raises ParallelTextError for what can't be read as aligned text.
    """
    if path.is_file():
        return [read_aligned(path)]
    if not path.is_dir():
        raise ParallelTextError(f"{path}: no such file or folder")
    found = _read_folder(path, {path.resolve()})
    if not found:
        raise ParallelTextError(
            f"{path}: no aligned text in it: expected .tsv or .jsonl files, or one text file per language"
            " (en.txt, ru.txt, or FLORES's eng_Latn.dev)"
        )
    return found


def _read_folder(path: Path, seen: set[Path]) -> list[ParallelText]:
    """seen: real paths of folders that are read once already; links may lead to them, and in circles."""
    files = sorted(p for p in path.iterdir() if p.is_file() and not p.name.startswith("."))
    flores = [p for p in files if FLORES_FILE.search(p.name)]
    if flores:
        parts = sorted({p.suffix for p in flores})
        return [_read_flores(path, [p for p in flores if p.suffix == part]) for part in parts]
    about = read_about(path / ABOUT)
    by_language = {p: about.languages.get(p.name) or language_of(p.stem) for p in files if p.suffix == ".txt"}
    lines = {code: p for p, code in by_language.items() if code}
    if len(lines) > 1:
        return [_from_lines(path, lines, replace(about, name=about.name or path.name))]
    tables = [p for p in files if p.suffix in TABLES and _says_languages(p)]
    found = [read_aligned(p, default_name=path.name if len(tables) == 1 else "") for p in tables]
    folders = []
    for folder in sorted(p for p in path.iterdir() if p.is_dir() and not p.name.startswith(".")):
        if (real := folder.resolve()) not in seen:
            seen.add(real)
            folders.append(folder)
    for folder in folders:
        found += _read_folder(folder, seen)
    return found


def _says_languages(path: Path) -> bool:
    """Whether a table has a language column at all: data folders hold other tables too."""
    return path.with_suffix(".toml").exists() or path.suffix == ".jsonl" or bool(_columns(path))


def _columns(path: Path) -> list[str]:
    with path.open(encoding="utf-8-sig", errors="replace") as file:
        return [c for c in file.readline().rstrip("\r\n").split("\t") if language_of(c)]


def _read_flores(folder: Path, files: Sequence[Path]) -> ParallelText:
    # FLORES was written in English (from Wikinews, Wikijunior and Wikivoyage) and translated: Goyal et al.
    # 2022
    given = read_about(folder / ABOUT)
    about = replace(
        given,
        name=given.name or f"FLORES {files[0].suffix[1:]}",
        source_language="en" if given.source_language == UNSTATED else given.source_language,
        licence="CC-BY-SA-4.0" if given.licence == UNSTATED else given.licence,
        unit=given.unit or "sentence",
    )
    by_language: dict[str, Path] = {}
    for path in files:
        code = path.name.split(".")[0]
        # two scripts of one language are two columns: the first keeps the bare code
        language = language_of(code) or code
        by_language[code.replace("_", "-") if language in by_language else language] = path
    return _from_lines(folder, by_language, about)


def _from_lines(folder: Path, files: Mapping[str, Path], about: About) -> ParallelText:
    columns = {language: _lines(path) for language, path in files.items()}
    counts = {language: len(lines) for language, lines in columns.items()}
    if len(set(counts.values())) > 1:
        said = ", ".join(f"{files[language].name} {count}" for language, count in counts.items())
        raise ParallelTextError(f"{folder}: the files differ in lines ({said}); line i of each must say the same")
    return _corpus(folder, columns, (), about)


def read_aligned(path: Path, default_name: str = "") -> ParallelText:
    """The corpus of a TSV or JSONL file, with the TOML beside it if there is one."""
    if path.suffix not in TABLES:
        raise ParallelTextError(f"{path}: aligned text is a .tsv, a .jsonl, or a folder with a file per language")
    about = read_about(path.with_suffix(".toml"))
    about = replace(about, name=about.name or default_name or path.stem)
    rows = _tsv(path) if path.suffix == ".tsv" else _jsonl(path)
    if not rows:
        raise ParallelTextError(f"{path}: no rows")
    columns = _language_columns(path, list(rows[0]), about)
    texts, documents = _cells(path, rows, columns, _document_column(path, list(rows[0]), about))
    return _corpus(path, texts, documents, about)


def _language_columns(path: Path, header: Sequence[str], about: About) -> dict[str, str]:
    """The language of each column that is named after one. Raises ParallelTextError below two, or for one twice."""
    if about.languages:
        lost = [name for name in about.languages if name not in header]
        if lost:
            raise ParallelTextError(
                f"{path}: no column {lost[0]!r}, which {path.with_suffix('.toml').name} lists under"
                f" [languages]; it has {', '.join(header)}"
            )
        return dict(about.languages)
    found = {name: code for name in header if (code := language_of(name))}
    if len(found) < 2:
        raise ParallelTextError(
            f"{path}: needs a column per language, at least two (en, ru, ...); it has {', '.join(header)}."
            f" Name them in {path.with_suffix('.toml').name} under [languages]"
        )
    twice = [name for name, code in found.items() if list(found.values()).count(code) > 1]
    if twice:
        raise ParallelTextError(
            f"{path}: columns {' and '.join(twice)} are the same language;"
            f" choose in {path.with_suffix('.toml').name} under [languages]"
        )
    return found


def _document_column(path: Path, header: Sequence[str], about: About) -> str:
    if about.document and about.document not in header:
        raise ParallelTextError(f"{path}: no column {about.document!r}, which its TOML names as document")
    return about.document or next((c for c in DOCUMENT_COLUMNS if c in header), "")


def _cells(
    path: Path, rows: Sequence[Mapping[str, Any]], columns: Mapping[str, str], document: str
) -> tuple[dict[str, list[str]], list[str]]:
    """Text of each row by language. Lists align item by item where their lengths agree in every row, else by
    row.
    """
    texts: dict[str, list[str]] = {language: [] for language in columns.values()}
    documents: list[str] = []
    by_item = all(
        all(isinstance(row.get(c), list) for c in columns) and len({len(row[c]) for c in columns}) == 1 for row in rows
    )
    for number, row in enumerate(rows, start=2 if path.suffix == ".tsv" else 1):
        for column, language in columns.items():
            value = row.get(column)
            if value is None:
                raise ParallelTextError(f"{path}, line {number}: {column!r} ({language}) is missing")
            items = value if isinstance(value, list) else [value]
            if not all(isinstance(item, str) for item in items):
                raise ParallelTextError(f"{path}, line {number}: {column!r} is neither text nor a list of texts")
            texts[language] += items if by_item else ["\n".join(items)]
        if document:
            rows_now = len(next(iter(texts.values())))
            documents += [str(row[document])] * (rows_now - len(documents))
    return texts, documents


def _corpus(path: Path, columns: Mapping[str, Sequence[str]], documents: Sequence[str], about: About) -> ParallelText:
    """Drops rows with an empty cell, and checks that every column is in the language it is said to be in."""
    count = len(next(iter(columns.values())))
    empty = {i: lang for lang, texts in columns.items() for i, text in enumerate(texts) if not text.strip()}
    keep = [i for i in range(count) if i not in empty]
    if not keep:
        raise ParallelTextError(f"{path}: no row has text in every language")
    warnings: list[str] = []
    if empty:
        first = min(empty)
        warnings.append(
            f"{path}: {len(empty)} of {count} rows have an empty cell and are left out, first row {first + 1}"
            f" ({empty[first]})"
        )
    texts = {language: tuple(column[i] for i in keep) for language, column in columns.items()}
    warnings += [w for lang, column in texts.items() if (w := language_warning(path, lang, column))]
    return ParallelText(
        name=about.name,
        texts=texts,
        documents=tuple(documents[i] for i in keep) if documents else (),
        source_language=about.source_language,
        licence=about.licence,
        unit=about.unit or "row",
        path=str(path),
        warnings=tuple(warnings),
    )


def language_of(name: str) -> str | None:
    """The language that a column or file is named after: `en`, `ru_synodal`, `zh-Hans`, `eng_Latn`; else
    None.

    Traditional Chinese is a column of its own, `zh-Hant`.
    """
    first, *rest = re.split(r"[-_.]", name)
    code = first if first in TWO_LETTERS else THREE_LETTERS.get(first)
    if code == "zh" and {part.lower() for part in rest} & {"hant", "tw", "hk"}:
        return "zh-Hant"
    return code


def language_warning(path: Path, language: str, texts: Sequence[str]) -> str | None:
    """A warning when a sample of a column reads as another language, else None.

    Only the sample's first choice counts, and only among languages that the detector knows.
    """
    from py3langid import classify

    step = max(1, len(texts) // 200)
    sample = " ".join(texts[::step])[:20_000]
    if len(sample) < 50:  # a guess from a line or two is no ground for a warning
        return None
    guess = classify(sample)[0]
    # a detector of 97 languages is no judge of the rest, nor of the standards of Norwegian or Serbo-Croatian
    kin = {"nb": "no", "nn": "no", "no": "no", "bs": "sh", "hr": "sh", "sr": "sh", "id": "ms", "ms": "ms"}
    stated = language.split("-")[0]
    if stated not in TWO_LETTERS | {"id"} or kin.get(guess, guess) == kin.get(stated, stated):
        return None
    return f"{path}: the {language} column reads as {guess}, not {language}; check that columns aren't swapped"


def read_about(path: Path) -> About:
    """The TOML at a path, or an empty `About` where there is none. Raises ParallelTextError for a bad one."""
    if not path.exists():
        return About()
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ParallelTextError(f"{path}: not a TOML file: {error}") from error
    unknown = sorted(set(data) - set(About.__dataclass_fields__))
    if unknown:
        known = ", ".join(About.__dataclass_fields__)
        raise ParallelTextError(f"{path}: unknown key {unknown[0]!r}; known: {known}")
    for key, value in data.items():
        right = (
            isinstance(value, dict) and all(isinstance(v, str) for v in value.values())
            if key == "languages"
            else isinstance(value, str)
        )
        if not right:
            raise ParallelTextError(f"{path}: {key} must be {'a table' if key == 'languages' else 'a line'} of text")
    return About(**data)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ParallelTextError(f"{path}: not UTF-8 (byte {error.start}); convert it first") from error


def _lines(path: Path) -> list[str]:
    # not splitlines(): U+2028 and U+0085 inside a sentence would shift every line below
    lines = [line.removesuffix("\r") for line in _text(path).split("\n")]
    return lines[:-1] if lines[-1] == "" else lines


def _tsv(path: Path) -> list[dict[str, str]]:
    lines = _lines(path)
    header = lines[0].split("\t") if lines else []
    rows = []
    for number, line in enumerate(lines[1:], start=2):
        cells = line.split("\t")
        if len(cells) != len(header):
            raise ParallelTextError(f"{path}, line {number}: {len(cells)} cells, but the header has {len(header)}")
        rows.append(dict(zip(header, cells, strict=True)))
    return rows


def _jsonl(path: Path) -> list[dict[str, Any]]:
    rows = []
    for number, line in enumerate(_lines(path), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            raise ParallelTextError(f"{path}, line {number}: not JSON ({error.msg})") from error
        if not isinstance(row, dict):
            raise ParallelTextError(f"{path}, line {number}: not a JSON object")
        rows.append(row)
    return rows
