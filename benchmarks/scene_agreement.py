"""Whether translations of one text get the same scenes, and how long scenes are in each language.

    python benchmarks/scene_agreement.py [--only agreement|information|lengths] [--penalty X] [--json FILE]

**Agreement.** Scenes are found in each language by itself. A boundary is matched with at most one of the translation:

- stories (`examples/library`): a boundary lies in the paragraph that its scene starts in; paragraphs correspond one to
  one. Strict: the same paragraph; near: the same or the next on either side.
- verses (a table as of `benchmarks/inventory.py --aligned`): the same with verses.
- chapters (lines of JSON with the paragraphs of a chapter in two languages): chapters correspond, and in each the
  sentences are projected into the translation, both ways, by dynamic time warping over the cosines of their vectors or
  by their share of the chapter's characters of information. Strict: within 1 sentence; near: within 3.

Boundaries that the text marks itself, by a heading or a break in either language, don't count; without headings the
starts of chapters count like others. F1 is over all boundaries of a source, with a 95 % interval over samples with
replacement of what lies between two marked boundaries. By chance: the boundaries of the second language at random (the
mean of twenty draws), evenly spaced, or both evenly spaced. Projection both ways has a pair of languages counted twice.

**Information.** A Han character counts 3, kana 1.4, hangul 2, any other 1: what languages take for the same text.

**Lengths.** Scenes of a library, a zip per language of files called `Author_Title.txt`: the first N titles by name, at
most one an author. Characters are those of prose. Sources that are absent are skipped.
"""

from __future__ import annotations

import argparse
import itertools
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from benchmarks.meanings.intervals import Estimate, estimate
from benchmarks.scene_agreements.information import Spent, spent
from benchmarks.scene_agreements.lengths import Lengths, library_lengths
from benchmarks.scene_agreements.matching import Matches, aligned, by_share, compare, projected
from benchmarks.scene_agreements.parallel import (
    Cut,
    Parallel,
    cut_edition,
    read_chapters,
    read_stories,
    read_verses,
)
from scenesign.pipeline.output import settle_output
from scenesign.transforms.embedders.registry import DEFAULT_EMBEDDER, kept_embedder
from scenesign.transforms.scenes.find import SceneOptions

SHARED = ROOT.parent / "shared"
PARALLEL = SHARED / "data" / "parallel"
UNITS, SENTENCES = (0, 1), (1, 3)  # strict and near
FLORES = {"eng_Latn": "en", "rus_Cyrl": "ru", "zho_Hans": "zh", "zho_Hant": "zh-Hant"}
PARTS = ("agreement", "information", "lengths")


@dataclass(frozen=True)
class Row:
    """F1 of two languages on one source. random, even, both_even: of near matches by chance."""

    source: str
    languages: str
    left: int
    right: int
    strict: Estimate
    strict_random: Estimate
    near: Estimate
    random: Estimate
    even: Estimate
    both_even: Estimate


def row(source: str, languages: str, matches: Sequence[Matches]) -> Row:
    """Sums matches up; each is a group of its own in the intervals."""

    def f1(of: Callable[[Matches], float]) -> Estimate:
        weights = [m.left + m.right for m in matches]
        return estimate([2 * of(m) for m in matches], range(len(matches)), weights, count=sum(weights))

    return Row(
        source,
        languages,
        sum(m.left for m in matches),
        sum(m.right for m in matches),
        strict=f1(lambda m: m.found[0]),
        strict_random=f1(lambda m: m.random[0]),
        near=f1(lambda m: m.found[1]),
        random=f1(lambda m: m.random[1]),
        even=f1(lambda m: m.even[1]),
        both_even=f1(lambda m: m.both_even[1]),
    )


Compare = Callable[[Cut, Cut], list[Matches]]


def compare_units(ours: Cut, theirs: Cut) -> list[Matches]:
    """By the units that boundaries lie in."""
    return compare(ours.side(), theirs.side(), UNITS)


