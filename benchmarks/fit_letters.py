"""Fits `transforms/text/letters.tsv`: where the letters and marks beyond ASCII stand in seven Western languages.

    python benchmarks/fit_letters.py LIBRARY_DIR

LIBRARY_DIR holds LANGUAGE.zip with a UTF-8 text a member, called `Author_Title.txt`. Half of the authors are fitted.
`benchmarks/decoding.py` reads those of the other half, which the table never saw.
"""

from __future__ import annotations

import argparse
import math
import re
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from zipfile import ZipFile

from scenesign.pipeline.output import settle_output
from scenesign.transforms.text.encodings import CLASSES, LETTERS_FILE, class_of
from scenesign.transforms.text.lines import normalise

LANGUAGES = ("de", "en", "es", "fr", "it", "nl", "pt")
LEAST = 4  # times that a character has to occur in a language
FOREIGN = re.compile(r"[^\x00-\x7f]")


def is_fitted(name: str) -> bool:
    """Whether a text's author is of the half that is fitted."""
    return zlib.crc32(name.split("_")[0].encode()) % 2 == 0


def texts_of(library: Path, language: str, fitted: bool) -> Iterator[str]:
    """Texts of one half of the authors."""
    with ZipFile(library / f"{language}.zip") as books:
        for name in sorted(books.namelist()):
            if is_fitted(name) == fitted:
                yield normalise(books.read(name).decode("utf-8-sig"))


def bits(count: int, of: int) -> str:
    """Minus log2 of a share as a hexadecimal digit: 0 is always, f is never."""
    return f"{min(15, round(-math.log2((count + 0.01) / (of + 0.3)))):x}"


def rows_of(language: str, texts: Iterable[str]) -> Iterator[str]:
    """A line per character: language, character, its bits, those of the classes before it, and after it."""
    chars: Counter[str] = Counter()
    before: defaultdict[str, Counter[str]] = defaultdict(Counter)
    after: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for text in texts:
        for match in FOREIGN.finditer(text):
            char, at = match[0], match.start()
            chars[char] += 1
            before[char][class_of(text[at - 1 : at])] += 1
            after[char][class_of(text[at + 1 : at + 2])] += 1
    total = sum(chars.values())
    for char, count in sorted(chars.items()):
        if count >= LEAST:
            sides = ("".join(bits(side[char][kind], count) for kind in CLASSES) for side in (before, after))
            yield "\t".join((language, char, bits(count, total), *sides))


def main() -> None:
    """Writes the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("library", type=Path)
    library = parser.parse_args().library
    lines = [line for code in LANGUAGES for line in rows_of(code, texts_of(library, code, fitted=True))]
    LETTERS_FILE.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{LETTERS_FILE}: {len(lines)} rows, {LETTERS_FILE.stat().st_size:,} bytes")


if __name__ == "__main__":
    settle_output()
    main()
