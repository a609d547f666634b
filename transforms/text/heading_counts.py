"""Which numbered lines are headings because they count up through the book, with prose between."""

from __future__ import annotations

import itertools
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from scenesign.schemas.records import BlockKind
from scenesign.transforms.text.heading_lines import Counted

# Letters of prose: the least between two headings of one count, and in the median. A footnote is shorter.
LEAST_GAP = 60
LEAST_MEDIAN_GAP = 400
_FARTHEST_STEP = 9  # numbers that may be missing in a row
_LEAST_TITLED = 3  # headings with a title on their line: a list of two items is no chapters
_HIGHEST_START = 5  # in digits
_LEAST_GAP_OF_TWO = 5_000  # letters between two titles in capitals
_LEAST_TYPO_GAP = 800
_BARE = ("roman", "digits", "chinese", "hangul")
# What a step in the count costs, where going on to the next number costs nothing and each heading is worth 1.
_STEP_COST = {1: 0.0, 2: 0.25, 3: 0.5}
_FAR_COST = 0.75
_RESTART_COST = 1.5
_LATE_START_COST = 0.25


@dataclass(frozen=True)
class _Numbered:
    """A line that may be a heading. at: its index among the lines."""

    at: int
    counted: Counted


@dataclass
class _Chain:
    """The best count that ends in a line. before: the chain that it goes on, None at its start."""

    member: _Numbered
    score: float
    before: _Chain | None

    def members(self) -> list[_Numbered]:
        """Its lines in order."""
        result: list[_Numbered] = []
        chain: _Chain | None = self
        while chain:
            result.append(chain.member)
            chain = chain.before
        return result[::-1]


@dataclass(frozen=True)
class Between:
    """What lies between two lines, by running sums: letters of prose, and headings that need no count."""

    prose: Sequence[int]
    headings: Sequence[int]

    def letters(self, first: int, second: int) -> int:
        """Letters of prose after one line and before another."""
        return self.prose[second] - self.prose[first + 1]

    def parted(self, first: int, second: int) -> bool:
        """Whether a heading stands between two lines."""
        return self.headings[second] > self.headings[first + 1]


def measure_between(texts: Sequence[str], kinds: Sequence[BlockKind | None], letters: int) -> Between:
    """Running sums over the lines of a book. letters: how many a character is worth, more than one for ideographs."""
    sizes = (0 if kind else len(text) * letters for text, kind in zip(texts, kinds, strict=True))
    headings = (kind is BlockKind.HEADING for kind in kinds)
    return Between(
        list(itertools.accumulate(sizes, initial=0)),
        list(itertools.accumulate(headings, initial=0)),
    )


def find_counting(texts: Sequence[str], lines: Sequence[Counted | None], between: Between) -> set[int]:
    """Indices of the lines that count up through the book. lines: what each bears, None where it can be no heading."""
    forms: dict[str, list[_Numbered]] = defaultdict(list)
    for at, counted in enumerate(lines):
        if counted:
            forms[counted.form].append(_Numbered(at, counted))
    found: set[int] = set()
    for form, numbered in forms.items():
        if all(one.counted.sure for one in numbered):
            continue
        found.update(_listed(numbered) if form in _BARE else ())
        chosen = _best_count([one for one in numbered if one.at not in found], between)
        if _is_count(form, chosen, texts, between):
            found.update(one.at for one in chosen)
            found.update(_mended(numbered, chosen, between))
    return found


def _listed(numbered: Sequence[_Numbered]) -> Iterator[int]:
    """Numerals in a table of contents: three or more that count up with nothing between."""
    run: list[_Numbered] = []
    for one in [*numbered, None]:
        if one and run and one.at == run[-1].at + 1 and one.counted.value == run[-1].counted.value + 1:
            run.append(one)
            continue
        if len(run) >= 3:
            yield from (member.at for member in run)
        run = [one] if one else []


