"""Whether a cast is the people of a novel, and whether it foretells the next scene.

    python benchmarks/cast.py DATASET [MORE_DATASETS ...] [--unseen TABLE] [--litbank FOLDER] [-o FOLDER] [--write]

DATASET is what `scenesign build` makes of books. In it, and in others after it, the works are looked for whose people
are listed in benchmarks/people/works; those it lacks are named and left out. Questions of the next scene are asked in
DATASET alone, or in those books of it whose source ends as one of the column `file` of the table TABLE. The cast is
found anew, so that the rules of this checkout are judged. FOLDER gets cast.json and cast.md; `--write` puts the tables
into docs/cast.md.

A person counts whom the text names five times or more. Everything is measured on text: the names of the list and the
names of the members are looked for in it, the longest at each place, and each occurrence of a member lies on a person,
on a name of several people, on a place or thing of the list, or on nothing known. (In Chinese and Japanese a name
of one letter counts if the list has it: it is a part of other words.) A member is a person if half of its occurrences
lie on people's names, and the person is the one most of them name. Per novel:

- people found: the share who are the person of some member; of mentions: the same weighted by how often they are named.
- of the 20 most mentioned members, the share that is a person; a known place, animal or thing; neither. Lists name no
  passers-by, so the last is an upper bound of noise.
- members per person: of those found. Persons per member: who have a tenth or more of its occurrences.
- joined (B-cubed F1 over mentions): see Joining. A mention that no member covers is alone; names of several people are
  left out.
- on stage: of the first four ids of scenes, the share that is a person.

Means over the novels of a language; intervals hold 95 of 100 samples of its novels with replacement. `crude` is a rule
to beat: words with a capital inside a sentence three times or more, without joining.
The next scene: as in docs/meaning.md, part c; 160 questions per language, kind and seed, by who is in the
scenes alone: the first N ids of each. *Last scene*: most ids in common with it. *Last 4 scenes*: recent scenes and rare
ids count more. All words: tf-idf.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

import pyarrow.dataset as ds

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from benchmarks.meanings.intervals import ALL, Estimate, Figure, estimate
from benchmarks.meanings.shelf import scene_starts
from benchmarks.meanings.tables import table
from benchmarks.people.crude import crude_cast
from benchmarks.people.guesses import Staged, given_away, guesses, per_scene
from benchmarks.people.judge import Kind, PeopleScore, judge
from benchmarks.people.known import SIDES, Known, read_all
from benchmarks.people.litbank import judge_litbank
from scenesign.pipeline.output import settle_output
from scenesign.transforms.cast.cast import Cast
from scenesign.transforms.cast.find import find_cast

PAGE = ROOT / "docs" / "cast.md"
BLOCK = re.compile(r"(<!-- figures -->\n)(.*?)(<!-- end of figures -->)", re.S)
Finder = Callable[[str, Sequence[int], str], Cast]
WAYS: dict[str, Finder] = {"cast": find_cast, "crude": crude_cast}
MEASURES: dict[str, Callable[[PeopleScore], float]] = {
    "people found": lambda score: score.found,
    "people found, of mentions": lambda score: score.found_mentions,
    "of the 20 most mentioned, a person": lambda score: score.kinds[Kind.PERSON],
    "of the 20 most mentioned, a place, animal or thing": lambda score: score.kinds[Kind.OTHER],
    "of the 20 most mentioned, neither": lambda score: score.kinds[Kind.NOISE],
    "members per person": lambda score: score.members_each,
    "persons per member": lambda score: score.persons_each,
    "joined (B-cubed F1)": lambda score: score.joining.f1,
    "joined, precision": lambda score: score.joining.precision,
    "joined, recall": lambda score: score.joining.recall,
    "on stage": lambda score: score.on_stage,
}


def read_texts(dataset: Path) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Source, language and scenes of each book of a dataset, by source."""
    sequences = ds.dataset(dataset / "sequences", partitioning="hive").to_table(columns=["book_id", "source"])
    sources = dict(zip(sequences["book_id"].to_pylist(), sequences["source"].to_pylist(), strict=True))
    scenes: dict[tuple[str, str], list[tuple[int, str]]] = defaultdict(list)
    columns = ["book_id", "scene", "language", "text"]
    for batch in ds.dataset(dataset / "scenes", partitioning="hive").to_batches(columns=columns):
        for row in batch.to_pylist():
            scenes[sources[row["book_id"]], row["language"]].append((row["scene"], row["text"]))
    for (source, language), rows in sorted(scenes.items()):
        yield source, language, tuple(text for _, text in sorted(rows))


def stage(texts: tuple[str, ...], language: str, find: Finder) -> Cast:
    """The cast of a book of such scenes."""
    return find("".join(texts), scene_starts(texts).tolist(), language)


