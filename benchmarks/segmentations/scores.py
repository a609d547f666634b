"""How near the scenes that were found are to those that are known.

Boundaries are counted without the first sentence, where a scene starts in any case.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from benchmarks.gold import Starts, matched

METRICS = (
    *("pk", "windowdiff", "precision0", "recall0", "f0", "precision3", "recall3", "f3"),
    *("precision_lsx", "recall_lsx", "f_lsx", "similarity"),
)
_BEFORE, _AFTER = 3, 2  # of the window of `lsx`


def score(gold: Starts, found: Starts, sentences: int) -> dict[str, float]:
    """The METRICS of one passage, and `found` and `gold` scenes. Both start with 0."""
    from nltk.metrics.segmentation import pk, windowdiff

    window = max(1, min(round(sentences / len(gold) / 2), sentences - 1))
    truth, guess = (_gaps(starts, sentences) for starts in (gold, found))
    result = {
        "pk": float(pk(truth, guess, k=window)),
        "windowdiff": float(windowdiff(truth, guess, k=window)),
        "similarity": boundary_similarity(gold[1:], found[1:]),
        "found": float(len(found)),
        "gold": float(len(gold)),
    }
    for within in (0, 3):
        hits = matched(gold[1:], found[1:], within)
        precision = hits / (len(found) - 1) if len(found) > 1 else float(len(gold) == 1)
        recall = hits / (len(gold) - 1) if len(gold) > 1 else 1.0
        result[f"precision{within}"], result[f"recall{within}"] = precision, recall
        result[f"f{within}"] = f1(precision, recall)
    result["precision_lsx"], result["recall_lsx"] = lsx(gold[1:], found[1:])
    result["f_lsx"] = f1(result["precision_lsx"], result["recall_lsx"])
    return result


def f1(precision: float, recall: float) -> float:
    """Their harmonic mean, 0 where both are."""
    both = precision + recall
    return 2 * precision * recall / both if both else 0.0


def _gaps(starts: Starts, sentences: int) -> str:
    """One character per gap between two sentences: 1 where a segment starts after it."""
    inner = set(starts)
    return "".join("1" if i in inner else "0" for i in range(1, sentences))


def lsx(gold: Sequence[int], found: Sequence[int]) -> tuple[float, float]:
    """Precision and recall with the window that was published for scenes of German novels. gold, found: ascending.

    A boundary at sentence i is met where the other side has one from i - 3 to i + 2. Recall is the share of gold
    boundaries that are met. Precision is their number over itself plus the number of found boundaries that are not
    met. Nothing is matched one to one: two found boundaries may meet the same gold one, and neither counts as wrong.

    Read off the code of Zehe et al., "Assessing the State of the Art in Scene Segmentation": `evaluate_predictions` in
    `ssc/evaluation.py` of github.com/LSX-UniWue/scene-segmentation, which is called with a tolerance of 3 for its
    coarse figures (Python's `[i - 3 : i + 3]`, so lopsided). It differs in two ways. It also counts the first
    sentence of a text, a hit for everyone; here that is left out. Where neither side has a boundary it gives 0; here
    both are 1, as for the other measures. Their results on their own texts were not reproduced.
    """
    hits = sum(_met(found, i) for i in gold)
    wrong = sum(not _met(gold, i) for i in found)
    precision = hits / (hits + wrong) if hits + wrong else float(not gold)
    recall = hits / len(gold) if gold else 1.0
    return precision, recall


def _met(others: Sequence[int], i: int) -> bool:
    """Whether there is one from i - 3 to i + 2."""
    at = bisect_left(others, i - _BEFORE)
    return at < len(others) and others[at] <= i + _AFTER


def boundary_similarity(gold: Sequence[int], found: Sequence[int], span: int = 2) -> float:
    """Boundary similarity B of Fournier, "Evaluating Text Segmentation using Boundary Edit Distance", ACL 2013.

        B = 1 - (|A| + w(T)) / (|A| + |T| + |M|),    w(T) = sum over T of |i - j| / span

    M: boundaries that both have. T: near misses (transpositions), a boundary at i that only one side has and one at j
    that only the other has, i and j among `span` neighbouring places (n_t in the paper, 2 by its default: places next
    to each other); closest pairs first, then from the left, no boundary in two. A: all others, each to be added or
    deleted. With one type of boundary nothing is substituted. 1 where neither side has a boundary.
    """
    ours, theirs = set(gold), set(found)
    single = ours ^ theirs  # those that one side has alone
    misses = weight = 0.0
    for apart in range(1, span):
        for i in sorted(single):
            j = i + apart
            if i in single and j in single and (i in ours) != (j in ours):
                single -= {i, j}
                misses += 1
                weight += apart / span
    edits = len(single) + misses + len(ours & theirs)
    return 1.0 - (len(single) + weight) / edits if edits else 1.0
