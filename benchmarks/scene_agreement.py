"""Whether translations of one text get the same scenes, and how long scenes are in each language.

    python benchmarks/scene_agreement.py [--only agreement|information|lengths] [--penalty X] [--json FILE]

**Agreement.** Scenes are found in each language by itself. A boundary is matched with at most one of the translation:

- stories (`examples/library`): a boundary lies in the paragraph that its scene starts in; paragraphs correspond one to
  one. Strict: the same paragraph; near: the same or the next on either side.
- verses (a table as of `benchmarks/inventory.py --aligned`): the same with verses. A chapter is a paragraph, or each
  verse is.
- chapters (lines of JSON with the paragraphs of a chapter in two languages): chapters correspond, and in each the
  sentences are projected into the translation, there and back, by dynamic time warping over the cosines of their
  vectors, or by their share of the chapter's characters of information. Strict: within 1 sentence; near: within 3.
- novels (of the library below, as `benchmarks/scene_agreements/library.py` lists them): whole books, by warping.

Boundaries that the text marks itself, by a heading or a break in either language, don't count. With headings hidden
these are taken out of the text, and what follows them counts like any other place. F1 is over all boundaries of a
source, with a 95 % interval over samples, with replacement, of what lies between two marked boundaries (of all pairs
of languages together: of books). By chance: the boundaries of the second language at random (the mean of twenty draws),
evenly spaced, or both evenly spaced. How right the projections are is told by the stories and verses, each story and
book projected as a whole.

**Information.** What languages take for the same text in characters, and in characters of information, in which each
script has its weight (`transforms/scenes/information.py`).

**Lengths.** Scenes of a library, a zip per language of files called `Author_Title.txt`: the first N titles by name, at
most one an author. Sizes are those of prose, intervals over books. Marked: scenes that start where the text marks it;
free: scenes with no such boundary at either end; in a talk: those not marked that start with a spoken sentence after
another. Sources that are absent are skipped.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from benchmarks.scene_agreements.agreement import (
    PROJECT,
    Compare,
    Projection,
    Row,
    agreement,
    compare_sentences,
    compare_units,
    projections,
)
from benchmarks.scene_agreements.information import Spent, spent
from benchmarks.scene_agreements.lengths import library_lengths
from benchmarks.scene_agreements.library import read_novels
from benchmarks.scene_agreements.parallel import Parallel, cut_edition, read_chapters, read_stories, read_verses
from benchmarks.scene_agreements.tables import agreement_table, information_table, lengths_table, projection_table
from scenesign.pipeline.output import settle_output
from scenesign.transforms.embedders.registry import DEFAULT_EMBEDDER
from scenesign.transforms.scenes.find import SceneOptions
from scenesign.transforms.scenes.sizes import SCENE_SIZES

SHARED = ROOT.parent / "shared"
ALIGNED = SHARED / "data" / "parallel"
FLORES = {"eng_Latn": "en", "rus_Cyrl": "ru", "zho_Hans": "zh", "zho_Hant": "zh-Hant"}
PARTS = ("agreement", "information", "lengths")


@dataclass(frozen=True)
class Source:
    """Books in several languages. read: with headings shown or hidden; compare: each way by its name."""

    name: str
    path: Path
    read: Callable[[Path, bool], list[Parallel]]
    compare: dict[str, Compare]
    headings: tuple[bool, ...] = (True, False)
    judge: bool = False  # whether its units tell how right projections are


def sources(arguments: argparse.Namespace) -> list[Source]:
    """Every source that is there; says which aren't."""
    by_unit: dict[str, Compare] = {"": compare_units}
    by_sentence: dict[str, Compare] = {
        f", {way}": partial(compare_sentences, project=project) for way, project in PROJECT.items()
    }
    every = [
        Source("stories", arguments.stories, read_stories, by_unit, judge=True),
        Source("verses", arguments.verses, read_verses, by_unit, judge=True),
        Source("verses, each a paragraph", arguments.verses, partial(read_verses, each=True), by_unit),
        Source("chapters", arguments.chapters, read_chapters, by_sentence),
        Source(
            "novels",
            arguments.library,
            lambda path, headings: read_novels(path),
            {", warped": by_sentence[", warped"]},
            headings=(False,),
        ),
    ]
    absent = {source.path for source in every if not present(source.path)}
    return [source for source in every if source.path not in absent]