def compare_warped(ours: Cut, theirs: Cut) -> list[Matches]:
    """By sentences, projected both ways along the vectors."""
    return _both_ways(ours, theirs, lambda a, b, left, right: aligned(a.vectors[left] @ b.vectors[right].T))


def compare_shares(ours: Cut, theirs: Cut) -> list[Matches]:
    """By sentences, projected both ways by share of the unit."""
    return _both_ways(ours, theirs, lambda a, b, left, right: by_share(a.sizes[left], b.sizes[right]))


def _both_ways(ours: Cut, theirs: Cut, project: Callable[[Cut, Cut, slice, slice], list[int]]) -> list[Matches]:
    found: list[Matches] = []
    for a, b in ((ours, theirs), (theirs, ours)):
        at = projected(a.units, b.units, lambda left, right, a=a, b=b: project(a, b, left, right))
        found += compare(a.side(at), b.side(tuple(range(len(b.units)))), SENTENCES)
    return found


def agreement(
    books: Sequence[Parallel], ways: Mapping[str, Compare], embedder: str, options: SceneOptions
) -> Iterator[Row]:
    """A row for each pair of languages and each way to compare. ways: by the name of the source and way."""
    model = kept_embedder(embedder)
    cuts = [{lang: cut_edition(e, model, options) for lang, e in book.editions.items()} for book in books]
    for name, compare_by in ways.items():
        for ours, theirs in dict.fromkeys(pair for cut in cuts for pair in itertools.combinations(cut, 2)):
            both = [cut for cut in cuts if ours in cut and theirs in cut]
            matches = [found for cut in both for found in compare_by(cut[ours], cut[theirs])]
            yield row(name, f"{ours}-{theirs}", matches)


def agreements(arguments: argparse.Namespace, options: SceneOptions) -> Iterator[Row]:
    """Rows of every source that is there."""
    embedder = arguments.embedder
    if present(arguments.stories):
        stories, left_out = read_stories(arguments.stories, embedder)
        print(*left_out, sep="\n", end="\n" * bool(left_out))
        yield from agreement(stories, {"stories": compare_units}, embedder, options)
    for source, read, ways in (
        (arguments.verses, read_verses, {"verses": compare_units}),
        (arguments.chapters, read_chapters, {"chapters, warped": compare_warped, "chapters, by share": compare_shares}),
    ):
        for headings in (True, False) if present(source) else ():
            named = {f"{way}, headings {'shown' if headings else 'hidden'}": by for way, by in ways.items()}
            yield from agreement(read(source, headings), named, embedder, options)


def same_texts(arguments: argparse.Namespace) -> Iterator[tuple[str, list[Spent]]]:
    """What languages take for the same text, by source."""
    if present(arguments.sentences):
        files = {FLORES.get(path.stem, path.stem): path for path in sorted(arguments.sentences.glob("*_*.dev"))}
        texts = {language: path.read_text(encoding="utf-8").splitlines() for language, path in files.items()}
        yield "sentences", spent({lang: lines for lang, lines in texts.items() if lang in FLORES.values()})
    for source, books in (
        ("verses", read_verses(arguments.verses, headings=False) if present(arguments.verses) else ()),
        ("chapters", read_chapters(arguments.chapters, headings=False) if present(arguments.chapters) else ()),
        ("stories", read_stories(arguments.stories, arguments.embedder)[0] if present(arguments.stories) else ()),
    ):
        if books:
            yield source, spent({lang: [b.editions[lang].book.text for b in books] for lang in books[0].editions})


def present(path: Path) -> bool:
    """Whether a source is there; says so where it isn't."""
    if not path.exists():
        print(f"{path}: not here, skipped")
    return path.exists()


def agreement_table(rows: Sequence[Row]) -> list[str]:
    """Markdown."""
    return [
        "| source | languages | boundaries | F1 strict | by chance | F1 near | at random | even | both even |",
        "|---|---|---:|---|---:|---|---:|---:|---:|",
        *(
            f"| {r.source} | {r.languages} | {r.left:,}/{r.right:,} | {r.strict.show()} | {r.strict_random.mean:.3f} | "
            f"{r.near.show()} | {r.random.mean:.3f} | {r.even.mean:.3f} | {r.both_even.mean:.3f} |"
            for r in rows
        ),
    ]


