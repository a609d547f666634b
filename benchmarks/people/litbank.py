"""The openings of a hundred English novels, some 2,000 words each, whose people are annotated by LitBank (CC BY 4.0).

Bamman, Lewke and Mansoor: An Annotated Dataset of Coreference in English Literature, LREC 2020. Nothing of it is kept
here: the benchmark reads a checkout of it, `coref/tsv/*.ann` and `.txt`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.meanings.intervals import ALL, Figure, estimate
from benchmarks.people.judge import PeopleScore, judge
from benchmarks.people.known import Known
from scenesign.transforms.cast.cast import Cast

# A person of an opening counts when it is named so often: it has a hundredth of a novel's words.
LEAST_NAMED = 3
_NAME, _KIND = "PROP", "PER"


@dataclass(frozen=True)
class Opening:
    """A text, and who is named in it."""

    text: str
    known: Known


def read_openings(folder: Path) -> list[Opening]:
    """All openings, by name. Raises ValueError naming the folder when it holds none."""
    files = sorted((folder / "coref" / "tsv").glob("*.ann"))
    if not files:
        raise ValueError(f"{folder} holds no coref/tsv/*.ann; give a checkout of LitBank")
    return [read_opening(path) for path in files]


def read_opening(path: Path) -> Opening:
    """One opening: who is named in it, by chain of coreference.

    A name that two chains have is shared; names of anything but people are others.
    """
    people: dict[str, set[str]] = defaultdict(set)
    others: set[str] = set()
    named: dict[str, str] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        kind, number, *rest = line.split("\t")
        if kind == "MENTION" and rest[-1] == _NAME:
            name = " ".join(rest[4].split())
            if rest[5] == _KIND:
                named[number] = name
            else:
                others.add(name)
        elif kind == "COREF" and number in named:
            people[rest[0]].add(named[number])
    owners: dict[str, int] = defaultdict(int)
    for chain in people.values():
        for name in chain:
            owners[name] += 1
    own = [tuple(sorted(name for name in chain if owners[name] == 1)) for chain in people.values()]
    shared = tuple(sorted(name for name, count in owners.items() if count > 1))
    rest = tuple(sorted(others - set(owners)))
    title = path.stem.removesuffix("_brat")
    known = Known(path.name, title, "", "en", "test", tuple(filter(None, own)), shared, rest)
    return Opening(path.with_suffix(".txt").read_text(encoding="utf-8"), known)


def judge_litbank(
    folder: Path,
    ways: Mapping[str, Callable[[str, Sequence[int], str], Cast]],
    measures: Mapping[str, Callable[[PeopleScore], float]],
) -> Iterator[Figure]:
    """Means over the openings that name anybody often enough."""
    openings = read_openings(folder)
    for way, find in ways.items():
        found = [judge(o.known, o.text, [0], find(o.text, [0], "en"), LEAST_NAMED) for o in openings]
        rows = [(i, score) for i, score in enumerate(found) if score.people]
        for measure, value in measures.items():
            mean = estimate([value(score) for _, score in rows], [i for i, _ in rows])
            yield Figure("people", measure, f"{way}, LitBank", ALL, mean)
