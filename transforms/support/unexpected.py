"""Unexpected errors of a whole run: a few are told, many end it."""

from __future__ import annotations

import math
import threading
import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import apache_beam as beam

from scenesign.schemas.records import UNEXPECTED, Reject, file_of
from scenesign.transforms.support.failures import RunStoppedError
from scenesign.transforms.support.rejects import StopAtReject
from scenesign.transforms.support.threads import one_at_a_time

_MOST = 20


def _bearable(of: float) -> float:
    return min(_MOST, max(2, of / 20))


def unexpected_causes(rejects: Iterable[Reject]) -> list[tuple[Reject, int]]:
    """The first reject of each step and kind of unexpected error, and how many there are; the commonest first."""
    found: dict[tuple[str, str], list[Reject]] = defaultdict(list)
    for reject in rejects:
        if reject.reason == UNEXPECTED:
            found[reject.stage, reject.detail.partition(":")[0]].append(reject)
    firsts = [(min(same, key=lambda r: (r.source, r.detail)), len(same)) for same in found.values()]
    return sorted(firsts, key=lambda found: (-found[1], found[0].stage, found[0].source))


def too_many_unexpected(rejects: Iterable[Reject], inputs: float, sources: int) -> str | None:
    """Why a run must not go on, or None: unexpected errors in over 20 inputs, or a twentieth of them and over two.

    The same must hold of the files that they come from, unless most files are among them: so no file, whatever is in
    it, can end a run that has others. sources: how many files and datasets there are.
    """
    failed = [reject for reject in rejects if reject.reason == UNEXPECTED]
    files = len({file_of(reject.source) for reject in failed})
    if len(failed) <= _bearable(inputs) or (files <= _bearable(sources) and 2 * files <= sources):
        return None
    first, same = unexpected_causes(failed)[0]
    return (
        f"unexpected errors in {len(failed):,} books, {same:,} of them in {first.stage}, first: {first.source}: "
        f"{first.detail}; this is a defect of scenesign or of an installed library, please report it; finished books "
        "are kept"
    )


# what this process has seen, by run, file and source
_seen: defaultdict[str, defaultdict[str, dict[str, Reject]]] = defaultdict(lambda: defaultdict(dict))
_lock = threading.RLock()


class StopAtMany(beam.DoFn):
    """Reject -> Reject; ends the run as soon as its process has seen too many that are unexpected.

    run: a name of the run, as a process may serve several. sources: see `too_many_unexpected`.
    """

    def __init__(self, run: str, sources: int) -> None:
        self.run = run
        self.sources = sources

    def process(self, reject: Reject) -> Iterable[Reject]:
        if reject.reason == UNEXPECTED and (problem := self._problem(reject)):
            raise RunStoppedError(problem)
        yield reject

    def _problem(self, reject: Reject) -> str | None:
        return too_many_unexpected(one_at_a_time(_lock, self._seen_with, reject), math.inf, self.sources)

    def _seen_with(self, reject: Reject) -> list[Reject]:
        """What this process has seen of the run, a reject among it."""
        files = _seen[self.run]
        same = files[file_of(reject.source)]
        if len(same) <= _MOST:
            same.setdefault(reject.source, reject)  # once, however often a runner repeats its bundle
        return [one for same in files.values() for one in same.values()]


@dataclass
class GatherRejects(beam.PTransform):
    """Rejects of several steps -> all of them; ends the run at the first when strict, else at many unexpected ones.

    sources: see `too_many_unexpected`.
    """

    sources: int
    strict: bool = False

    def __post_init__(self) -> None:
        super().__init__()

    def expand(self, refused: tuple[beam.PCollection, ...]) -> beam.PCollection:
        stop = StopAtReject() if self.strict else StopAtMany(uuid.uuid4().hex, self.sources)
        # before they flow together, so that the step at work stops at once
        watched = tuple(pcoll | f"Watch{n}" >> beam.ParDo(stop) for n, pcoll in enumerate(refused))
        return watched | beam.Flatten()