def information_table(found: Sequence[tuple[str, list[Spent]]]) -> list[str]:
    """Markdown."""
    return [
        "| same text | language | characters per English one | of information | script | weight that makes it 1 |",
        "|---|---|---:|---:|---|---:|",
        *(
            f"| {source} | {s.language} | {s.plain:.3f} | {s.information:.3f} | {s.script} | {s.weight:.2f} |"
            for source, rows in found
            for s in rows
        ),
    ]


def lengths_table(rows: Sequence[Lengths]) -> list[str]:
    """Markdown; ratios to English where it is there."""
    english = next((r for r in rows if r.language == "en"), None)

    def ratio(name: str, of: Lengths) -> str:
        return f"{getattr(of, name) / getattr(english, name):.2f}" if english else "-"

    return [
        "| language | books | scenes | characters, median | mean | of information, median | mean | "
        "to English, median | mean | sentences, median (95 %) | at the most | information a sentence |",
        "|---|" + "---:|" * 11,
        *(
            f"| {r.language} | {r.books} | {r.scenes:,} | {r.median_characters:,.0f} | {r.mean_characters:,.0f} | "
            f"{r.median_information:,.0f} | {r.mean_information:,.0f} | {ratio('median_information', r)} | "
            f"{ratio('mean_information', r)} | {r.median_sentences:.0f} ({r.low:.0f}-{r.high:.0f}) | {r.full:.1%} | "
            f"{r.information_per_sentence:.0f} |"
            for r in rows
        ),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--stories", type=Path, metavar="DIR", default=ROOT / "examples" / "library")
    parser.add_argument("--verses", type=Path, metavar="FILE", default=PARALLEL / "bible" / "aligned_en_ru_zh.tsv")
    parser.add_argument(
        "--chapters", type=Path, metavar="FILE", default=PARALLEL / "anna_karenina" / "chapters_en_ru.jsonl"
    )
    parser.add_argument("--sentences", type=Path, metavar="DIR", default=PARALLEL / "flores_dev", help="of FLORES+")
    parser.add_argument("--library", type=Path, metavar="DIR", default=SHARED / "library", help="a zip per language")
    parser.add_argument("--books", type=int, metavar="N", default=4, help="of a language (default 4)")
    parser.add_argument("--embedder", metavar="NAME", default=DEFAULT_EMBEDDER, help="as of `scenesign build`")
    parser.add_argument("--penalty", type=float, metavar="X", default=SceneOptions.penalty, help="as of `build`")
    parser.add_argument("--json", type=Path, metavar="FILE", help="every number")
    arguments = parser.parse_args()
    options = SceneOptions(penalty=arguments.penalty)
    content: dict[str, object] = {"options": asdict(options)}
    if "agreement" in arguments.only:
        rows = list(agreements(arguments, options))
        print("\n## Agreement\n", *agreement_table(rows), sep="\n")
        content["agreement"] = [asdict(r) for r in rows]
    if "information" in arguments.only:
        texts = list(same_texts(arguments))
        print("\n## Information\n", *information_table(texts), sep="\n")
        content["information"] = [{"source": source, **asdict(s)} for source, found in texts for s in found]
    if "lengths" in arguments.only and present(arguments.library):
        sizes, left_out = library_lengths(arguments.library, arguments.books, arguments.embedder, options)
        print(*left_out, sep="\n", end="\n" * bool(left_out))
        print("\n## Lengths\n", *lengths_table(sizes), sep="\n")
        content["lengths"] = [asdict(r) for r in sizes]
    if arguments.json:
        arguments.json.write_text(json.dumps(content, indent=1), encoding="utf-8")


if __name__ == "__main__":
    settle_output()
    main()