def scores(
    books: Iterable[tuple[str, str, tuple[str, ...]]], works: Sequence[Known]
) -> Iterator[tuple[Known, str, PeopleScore]]:
    """Of each listed work among the books, by each way that finds anybody."""
    for source, language, texts in books:
        for known in works:
            if known.is_of(source, language):
                for way, find in WAYS.items():
                    cast = stage(texts, language, find)
                    if cast.members or way == "cast":
                        score = judge(known, "".join(texts), scene_starts(texts).tolist(), cast)
                        yield known, way, score


def people_figures(scored: Sequence[tuple[Known, str, PeopleScore]]) -> Iterator[Figure]:
    """Means over novels, by language."""
    for measure, value in MEASURES.items():
        for side in SIDES:
            for way in WAYS:
                languages = sorted({known.language for known, _, _ in scored})
                for language in (ALL, *languages):
                    mine = [
                        i
                        for i, (known, by, _) in enumerate(scored)
                        if known.side == side and by == way and language in (ALL, known.language)
                    ]
                    if mine:
                        mean = estimate([value(scored[i][2]) for i in mine], mine)
                        yield Figure("people", measure, f"{way}, {side}", language, mean)


def by_work(scored: Sequence[tuple[Known, str, PeopleScore]]) -> list[str]:
    """Lines of Markdown: what the cast makes of each work."""
    lines = [
        "| work | side | people | found | person | place, thing | neither | members each | persons each | joined |",
        "|---|---|" + "---:|" * 8,
    ]
    for known, way, score in sorted(scored, key=lambda row: (row[0].language, row[0].side, row[0].title)):
        if way == "cast":
            cells = [*score.kinds.values(), score.members_each, score.persons_each, score.joining.f1]
            shown = " | ".join(f"{cell:.2f}" for cell in (score.found, *cells))
            lines.append(f"| {known.title} ({known.language}) | {known.side} | {score.people} | {shown} |")
    return lines


def unseen(table_of: Path | None, source: str) -> bool:
    """Whether a source is one of a table's files; any is, without a table."""
    if table_of is None:
        return True
    with table_of.open(encoding="utf-8", newline="") as rows:
        files = [row["file"].rsplit("/", 1)[-1] for row in csv.DictReader(rows, delimiter="\t")]
    return source.rsplit("/", 1)[-1] in files


def tables(figures: Sequence[Figure]) -> list[str]:
    """Lines of Markdown: a table per measure."""
    lines: list[str] = []
    for measure in dict.fromkeys(figure.measure for figure in figures):
        lines += [*table([figure for figure in figures if figure.measure == measure]), ""]
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("datasets", type=Path, metavar="DATASET", nargs="+")
    parser.add_argument("--unseen", type=Path, metavar="TABLE", help="books to ask in: a TSV with a column `file`")
    parser.add_argument(
        "--litbank", type=Path, metavar="FOLDER", help="a checkout of LitBank, to judge its 100 openings"
    )
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("-o", "--output", type=Path, default=ROOT / "out" / "cast")
    parser.add_argument("--write", action="store_true", help="put the tables into docs/cast.md")
    given = parser.parse_args()
    lacking = [dataset for dataset in given.datasets if not (dataset / "scenes").is_dir()]
    if lacking:
        parser.error(f"{lacking[0]} is no dataset; make one with `scenesign build`")
    books = {(source, language): texts for path in given.datasets for source, language, texts in read_texts(path)}
    listed = read_all()
    scored = list(scores(((*key, texts) for key, texts in books.items()), listed))
    for known in listed:
        if all(known != other for other, _, _ in scored):
            print(f"not among the books: {known.source} ({known.language})", file=sys.stderr)
    asked = [
        Staged(source, language, texts, stage(texts, language, find_cast))
        for source, language, texts in read_texts(given.datasets[0])
        if unseen(given.unseen, source)
    ]
    figures = [*people_figures(scored), *guesses(asked, given.seeds)]
    figures += [Figure("c", "members per scene", "cast", language, mean) for language, mean in per_scene(asked)]
    for how, value in given_away(asked).items():
        figures.append(Figure("c", "adjusted mutual information", how, ALL, Estimate(value, value, value, len(asked))))
    if given.litbank:
        figures += judge_litbank(given.litbank, WAYS, MEASURES)
    lines = [*tables(figures), *by_work(scored)]
    print("\n".join(lines))
    given.output.mkdir(parents=True, exist_ok=True)
    novels = [{"title": known.title, "language": known.language, "side": known.side, "way": way,
               **asdict(score), "kinds": {kind.name: share for kind, share in score.kinds.items()}}
              for known, way, score in scored]  # fmt: skip
    kept = {"figures": [asdict(figure) for figure in figures], "novels": novels}
    (given.output / "cast.json").write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    (given.output / "cast.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    if given.write:
        page = PAGE.read_text(encoding="utf-8")
        PAGE.write_text(BLOCK.sub(lambda found: found[1] + "\n".join(lines) + "\n" + found[3], page), encoding="utf-8")


if __name__ == "__main__":
    settle_output()
    main()
