"""How many headings are found in books whose markup says which they are.

    python benchmarks/headings.py FOLDER [--authors all|develop|judge] [--language LANG ...] [--json FILE]

FOLDER/LANG/AUTHOR_TITLE.xml (or .epub, .fb2, .html, .md) are books; .xml is TEI. Their markup is taken away and four
bare texts are made of each: `blank`, a blank line between paragraphs; `lines`, a paragraph a line; `wrapped`, lines
of at most 72 characters (36 of Chinese and Japanese) and a blank line between paragraphs; `spaced`, as `blank` with
four blank lines before a heading and two after it. Each is cleaned as any plain text.

A marked line is a line of `<head>` in a division, `<h1>` to `<h3>`, `<title>` of a section, or `#` to `###`. Marked
lines with nothing between are one heading, as `CHAPTER I` and its title are; so are those that `clean` finds. A
marked heading is hit if a found one holds a part of it, a found one is right if it holds a part of a marked one.
`lines` is the share of marked lines that were found. Neither hit nor error: whatever comes before the first marked
line (title pages), a line that is part of the book's own title, a marked line again as a paragraph, heads of poems and
pictures, and a line of ornament.
Books with fewer than three marked headings are left out. Shares are means over the books of a language; intervals
hold 95 of 100 samples of its books with replacement.

An author is on one side only: rules were made by looking at the books of half of them (`develop`, by a digest of the
name), the others are for judging.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import json
import random
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from enum import Enum
from pathlib import Path
from xml.etree.ElementTree import Element

from scenesign.pipeline.output import settle_output
from scenesign.schemas.records import BlockKind, Source
from scenesign.transforms.read.options import ReadOptions
from scenesign.transforms.read.registry import read_documents
from scenesign.transforms.read.xml import local_name, parse_xml
from scenesign.transforms.support.limits import Limits
from scenesign.transforms.text.clean import CleanText, clean
from scenesign.transforms.text.lines import CJK, normalise

LAYOUTS = ("blank", "lines", "wrapped", "spaced")
WIDTH, IDEOGRAPH_WIDTH = 72, 36
LEAST_MARKED = 3
SAMPLES = 1_000
_PARAGRAPHS = frozenset(
    {"p", "l", "ab", "sp", "salute", "signed", "dateline", "opener", "closer", "item", "trailer", "quote"}
)
_SKIPPED = frozenset({"note", "figure", "teiheader", "front", "back", "fw"})
_NO_DIVISION = frozenset({"lg", "list", "table", "castlist", "floatingtext", "quote"})


class Mark(Enum):
    """What the markup says of a paragraph. OTHER: a heading that counts neither way."""

    HEADING = "heading"
    OTHER = "other"
    PROSE = "prose"


# Line feeds between a paragraph and a heading, as Project Gutenberg sets them; two elsewhere.
_GAPS = {
    (Mark.PROSE, Mark.HEADING): 5,
    (Mark.OTHER, Mark.HEADING): 5,
    (Mark.HEADING, Mark.PROSE): 3,
    (Mark.PROSE, Mark.OTHER): 3,
    (Mark.OTHER, Mark.PROSE): 3,
}
_OF_KIND = {BlockKind.HEADING: Mark.HEADING, BlockKind.BREAK: Mark.OTHER}


@dataclass(frozen=True)
class Tally:
    """Headings marked, those of them that were hit, headings found, those of them that are right; and marked lines."""

    marked: int = 0
    hit: int = 0
    found: int = 0
    right: int = 0
    lines: int = 0
    lines_hit: int = 0

    def share(self, measure: str) -> float | None:
        """`recall`, `precision` or `lines`; None where there is nothing to count."""
        part, whole = {
            "recall": (self.hit, self.marked),
            "precision": (self.right, self.found),
            "lines": (self.lines_hit, self.lines),
        }[measure]
        return part / whole if whole else None


@dataclass(frozen=True)
class Row:
    """A book in one layout."""

    language: str
    book: str
    layout: str
    tally: Tally


def is_develop(name: str) -> bool:
    """Whether a file is of an author whose books rules may be made from."""
    author = name.split("_", 1)[0]
    return hashlib.blake2b(author.encode(), digest_size=1).digest()[0] % 2 == 0


def marked_paragraphs(path: Path) -> list[tuple[str, Mark]]:
    """The paragraphs of a book and what its markup says of each. Raises RejectError where it can't be read."""
    if path.suffix == ".xml":
        root = parse_xml(path.read_bytes(), Limits())
        title = next((_words(element) for element in root.iter() if local_name(element.tag) == "title"), "")
        found = list(tei_paragraphs(root))
    else:
        document = next(iter(read_documents(Source(str(path), path.name, path.stat().st_size), ReadOptions())))
        title = document.title
        found = [
            (text, Mark.HEADING if kind is BlockKind.HEADING else Mark.OTHER if kind is BlockKind.BREAK else Mark.PROSE)
            for text, kind in document.paragraphs or ()
        ]
    paragraphs: list[tuple[str, Mark]] = []
    for text, mark in found:
        for line in normalise(text).split("\n") if mark is not Mark.PROSE else [normalise(text)]:
            squeezed = " ".join(line.split())
            if squeezed:
                twice = mark is Mark.PROSE and bool(paragraphs) and paragraphs[-1] == (squeezed, Mark.HEADING)
                paragraphs.append((squeezed, Mark.OTHER if twice else _judged(squeezed, mark, title)))
    return paragraphs