def _best_count(numbered: Sequence[_Numbered], between: Between) -> list[_Numbered]:
    """The lines that make the best count: most lines, fewest numbers left out, fewest new starts.

    A number may be missing, and a count may start again, for nothing below a higher heading.
    """
    ends: dict[int, _Chain] = {}  # by value: the best chain that ends in it, of equals the latest
    best: _Chain | None = None
    best_at_heading: _Chain | None = None  # the best of those that a higher heading has closed
    open_chains: deque[_Chain] = deque()
    for one in numbered:
        value = one.counted.value
        if not value:
            continue
        while open_chains and between.parted(open_chains[0].member.at, one.at):
            chain = open_chains.popleft()
            if best_at_heading is None or chain.score >= best_at_heading.score:
                best_at_heading = chain
        chain = _Chain(one, 1.0 - (0 if value == 1 else _LATE_START_COST * min(value - 1, 8)), None)
        for step in range(1, _FARTHEST_STEP + 1):
            before = ends.get(value - step)
            if before and between.letters(before.member.at, one.at) >= LEAST_GAP:
                chain = _better(chain, _Chain(one, before.score + 1 - _STEP_COST.get(step, _FAR_COST), before))
        if value <= 2:
            late = 0.0 if value == 1 else _LATE_START_COST
            if best_at_heading:
                chain = _better(chain, _Chain(one, best_at_heading.score + 1 - late, best_at_heading))
        # a count that starts again or jumps, as one that goes on from part to part under numbers of the parts' own
        may_jump = value <= 2 or not one.counted.form.startswith("digits")
        if best and best.score >= 3 and may_jump and between.letters(best.member.at, one.at) >= LEAST_GAP:
            chain = _better(chain, _Chain(one, best.score + 1 - _RESTART_COST, best))
        if value not in ends or chain.score >= ends[value].score:
            ends[value] = chain
        open_chains.append(chain)
        if best is None or chain.score > best.score:
            best = chain
    return best.members() if best else []


def _better(one: _Chain, other: _Chain) -> _Chain:
    return other if other.score > one.score else one


def _is_count(form: str, chosen: Sequence[_Numbered], texts: Sequence[str], between: Between) -> bool:
    """Whether lines that count up are headings: enough of them, long prose between, no running heads or pages."""
    bare = form in _BARE or form.endswith(" words") or form.startswith("第")
    two = form.startswith("roman") and all(texts[one.at].isupper() for one in chosen)
    if len(chosen) < (2 if bare or two else _LEAST_TITLED):
        return False
    if len(chosen) == 2 and not bare and between.letters(chosen[0].at, chosen[1].at) < _LEAST_GAP_OF_TWO:
        return False
    gaps = sorted(
        between.letters(a.at, b.at) for a, b in itertools.pairwise(chosen) if b.counted.value > a.counted.value
    )
    if not gaps or gaps[len(gaps) // 2] < LEAST_MEDIAN_GAP:
        return False
    if form.startswith("digits") and not _is_dense(chosen):
        return False
    titles = [texts[one.at][one.counted.head :].strip() for one in chosen if one.counted.titled]
    if len(titles) > 4 and len(set(titles)) < 0.6 * len(titles):
        return False
    return not _are_pages(chosen, texts)


def _is_dense(chosen: Sequence[_Numbered]) -> bool:
    """Whether a count in digits starts low and lacks less than it has: stray notes and page numbers don't."""
    values = [one.counted.value for one in chosen]
    lacking = sum(max(0, b - a - 1) for a, b in itertools.pairwise(values))
    return values[0] <= _HIGHEST_START and lacking < len(values)


def _are_pages(chosen: Sequence[_Numbered], texts: Sequence[str]) -> bool:
    """Page numbers and notes: they cut sentences in two, headings never do."""
    inner = [one for one in chosen if 0 < one.at < len(texts) - 1]
    cuts = 0
    for one in inner:
        before = texts[one.at - 1].rstrip()
        open_ended = bool(before) and (before[-1].islower() or before[-1] in ",;-，、")
        # titles end without a stop too: digits are suspect, other numerals only where the sentence goes on
        cuts += open_ended and (one.counted.form == "digits" or texts[one.at + 1][:1].islower())
    return len(chosen) >= 5 and cuts > 0.25 * len(inner)


def _mended(numbered: Sequence[_Numbered], chosen: Sequence[_Numbered], between: Between) -> Iterable[int]:
    """Lines that the count passed over: a number twice, or a wrong one in the place of a missing one."""
    if len(chosen) < 4:
        return
    places = {one.at for one in chosen}
    steps = iter([*itertools.pairwise(chosen), (chosen[-1], None)])
    first, second = next(steps)
    for one in numbered:
        while second and one.at >= second.at:
            first, second = next(steps)
        if one.at in places or one.at < first.at or second is None:
            continue
        twice = one.counted.value in (first.counted.value, second.counted.value)
        missing = second.counted.value - first.counted.value == 2
        room = min(between.letters(first.at, one.at), between.letters(one.at, second.at)) >= _LEAST_TYPO_GAP
        if room and (twice or missing):
            yield one.at
