"""What each method answers on each passage, with one embedder."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from statistics import mean

from benchmarks.gold import Starts
from benchmarks.segmentations.passages import Passage
from benchmarks.segmentations.rivals import Find, even, random_starts
from benchmarks.segmentations.scores import score
from scenesign.schemas.records import SegmentedBook
from scenesign.transforms.embedders.texts import prose_texts
from scenesign.transforms.scenes.boundaries import boundary_scorer
from scenesign.transforms.scenes.find import SceneOptions, find_scenes

SHIPPED = SceneOptions()
OURS, WORDS, CHOSEN = "scenesign", "words instead of the scorer", "penalty chosen on the others"
ABLATIONS = {
    "without cues": replace(SHIPPED, cues=False),
    "without calibration": replace(SHIPPED, calibrate=False),
    "without prior on centres": replace(SHIPPED, pull=0.0),
    "scenes of at most 40": replace(SHIPPED, max_sentences=40),
}
PENALTIES = (1.0, 0.85, 1.2, 0.7, 1.4)  # the first of equally good ones is chosen
LEFT_OUT = ("csv", "gold")  # kinds of passages that the penalty is chosen for
DRAWS = 20


@dataclass(frozen=True)
class Row:
    """The METRICS of one method on one passage, and `found` and `gold` scenes; some methods have more.

    book: digest of the text that the passage is of.
    """

    method: str
    document: str
    folder: str
    kind: str
    book: str
    sentences: int
    scores: Mapping[str, float]

    def flat(self) -> dict[str, object]:
        """All in one mapping, for JSON."""
        row = asdict(self)
        return {**row, **row.pop("scores")}


def by_book(passages: Sequence[Passage]) -> list[list[Passage]]:
    """Passages of one text together, in the order in which the texts come."""
    books: dict[str, list[Passage]] = {}
    for passage in passages:
        books.setdefault(passage.book.book.book_id, []).append(passage)
    return list(books.values())


def rows_of(
    passages: Sequence[Passage], book: SegmentedBook, embedder: str, others: Mapping[str, Find], penalties: bool
) -> list[Row]:
    """Every method on the passages of one book. book: theirs, with vectors; others: by name, given sentences alone.

    penalties: with a row for each of PENALTIES, as `choose` wants them.
    """
    began = time.perf_counter()
    ours = find_scenes(book, SHIPPED, embedder)
    seconds = time.perf_counter() - began
    whole = {OURS: ours}
    if boundary_scorer(embedder) is not None:
        whole[WORDS] = find_scenes(book, SHIPPED, None)
    whole |= {name: find_scenes(book, options, embedder) for name, options in ABLATIONS.items()}
    if penalties and any(passage.kind in LEFT_OUT for passage in passages):
        whole |= {at_penalty(x): find_scenes(book, replace(SHIPPED, penalty=x), embedder) for x in PENALTIES}
    texts, rows = prose_texts(book), []
    for passage in passages:
        n = passage.length
        answers: dict[str, Starts] = {name: passage.inside(starts) for name, starts in whole.items()}
        scenes = len(answers[OURS])
        answers["even"] = even(n, scenes)
        answers |= {name: find(texts[passage.first : passage.last]) for name, find in others.items()}
        scores = {name: score(passage.starts, starts, n) for name, starts in answers.items()}
        draws = [score(passage.starts, random_starts(n, scenes, seed), n) for seed in range(DRAWS)]
        scores["random"] = {key: mean(draw[key] for draw in draws) for key in draws[0]}
        scores[OURS]["sentences_per_second"] = len(texts) / seconds
        place = (passage.name, passage.folder, passage.kind, book.book.book_id, n)
        rows += [Row(name, *place, values) for name, values in scores.items()]
    return rows


def at_penalty(penalty: float) -> str:
    """The method's name with this penalty."""
    return f"penalty {penalty}"


TRIED = frozenset(map(at_penalty, PENALTIES))


def choose(rows: Sequence[Row]) -> list[Row]:
    """For each passage of a kind, the row of the penalty that is best on the others, in mean F1@3.

    rows: with those of every penalty. Others are of the same kind and of another book. Each comes back as a row of
    CHOSEN, with `penalty` among its scores; a passage without others gets none.
    """
    chosen = []
    for kind in LEFT_OUT:
        tried = {x: [row for row in rows if row.kind == kind and row.method == at_penalty(x)] for x in PENALTIES}
        for i, one in enumerate(tried[PENALTIES[0]]):
            others = {x: [row.scores["f3"] for row in some if row.book != one.book] for x, some in tried.items()}
            means = {x: mean(some) for x, some in others.items() if some}
            if means:
                best = max(means, key=means.__getitem__)
                row = tried[best][i]
                chosen.append(replace(row, method=CHOSEN, scores={**row.scores, "penalty": best}))
    return chosen
