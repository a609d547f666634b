"""The claims of the founding note, judged by the figures: each holds, fails, or holds when something is so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.meanings.intervals import Estimate
from benchmarks.next_scene.controls import Control
from benchmarks.next_scene.costs import Preparation, passes_to_pay
from benchmarks.next_scene.figures import FormFigures
from benchmarks.next_scene.plan import SIGNS
from benchmarks.next_scene.questions import CHANCE, KINDS

HOLDS, FAILS, WHEN = "holds", "fails", "holds when"


@dataclass(frozen=True)
class Verdict:
    """claim: in the founding note's sense. found: one of the three. why: the figures behind it."""

    claim: str
    found: str
    why: str


def share(right: Estimate) -> str:
    """`17.0 % (13.5-21.0)`."""
    if not right.count:
        return "-"
    return f"{100 * right.mean:.1f} % ({100 * right.low:.1f}-{100 * right.high:.1f})"


def lead(ahead: Estimate) -> str:
    """`+2.1 (+0.4 to +3.9)`, in points."""
    if not ahead.count:
        return "-"
    return f"{100 * ahead.mean:+.1f} ({100 * ahead.low:+.1f} to {100 * ahead.high:+.1f})"


def judge(
    figures: Sequence[FormFigures],
    checked: Sequence[Control],
    simple: Sequence[tuple[str, str, dict[str, Estimate]]],
    made: Preparation,
) -> list[Verdict]:
    """A verdict per claim, on the whole shelf; none where the forms it is about were not run.

    checked: controls of the concept models. simple: name, form and shares of the untrained ways.
    """
    whole = max((form.books for form in figures), default=0)
    known = {form.form: form for form in figures if form.books == whole}
    if not {"tokens", SIGNS} <= known.keys():
        return []
    tokens, signs = known["tokens"], known[SIGNS]
    own = [control for control in checked if control.form == SIGNS and control.books == whole]
    best_text = max((right["far"] for _, form, right in simple if form == "text"), key=lambda r: r.mean, default=None)
    return [
        _shorter(tokens, signs),
        _cheaper(tokens, signs, made),
        _lighter(tokens, signs),
        _sooner(tokens, signs),
        _same_meaning(tokens, signs, best_text),
        *(_learns(signs, control) for control in own),
        *(_orders(control) for control in own),
        *(_grows(control, checked) for control in own),
        _answers(tokens, signs, made),
    ]


def _shorter(tokens: FormFigures, signs: FormFigures) -> Verdict:
    ratio = tokens.training_units / signs.training_units
    why = f"{signs.training_units:,} scenes stand for {tokens.training_units:,} tokens, {ratio:,.0f} for one"
    return Verdict("Signs make the training sequences short", HOLDS if ratio > 1 else FAILS, why)


def _cheaper(tokens: FormFigures, signs: FormFigures, made: Preparation) -> Verdict:
    claim = "Training costs less"
    why = f"a pass costs {signs.flops_per_pass:.1e} FLOPs against {tokens.flops_per_pass:.1e}"
    if made.embedding_flops is None:
        return Verdict(claim, HOLDS if signs.flops_per_pass < tokens.flops_per_pass else FAILS, why)
    passes = passes_to_pay(made.embedding_flops, tokens.flops_per_pass, signs.flops_per_pass)
    if passes is None:
        return Verdict(claim, FAILS, why)
    why += (
        f", but making the signs takes {made.embedding_flops:.1e} once: it pays from {passes:.2g} passes over the "
        "text on, summed over all models that are trained on it"
    )
    return Verdict(claim, WHEN, why)


def _lighter(tokens: FormFigures, signs: FormFigures) -> Verdict:
    why = (
        f"the books are {signs.data_bytes / 1e3:,.0f} kB as signs and {tokens.data_bytes / 1e3:,.0f} kB as tokens; "
        f"training peaks at {signs.memory:,.0f} and {tokens.memory:,.0f} MB above the libraries"
    )
    return Verdict("Training needs less memory", HOLDS if signs.memory < 0.9 * tokens.memory else FAILS, why)


