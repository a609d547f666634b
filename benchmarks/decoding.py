"""How many texts come out right of the encodings that their languages were written in, beside chardet on its own.

    python benchmarks/decoding.py LIBRARY_DIR [--pieces N] [--json FILE]

LIBRARY_DIR holds texts in UTF-8, called `Author_Title.txt`, in folders or zip files named by language. Authors that
`benchmarks/fit_letters.py` has seen are left out; a language without a book has a passage in `benchmarks/passages`.
N random pieces of about 150, 500, 2,000 and 20,000 bytes are written in each encoding of their language, less the
characters that it lacks, and read again without being told the language. Each is

- right: equal to the last character to the same text read from UTF-8,
- noted: different, with a note that the encoding is unsure,
- rejected, or
- wrong; `letters` of these have a letter that isn't in the text.

Pieces that an encoding leaves as plain ASCII are not counted: nothing about them can go wrong.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from zipfile import ZipFile

import chardet

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from benchmarks.fit_letters import LANGUAGES as FITTED
from benchmarks.fit_letters import is_fitted
from scenesign.pipeline.output import settle_output
from scenesign.schemas.records import RejectError
from scenesign.transforms.text.decode import decode
from scenesign.transforms.text.encodings import PLAUSIBLE_ENCODINGS

PASSAGES = ROOT / "benchmarks" / "passages"  # written for this project
LENGTHS = (150, 500, 2_000, 20_000)  # bytes
UNICODE = ("utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")
SEVEN_BIT: Mapping[str, tuple[str, ...]] = {"zh": ("hz",), "ja": ("iso2022_jp",), "ko": ("iso2022_kr",)}
_HATS = "\u0302\u0306\u031b"
# Marks that two codecs of Japanese map apart.
_TWINS = str.maketrans("～－∥￠￡￢―", "〜−‖¢£¬—")


@dataclass(frozen=True)
class Row:
    """What became of the pieces of one language in one encoding and length."""

    language: str
    encoding: str
    length: int
    pieces: int = 0
    right: int = 0
    noted: int = 0
    rejected: int = 0
    wrong: int = 0
    letters: int = 0
    peer: int = 0  # right by chardet alone


def encodings_of(language: str) -> tuple[str, ...]:
    """All that a language's texts are put into; cp864 is left out, which has no letters but presentation forms."""
    legacy = tuple(name for name in PLAUSIBLE_ENCODINGS[language] if name != "cp864")
    return (*legacy, *SEVEN_BIT.get(language, ()), *UNICODE)


def encoded(text: str, encoding: str) -> tuple[bytes, str] | None:
    """A text in an encoding, and what of it the encoding can say; None where that is plain ASCII."""
    if encoding == "cp1258":
        text = "".join(map(_tone_apart, unicodedata.normalize("NFC", text)))
    data = text.encode(encoding, "ignore")
    left = data.decode(encoding)
    return None if left.isascii() or not left.strip() else (data, left)


def _tone_apart(letter: str) -> str:
    """A Vietnamese letter as cp1258 writes it: with its hat, breve or horn, its tone behind."""
    parts = unicodedata.normalize("NFD", letter)
    hats = "".join(part for part in parts[1:] if part in _HATS)
    return unicodedata.normalize("NFC", parts[0] + hats) + "".join(part for part in parts[1:] if part not in _HATS)


def outcome(data: bytes, left: str, language: str | None = None) -> str:
    """What becomes of a piece: `right`, `noted`, `rejected`, `wrong` or `letters`."""
    expected = decode(left.encode()).text.translate(_TWINS)
    try:
        found = decode(data, language)
    except RejectError:
        return "rejected"
    text = found.text.translate(_TWINS)
    if text == expected:
        return "right"
    if any("unsure" in note for note in found.notes):
        return "noted"
    return "letters" if any(char.isalpha() for char in set(text) - set(expected)) else "wrong"


def peer_is_right(data: bytes, left: str) -> bool:
    """Whether chardet with its defaults names an encoding that gives the text."""
    name = chardet.detect(data)["encoding"]
    try:
        return name is not None and data.decode(name).translate(_TWINS) == left.translate(_TWINS)
    except (LookupError, UnicodeError):
        return False