def tei_paragraphs(root: Element) -> Iterator[tuple[str, Mark]]:
    """Paragraphs and heads of the body of a TEI document, without notes, front and back matter."""
    stack: list[tuple[Element, bool]] = [(root, False)]
    while stack:
        element, inset = stack.pop()
        name = local_name(element.tag)
        if name in _SKIPPED:
            continue
        if name == "head":
            yield _words(element), Mark.OTHER if inset else Mark.HEADING
        elif name == "milestone":
            yield "* * *", Mark.OTHER
        elif name in _PARAGRAPHS and not any(local_name(child.tag) in _PARAGRAPHS | {"head"} for child in element):
            yield _words(element).replace("\n", " "), Mark.PROSE
        else:
            stack += [(child, inset or name in _NO_DIVISION) for child in reversed(element)]


def bare_text(paragraphs: Sequence[tuple[str, Mark]], layout: str) -> str:
    """The paragraphs without their markup, as plain texts are laid out."""
    texts = [text for text, _ in paragraphs]
    if layout == "wrapped":
        texts = [_wrapped(text) for text in texts]
    if layout == "spaced":
        marks = [mark for _, mark in paragraphs]
        gaps = [_GAPS.get((before, mark), 2) for before, mark in itertools.pairwise(marks)]
        return "".join(itertools.chain(*zip(texts, ["\n" * gap for gap in [*gaps, 1]], strict=True)))
    return ("\n" if layout == "lines" else "\n\n").join(texts)


def compare(paragraphs: Sequence[tuple[str, Mark]], cleaned: CleanText) -> Tally | None:
    """Headings marked and found; None where the clean text is not a part of the paragraphs' text."""
    truth = list(_spans(paragraphs))
    blocks = list(
        _spans(
            (cleaned.text[block.start : block.end], _OF_KIND.get(block.kind, Mark.PROSE)) for block in cleaned.blocks
        )
    )
    start = _squeezed(text for text, _ in paragraphs).find(_squeezed([cleaned.text]))
    if start < 0:
        return None
    blocks = [(a + start, b + start, mark) for a, b, mark in blocks]
    first = next((a for a, _, mark in truth if mark is Mark.HEADING), 0)
    neutral = [(a, b) for a, b, mark in truth if mark is Mark.OTHER]
    lines = [(a, b) for a, b, mark in truth if mark is Mark.HEADING]
    found_lines = [(a, b) for a, b, mark in blocks if mark is Mark.HEADING]
    marked, found = _runs(truth), [(a, b) for a, b in _runs(blocks) if b > first]
    right = [span for span in found if _overlapping([span], marked)]
    wrong = [span for span in found if span not in right and not _overlapping([span], neutral)]
    return Tally(
        len(marked),
        _overlapping(marked, found_lines),
        len(right) + len(wrong),
        len(right),
        len(lines),
        _overlapping(lines, found_lines),
    )


def _spans(paragraphs: Iterable[tuple[str, Mark]]) -> Iterator[tuple[int, int, Mark]]:
    """Where each paragraph lies in the text without its white space."""
    at = 0
    for text, mark in paragraphs:
        size = len(_squeezed([text]))
        yield at, at + size, mark
        at += size


def _runs(spans: Iterable[tuple[int, int, Mark]]) -> list[tuple[int, int]]:
    """Headings with no prose between, as one."""
    runs: list[tuple[int, int]] = []
    open_run = False
    for start, end, mark in spans:
        if mark is Mark.HEADING:
            runs.append((runs.pop()[0], end) if open_run else (start, end))
            open_run = True
        elif mark is Mark.PROSE:
            open_run = False
    return runs


def _squeezed(texts: Iterable[str]) -> str:
    return "".join("".join(text.split()) for text in texts)


