"""How many files come out right, encoding by encoding, beside charset-normalizer on its own.

    python benchmarks/decoding.py [DATA_DIR ...] [--pieces N] [--json FILE]

Every UTF-8 text in the folders en, ru and zh of DATA_DIR is written in each encoding that its language was ever common
in, less the characters that the encoding lacks, and read again: whole, and as N random pieces of 2,000 characters.
Right means equal to the last character. `told` knows the language, `untold` doesn't; charset-normalizer (`peer`) gets
the pieces. Files that an encoding leaves as plain ASCII are not counted: nothing about them can go wrong.
"""

from __future__ import annotations

import argparse
import json
import random
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from charset_normalizer import from_bytes

from scenesign.schemas.records import RejectError
from scenesign.transforms.text.decode import decode

ROOT = Path(__file__).resolve().parents[1]
DATA = (ROOT.parent / "shared" / "data" / "books", ROOT / "examples" / "library")
UNICODE = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be")
ENCODINGS: Mapping[str, tuple[str, ...]] = {
    "en": ("cp1252", "mac-roman", "cp437", "iso8859-15", *UNICODE),
    "ru": ("cp1251", "koi8-r", "cp866", "iso8859-5", "mac-cyrillic", *UNICODE),
    "zh": ("gb18030", "gbk", "gb2312", "big5", "hz", *UNICODE),
}
PIECE = 2_000  # characters


@dataclass(frozen=True)
class Row:
    """Files read and files right, of one language in one encoding."""

    language: str
    encoding: str
    files: int = 0
    told: int = 0
    untold: int = 0
    pieces: int = 0
    pieces_told: int = 0
    pieces_untold: int = 0
    pieces_peer: int = 0


def encoded(text: str, encoding: str) -> tuple[bytes, str] | None:
    """A text in an encoding, and what of it the encoding can say; None where that is plain ASCII."""
    data = text.encode(encoding, "ignore")
    left = data.decode(encoding).removeprefix("\ufeff")
    return None if left.isascii() or not left.strip() else (data, unicodedata.normalize("NFC", left))


def is_right(data: bytes, expected: str, language: str | None) -> bool:
    """Whether a file comes out as it went in."""
    try:
        return decode(data, language).text == expected
    except RejectError:
        return False


def peer_is_right(data: bytes, expected: str) -> bool:
    """The same for charset-normalizer with its defaults."""
    best = from_bytes(data).best()
    return best is not None and str(best).removeprefix("\ufeff") == expected


def pieces_of(text: str, count: int, rng: random.Random) -> Iterator[str]:
    """Random pieces of a text."""
    for _ in range(count):
        start = rng.randrange(max(1, len(text) - PIECE))
        yield text[start : start + PIECE]


def measure(texts: Mapping[str, list[str]], pieces: int) -> list[Row]:
    """A row per language and encoding. texts: by language."""
    rows = []
    for language, encodings in ENCODINGS.items():
        for encoding in encodings:
            rng = random.Random(0)
            whole = [found for text in texts.get(language, []) if (found := encoded(text, encoding))]
            short = [
                found
                for text in texts.get(language, [])
                for piece in pieces_of(text, pieces, rng)
                if (found := encoded(piece, encoding))
            ]
            rows.append(
                Row(
                    language,
                    encoding,
                    files=len(whole),
                    told=sum(is_right(*found, language) for found in whole),
                    untold=sum(is_right(*found, None) for found in whole),
                    pieces=len(short),
                    pieces_told=sum(is_right(*found, language) for found in short),
                    pieces_untold=sum(is_right(*found, None) for found in short),
                    pieces_peer=sum(peer_is_right(*found) for found in short),
                )
            )
    return rows


def table(rows: list[Row]) -> str:
    """The rows as Markdown, and their sums."""
    lines = [
        "| language | encoding | files | told | untold | pieces | told | untold | peer |",
        "|---|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for row in [*rows, *_sums(rows)]:
        shares = [_share(row.told, row.files), _share(row.untold, row.files)]
        parts = [_share(count, row.pieces) for count in (row.pieces_told, row.pieces_untold, row.pieces_peer)]
        cells = [row.language, row.encoding, str(row.files), *shares, str(row.pieces), *parts]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _sums(rows: list[Row]) -> Iterator[Row]:
    for name, chosen in (
        ("legacy", [row for row in rows if row.encoding not in UNICODE]),
        ("Unicode", [row for row in rows if row.encoding in UNICODE]),
    ):
        counts = [tuple(asdict(row).values())[2:] for row in chosen]
        yield Row("all", name, *map(sum, zip(*counts, strict=True)))


def _share(count: int, of: int) -> str:
    return f"{count / of:.1%}".replace("100.0%", "100%").replace("%", " %") if of else "-"


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", nargs="*", type=Path, default=DATA)
    parser.add_argument("--pieces", type=int, default=4)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    texts = {
        language: [
            unicodedata.normalize("NFC", path.read_text(encoding="utf-8-sig"))
            for folder in given.data
            for path in sorted((folder / language).glob("*.txt"))
        ]
        for language in ENCODINGS
    }
    if not any(texts.values()):
        parser.error(f"{', '.join(map(str, given.data))}: no .txt files in folders {', '.join(ENCODINGS)} of it")
    rows = measure(texts, given.pieces)
    print(table(rows))
    if given.json:
        given.json.write_text(json.dumps([asdict(row) for row in rows], indent=1) + "\n")


if __name__ == "__main__":
    main()
