"""What the metrics of a dataset mean, in plain sentences: for the terminal, the page and the card.

Each function gives one sentence, or None where there is nothing to say; metrics may be those of any dataset, so a
missing one, or one that is no number, is no error. Shares that are so by construction are not worth a sentence.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from scenesign.schemas.manifest import Manifest

# Adjusted mutual information from which a sign says a little, or much, of its book. Signs cut from raw vectors, which
# are mostly marks of books, come to .5 and more.
_LITTLE, _MUCH = 0.1, 0.3
# Shares of the bits that the order saves, from which it is more than a little, or much.
_SOME, _WELL = 0.03, 0.15
_ERRORS = 2.0  # standard errors that make an interval of 95 %


def foretelling(metrics: Mapping[str, object]) -> str:
    """Whether the next topic can be foretold in books not seen: how far counting finds the signs worth training on."""
    uniform, unigram, bigram = (_number(metrics, f"bits/{name}") for name in ("uniform", "unigram", "bigram"))
    if uniform is None or unigram is None or bigram is None:
        return "There are too few authors or works here to tell whether the next topic can be foretold."
    base, saved, error = min(uniform, unigram), _number(metrics, "bits/saved"), _number(metrics, "bits/saved_error")
    if saved is None:  # a dataset of an earlier version
        saved = base - bigram
    known = "how frequent topics are" if unigram < uniform else "an even guess"
    if saved <= _ERRORS * (error or 0.0):
        return f"On this shelf the next topic can't be foretold better than by {known}."
    how = "a little" if saved < _SOME * base else "somewhat" if saved < _WELL * base else "much"
    interval = "" if error is None else f" ± {_ERRORS * error:.2f}"
    return (
        f"The next topic can be foretold {how} better from the one before than by {known}: that saves "
        f"{saved:.2f}{interval} of {base:.2f} bits."
    )


def marks_of_books(metrics: Mapping[str, object], books: int) -> str | None:
    """How far a topic gives its book away. books: in the dataset; of one alone there is nothing to say."""
    found = _number(metrics, "ami/sign_book")
    if found is None or books < 2:
        return None
    if found < _LITTLE:
        return "A topic says next to nothing about which book it comes from."
    if found < _MUCH:
        return "A topic says a little about which book it comes from."
    return "A topic says much about which book it comes from: many are marks of a book rather than things that happen."


def alike_translations(metrics: Mapping[str, object]) -> str | None:
    """How far translations of one work are written alike, against different works. None without translations."""
    names = ("shared", "chance", "shared_in_order", "chance_in_order")
    values = [_number(metrics, f"translations/{name}") for name in names]
    shared, chance, in_order, chance_in_order = values
    if shared is None or in_order is None:
        return None
    sentence = f"Translations of one work share {shared:.0%} of their topics, {in_order:.0%} in the same order"
    if chance and chance_in_order and round(chance, 2) and round(chance_in_order, 2):
        sentence += f"; different works in different languages {chance:.0%} and {chance_in_order:.0%}"
    return sentence.replace("%", " %") + "."


def unlike_known(metrics: Mapping[str, object], taken_over: bool) -> str | None:
    """How many scenes are unlike those that the signs were made from.

    taken_over: whether the signs were made from other books; of their own books one in a thousand is unlike the rest by
    definition. None where that is all there is.
    """
    share = _number(metrics, "novel/share")
    if share is None or not taken_over:
        return None
    if not share:
        return "No scene is unlike all those that the signs were made from."
    said = f"{100 * share:.1f} %" if share >= 0.0005 else "less than .1 %"
    return f"{said[0].upper()}{said[1:]} of scenes are unlike all those that the signs were made from."


def verdicts(manifest: Manifest) -> tuple[str, ...]:
    """All that there is to say of a dataset, the most important first."""
    metrics = manifest.metrics
    said = (
        foretelling(metrics),
        marks_of_books(metrics, manifest.counts.books),
        alike_translations(metrics),
        unlike_known(metrics, bool(manifest.options.get("frozen"))),
    )
    return tuple(sentence for sentence in said if sentence)


def _number(metrics: Mapping[str, object], key: str) -> float | None:
    value = metrics.get(key)
    if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
        return float(value)
    return None