def pieces_of(texts: Sequence[str], encoding: str, length: int, count: int, rng: random.Random) -> Iterator[str]:
    """Random pieces that have about so many bytes in an encoding; a text that is too short is one piece."""
    for _ in range(count):
        text = rng.choice(texts)
        share = len(text[:2_000]) / max(1, len(text[:2_000].encode(encoding, "ignore")))
        size = max(1, round(length * share))
        start = rng.randrange(max(1, len(text) - size))
        yield text[start : start + size]


def measure(texts: Mapping[str, Sequence[str]], pieces: int, lengths: Sequence[int] = LENGTHS) -> list[Row]:
    """A row per language, encoding and length. texts: by language. Lengths beyond the longest text are left out."""
    rows = []
    for language, shelf in texts.items():
        longest = max(len(text.encode()) for text in shelf)
        for encoding in encodings_of(language):
            rng = random.Random(0)
            for length in lengths:
                if length > longest:
                    continue
                cut = pieces_of(shelf, encoding, length, pieces, rng)
                found = [whole for piece in cut if (whole := encoded(piece, encoding))]
                counts = Counter(outcome(*whole) for whole in found)
                counts["wrong"] += counts["letters"]
                peer = sum(peer_is_right(*whole) for whole in found)
                rows.append(Row(language, encoding, length, len(found), **counts, peer=peer))
    return rows


def table(rows: Sequence[Row]) -> str:
    """The rows in which not all are right, and sums by length, as Markdown."""
    lines = [
        "| language | encoding | bytes | pieces | right | noted | rejected | wrong | letters | chardet alone |",
        "|---|---|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for row in [*(row for row in rows if row.right < row.pieces), *sums(rows)]:
        counts = (row.right, row.noted, row.rejected, row.wrong, row.letters, row.peer)
        cells = [row.language, row.encoding, f"{row.length:,}", f"{row.pieces:,}"]
        lines.append(f"| {' | '.join([*cells, *(_share(count, row.pieces) for count in counts)])} |")
    return "\n".join(lines)


def sums(rows: Sequence[Row]) -> Iterator[Row]:
    """A row for all that is legacy, and one for Unicode, of each length."""
    for name, legacy in (("legacy", True), ("Unicode", False)):
        for length in sorted({row.length for row in rows}):
            chosen = [row for row in rows if row.length == length and (row.encoding not in UNICODE) is legacy]
            counts = [tuple(asdict(row).values())[3:] for row in chosen]
            if counts:
                yield Row("all", name, length, *map(sum, zip(*counts, strict=True)))


def _share(count: int, of: int) -> str:
    return f"{count / of:.1%}".replace("100.0%", "100%").replace("0.0%", "0%").replace("%", " %") if of else "-"


def load(library: Path) -> dict[str, list[str]]:
    """Texts by language: books whose authors were not fitted, else a passage."""
    texts: dict[str, list[str]] = {}
    for language in PLAUSIBLE_ENCODINGS:
        books = [text for name, text in _books(library, language) if language not in FITTED or not is_fitted(name)]
        if books := books or [text for _, text in _books(PASSAGES, language)]:
            texts[language] = books
    return texts


def _books(library: Path, language: str) -> Iterator[tuple[str, str]]:
    """Names and texts."""
    packed = library / f"{language}.zip"
    if packed.is_file():
        with ZipFile(packed) as members:
            for name in sorted(members.namelist()):
                yield name, members.read(name).decode("utf-8-sig")
    for path in sorted((*(library / language).glob("*.txt"), *library.glob(f"{language}.txt"))):
        yield path.name, path.read_text(encoding="utf-8-sig")


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("library", type=Path)
    parser.add_argument("--pieces", type=int, default=20)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    rows = measure(load(given.library), given.pieces)
    print(table(rows))
    if given.json:
        given.json.write_text(json.dumps([asdict(row) for row in rows], indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    settle_output()
    main()