def mean_share(tallies: Sequence[Tally], measure: str) -> float:
    """Mean of a share over the books that have it; 1 where none has."""
    shares = [share for tally in tallies if (share := tally.share(measure)) is not None]
    return sum(shares) / len(shares) if shares else 1.0


def interval(tallies: Sequence[Tally], measure: str) -> tuple[float, float]:
    """The middle 95 % of the mean over samples of the books with replacement."""
    rng = random.Random(0)
    values = sorted(mean_share(rng.choices(tallies, k=len(tallies)), measure) for _ in range(SAMPLES))
    return values[int(len(values) * 0.025)], values[int(len(values) * 0.975)]


def table(rows: Sequence[Row]) -> str:
    """The rows by language and layout as Markdown."""
    lines = [
        "| language | books | headings | layout | recall | precision | lines |",
        "|---|---:|---:|---|---|---|---:|",
    ]
    for language in sorted({row.language for row in rows}):
        for layout in LAYOUTS:
            tallies = [row.tally for row in rows if row.language == language and row.layout == layout]
            if not tallies:
                continue
            marked = sum(tally.marked for tally in tallies)
            shares = [
                f"{mean_share(tallies, measure):.3f} ({low:.2f}-{high:.2f})"
                for measure in ("recall", "precision")
                for low, high in [interval(tallies, measure)]
            ]
            shares.append(f"{mean_share(tallies, 'lines'):.3f}")
            lines.append(f"| {language} | {len(tallies)} | {marked} | {layout} | {' | '.join(shares)} |")
    return "\n".join(lines)


def _judged(text: str, mark: Mark, title: str) -> Mark:
    letters = "".join(filter(str.isalnum, text.casefold()))
    if mark is Mark.HEADING and (
        not letters or (len(letters) > 3 and letters in "".join(filter(str.isalnum, title.casefold())))
    ):
        return Mark.OTHER
    return mark


def _words(element: Element) -> str:
    """Text of an element without its notes; line breaks as such."""
    parts: list[str] = []
    stack: list[Element | str] = [element]
    while stack:
        item = stack.pop()
        if isinstance(item, str):
            parts.append(" ".join(item.split("\n")))
        elif local_name(item.tag) == "lb":
            parts.append("\n")
        elif local_name(item.tag) not in _SKIPPED:
            inner = [item.text or "", *(part for child in item for part in (child, child.tail or ""))]
            stack += reversed(inner)
    lines = (" ".join(line.split()) for line in "".join(parts).split("\n"))
    return "\n".join(line for line in lines if line)


def _wrapped(text: str) -> str:
    if len(CJK.findall(text)) > len(text) / 3:
        return "\n".join(text[at : at + IDEOGRAPH_WIDTH] for at in range(0, len(text), IDEOGRAPH_WIDTH))
    return "\n".join(
        part
        for line in text.split("\n")
        for part in textwrap.wrap(line, WIDTH, break_on_hyphens=False, break_long_words=False)
    )


def _overlapping(spans: Sequence[tuple[int, int]], others: Sequence[tuple[int, int]]) -> int:
    """How many spans share a character with one of the others. Both in order."""
    count, at = 0, 0
    for start, end in spans:
        while at < len(others) and others[at][1] <= start:
            at += 1
        count += at < len(others) and others[at][0] < end
    return count


def measure(path: Path) -> list[Row]:
    """A row per layout of a book; none where it has too few marked headings."""
    paragraphs = marked_paragraphs(path)
    if sum(mark is Mark.HEADING for _, mark in paragraphs) < LEAST_MARKED:
        return []
    rows = []
    for layout in LAYOUTS:
        tally = compare(paragraphs, clean(bare_text(paragraphs, layout), path.parent.name))
        if tally is None:
            print(f"{path}: left out in layout {layout}, its clean text is not the text of its paragraphs")
        else:
            rows.append(Row(path.parent.name, path.name, layout, tally))
    return rows


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--authors", choices=("all", "develop", "judge"), default="all")
    parser.add_argument("--language", nargs="*")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    paths = [
        path
        for path in sorted(given.folder.glob("*/*.*"))
        if given.authors in ("all", "develop" if is_develop(path.name) else "judge")
        and (not given.language or path.parent.name in given.language)
    ]
    if not paths:
        parser.error(f"{given.folder}: no books in folders named after their language; see --help")
    rows = [row for path in paths for row in measure(path)]
    print(table(rows))
    if given.json:
        given.json.write_text(json.dumps([asdict(row) for row in rows], indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    settle_output()
    main()