def _sooner(tokens: FormFigures, signs: FormFigures) -> Verdict:
    mine, theirs = signs.at_best.flops, tokens.at_best.flops
    why = (
        f"the sign model is done after {mine:.1e} FLOPs and {signs.at_best.seconds:,.0f} s, the token model's best is "
    )
    why += f"after {theirs:.1e} and {tokens.at_best.seconds:,.0f} s"
    if tokens.best == len(tokens.points) - 1:
        why += ", where its budget ended: it was still getting better"
    if mine < theirs and 2 * signs.at_best.seconds > tokens.at_best.seconds:  # a busy machine makes as much
        return Verdict("Training is done sooner", WHEN, why + "; so when operations are counted: seconds differ little")
    return Verdict("Training is done sooner", HOLDS if mine < theirs else FAILS, why)


def _same_meaning(tokens: FormFigures, signs: FormFigures, text: Estimate | None) -> Verdict:
    claim = "What is learned is worth as much"
    mine = signs.at_best.right["far"]
    point = tokens.within(signs.at_best.flops)
    equal, best = point.right["far"], tokens.at_best.right["far"]
    why = (
        f"the next scene is found (far) by signs in {share(mine)} after {signs.at_best.flops:.1e} FLOPs, by tokens in "
        f"{share(equal)} after {point.flops:.1e} and {share(best)} at their best, after {tokens.at_best.flops:.1e}"
    )
    if text is not None:
        why += f"; letters in common with the scene before, without training, in {share(text)}"
    if mine.high < best.low or mine.high < equal.low:
        return Verdict(claim, FAILS, why)
    beats = mine.low > best.high
    if beats and (text is None or mine.low > text.mean):
        return Verdict(claim, HOLDS, why)
    return Verdict(claim, WHEN, why + ("; so against models of this size" if beats else ""))


def _learns(signs: FormFigures, control: Control) -> Verdict:
    mine, right, ahead = signs.at_best.right, control.right, control.ahead
    why = (
        f"far {share(mine['far'])} and near {share(mine['near'])}; the best that needs no training, by the same signs, "
    )
    why += f"{share(right['far'])} ({control.best['far']}) and {share(right['near'])} ({control.best['near']}); "
    why += f"ahead by {lead(ahead['far'])} and {lead(ahead['near'])} points"
    least = [ahead[kind].low for kind in KINDS]
    found = HOLDS if min(least) > 0 else WHEN if max(least) > 0 else FAILS
    if found == WHEN:
        why += f"; so for {' and '.join(kind for kind in KINDS if ahead[kind].low > 0)} questions"
    return Verdict("A model learns more of signs than can be compared without one", found, why)


def _orders(control: Control) -> Verdict:
    shuffled = [control.shuffled[kind] for kind in KINDS]
    why = f"with the scenes of a book in any order it finds {share(shuffled[0])} far and {share(shuffled[1])} near"
    at_chance = all(found.low <= CHANCE <= found.high for found in shuffled)
    return Verdict("What a model knows is the order of scenes", HOLDS if at_chance else FAILS, why)


def _grows(control: Control, checked: Sequence[Control]) -> Verdict:
    claim = "Topics are foretold better than by how frequent they are, the more so the more books"
    sizes = sorted((own for own in checked if own.form == SIGNS and own.gain), key=lambda own: own.books)
    gains = [own.gain for own in sizes if own.gain]
    each = ", ".join(f"{gain.show('{:.2f}')} from {own.books}" for own, gain in zip(sizes, gains, strict=True))
    why = f"bits fewer per topic than by the unigram of the same books: {each} books"
    if control.gain is None or control.gain.low <= 0:
        return Verdict(claim, FAILS, why)
    if len(gains) > 1 and gains[-1].low > gains[0].mean:
        return Verdict(claim, HOLDS, why)
    return Verdict(claim, WHEN, why + "; so at any number, but not surely more with more")


def _answers(tokens: FormFigures, signs: FormFigures, made: Preparation) -> Verdict:
    claim = "Answers cost less"
    why = f"an answer costs {signs.answer_flops:.1e} FLOPs against {tokens.answer_flops:.1e}"
    if signs.answer_flops >= tokens.answer_flops:
        return Verdict(claim, FAILS, why)
    if made.embedding_flops is None:
        return Verdict(claim, HOLDS, why)
    each = made.embedding_flops / signs.training_units
    why += f", once the scenes have signs; to embed a new scene takes {each:.1e}"
    return Verdict(claim, HOLDS if signs.answer_flops + each < tokens.answer_flops else WHEN, why)