def agreements(found: Sequence[Source], embedder: str, options: SceneOptions) -> tuple[list[Row], list[Projection]]:
    """Rows of every source, with headings shown and hidden, and how right the projections are."""
    rows: list[Row] = []
    placed: list[Projection] = []
    for source in found:
        for headings in source.headings:
            cuts = [
                {language: cut_edition(edition, embedder, options) for language, edition in book.editions.items()}
                for book in source.read(source.path, headings)
            ]
            for way, compare in source.compare.items():
                name = f"{source.name}{way}, headings {'shown' if headings else 'hidden'}"
                rows += agreement(name, cuts, compare)
            if source.judge and not headings:
                placed += projections(source.name, cuts)
    return rows, placed


def same_texts(found: Sequence[Source], sentences: Path) -> Iterator[tuple[str, list[Spent]]]:
    """What languages take for the same text, by source."""
    if present(sentences):
        files = {language: sentences / f"{name}.dev" for name, language in FLORES.items()}
        yield (
            "sentences",
            spent({lang: path.read_text(encoding="utf-8").split("\n") for lang, path in files.items()})[1:],
        )
    for source in {source.path: source for source in reversed(found)}.values():
        books = [book.editions for book in source.read(source.path, False) if "en" in book.editions]
        for language in dict.fromkeys(language for book in books for language in book if language != "en"):
            both = [book for book in books if language in book]
            texts = {lang: [book[lang].book.text for book in both] for lang in ("en", language)}
            yield source.name, spent(texts)[1:]


def present(path: Path) -> bool:
    """Whether a source is there; says so where it isn't."""
    if not path.exists():
        print(f"{path}: not here, skipped")
    return path.exists()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--stories", type=Path, metavar="DIR", default=ROOT / "examples" / "library")
    parser.add_argument("--verses", type=Path, metavar="FILE", default=ALIGNED / "bible" / "aligned_en_ru_zh.tsv")
    chapters = ALIGNED / "anna_karenina" / "chapters_en_ru.jsonl"
    parser.add_argument("--chapters", type=Path, metavar="FILE", default=chapters)
    parser.add_argument("--sentences", type=Path, metavar="DIR", default=ALIGNED / "flores_dev", help="of FLORES+")
    parser.add_argument("--library", type=Path, metavar="DIR", default=SHARED / "library", help="a zip per language")
    parser.add_argument("--books", type=int, metavar="N", default=4, help="of a language (default 4)")
    parser.add_argument("--embedder", metavar="NAME", default=DEFAULT_EMBEDDER, help="as of `scenesign build`")
    parser.add_argument("--penalty", type=float, metavar="X", default=SceneOptions.penalty, help="as of `scenes()`")
    parser.add_argument("--scene-size", choices=SCENE_SIZES, default=SceneOptions.size, help="as of `build`")
    parser.add_argument("--json", type=Path, metavar="FILE", help="every number")
    arguments = parser.parse_args()
    options = SceneOptions(penalty=arguments.penalty, size=arguments.scene_size)
    content: dict[str, object] = {"options": asdict(options)}
    found = sources(arguments) if {"agreement", "information"} & {*arguments.only} else []
    if "agreement" in arguments.only:
        rows, placed = agreements(found, arguments.embedder, options)
        print("\n## Agreement\n", *agreement_table(rows), "", *projection_table(placed), sep="\n")
        content["agreement"] = [asdict(row) for row in rows]
        content["projection"] = [asdict(row) for row in placed]
    if "information" in arguments.only:
        texts = list(same_texts(found, arguments.sentences))
        print("\n## Information\n", *information_table(texts), sep="\n")
        content["information"] = [{"source": name, **asdict(row)} for name, by_language in texts for row in by_language]
    if "lengths" in arguments.only and present(arguments.library):
        sizes, left_out = library_lengths(arguments.library, arguments.books, arguments.embedder, options)
        print(*left_out, sep="\n", end="\n" * bool(left_out))
        print("\n## Lengths\n", *lengths_table(sizes), sep="\n")
        content["lengths"] = [asdict(row) for row in sizes]
    if arguments.json:
        arguments.json.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    settle_output()
    main()
