"""The experiment's verdicts and tables follow its figures, and nothing is judged or told that was not run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.meanings.intervals import Estimate
from benchmarks.next_scene.chart import draw
from benchmarks.next_scene.controls import START, Control, InLanguage, controls
from benchmarks.next_scene.costs import Preparation, passes_to_pay
from benchmarks.next_scene.figures import FormFigures, Point, right_by_kind, summarise
from benchmarks.next_scene.likeness import Way
from benchmarks.next_scene.plan import SIGNS
from benchmarks.next_scene.questions import Question
from benchmarks.next_scene.report import markdown, paying_table
from benchmarks.next_scene.verdicts import judge

GROWS = "Topics are foretold better than by how frequent they are, the more so the more books"
MADE = Preparation("use", 1_000_000, 9000, 4e12, 300.0, 500)


def right(mean: float) -> dict[str, Estimate]:
    return {kind: Estimate(mean, mean - 0.01, mean + 0.01, 100) for kind in ("far", "near", "chapter")}


def form(name: str, *found: float, **changes: Any) -> FormFigures:
    text = name == "tokens"
    points = tuple(
        Point(10.0 ** (11 + i), 30.0 * 10**i, 9.0, right(f), {"en": 2.0} if text else {}) for i, f in enumerate(found)
    )
    figures = FormFigures(
        form=name, books=200, seeds=3, text=text, units=300, parameters=1000, training_units=500_000 if text else 500,
        flops_per_pass=1e12 if text else 1e9, seconds_per_pass=300.0 if text else 1.0, answer_flops=1e9, memory=100.0,
        data_bytes=2_000_000 if text else 2000, points=points, best=len(points) - 1,
    )  # fmt: skip
    return replace(figures, **changes)


def control(
    far: float = 0.05, near: float = 0.05, shuffled: float = 0.03, gain: float = 0.4, **changes: Any
) -> Control:
    ahead = {"far": right(far)["far"], "near": right(near)["near"]}
    best = dict.fromkeys(ahead, "likeness and cast")
    bits = [Estimate(mean, mean - 0.1, mean + 0.1, 900) for mean in (8.5, gain)]
    own = Control(SIGNS, 200, 3, best, right(0.1), ahead, right(shuffled), {}, *bits)
    return replace(own, **changes)


def verdicts(*forms: FormFigures, text: float = 0.03, controls: Sequence[Control] = (control(),)) -> dict[str, str]:
    simple = [("letters", "text", right(text)), ("likeness and cast", SIGNS, right(0.1))]
    return {verdict.claim: verdict.found for verdict in judge(forms, controls, simple, MADE)}


def test_verdicts_follow_the_figures() -> None:
    assert verdicts(form("tokens", 0.05, 0.06), form(SIGNS, 0.2)) == {
        "Signs make the training sequences short": "holds",
        "Training costs less": "holds when",  # embedding costs four passes over the tokens
        "Training needs less memory": "fails",
        "Training is done sooner": "holds",
        "What is learned is worth as much": "holds",
        "A model learns more of signs than can be compared without one": "holds",
        "What a model knows is the order of scenes": "holds",
        GROWS: "holds when",  # one number of books shows no growth
        "Answers cost less": "fails",  # they cost the same here
    }


def test_signs_are_weighed_against_text_at_equal_flops_and_at_its_best() -> None:
    claim = "What is learned is worth as much"
    assert verdicts(form("tokens", 0.05, 0.3), form(SIGNS, 0.2))[claim] == "fails"
    assert verdicts(form("tokens", 0.05, 0.06), form(SIGNS, 0.2), text=0.4)[claim] == "holds when"
    assert verdicts(form("tokens", 0.2, 0.2), form(SIGNS, 0.2))[claim] == "holds when"


def test_a_model_no_better_than_comparing_has_learned_nothing() -> None:
    claim = "A model learns more of signs than can be compared without one"
    forms = form("tokens", 0.05), form(SIGNS, 0.2)
    assert verdicts(*forms, controls=[control(0.005, 0.005)])[claim] == "fails"
    assert verdicts(*forms, controls=[control(0.02, 0.005)])[claim] == "holds when"
    assert verdicts(*forms, controls=[control(0.02, 0.02)])[claim] == "holds"


def test_a_model_that_finds_scenes_in_any_order_knows_none() -> None:
    claim = "What a model knows is the order of scenes"
    forms = form("tokens", 0.05), form(SIGNS, 0.2)
    assert verdicts(*forms, controls=[control(shuffled=0.1)])[claim] == "fails"


def test_fewer_operations_that_take_longer_are_sooner_in_part() -> None:
    claim = "Training is done sooner"
    slow = form(SIGNS, 0.2)
    slow = replace(slow, points=(replace(slow.points[0], seconds=301.0),))
    assert verdicts(form("tokens", 0.05, 0.06), slow)[claim] == "holds when"
    assert verdicts(form("tokens", 0.05), form(SIGNS, 0.1, 0.2))[claim] == "fails"


def test_answers_by_signs_are_cheap_when_scenes_have_signs() -> None:
    tokens, cheap = form("tokens", 0.05), form(SIGNS, 0.2, answer_flops=1e6)
    assert verdicts(tokens, cheap)["Answers cost less"] == "holds when"  # 4e12 for 500 scenes
    assert verdicts(form("tokens", 0.05, answer_flops=1e11), cheap)["Answers cost less"] == "holds"


def test_gains_must_grow_with_books_and_be_sure() -> None:
    forms = form("tokens", 0.05), form(SIGNS, 0.2)
    few = control(gain=0.2, books=30)
    assert verdicts(*forms, controls=[few, control(gain=0.4)])[GROWS] == "holds"
    assert verdicts(*forms, controls=[few, control(gain=0.25)])[GROWS] == "holds when"
    assert verdicts(*forms, controls=[control(gain=-0.1, books=30), control(gain=0.05)])[GROWS] == "fails"


def test_nothing_is_judged_that_was_not_run() -> None:
    assert verdicts(form("tokens", 0.05)) == {}
    assert verdicts() == {}


def test_equal_flops_are_those_of_the_first_mark_that_had_no_fewer() -> None:
    tokens = form("tokens", 0.1, 0.2, 0.3)
    assert tokens.within(1e11).right["far"].mean == 0.1
    assert tokens.within(2e11).right["far"].mean == 0.2
    assert tokens.within(1e20).right["far"].mean == 0.3


def test_signs_pay_from_where_what_they_save_makes_up_for_making_them() -> None:
    assert passes_to_pay(100.0, 30.0, 10.0) == 5.0
    assert passes_to_pay(100.0, 10.0, 10.0) is None
    rows = paying_table([form("tokens", 0.1), form(SIGNS, 0.2)], MADE)
    assert f"| {SIGNS} | 200 | 1 | 4 | 1 |" in rows
    assert f"| {SIGNS} | 200 | 10 | 0.4 | 0.1 |" in rows


def test_seeds_are_averaged_and_books_are_drawn() -> None:
    questions = [Question(kind, "en", book, 9, (9, 10)) for kind in ("far", "near") for book in (0, 1)]
    found = right_by_kind([[1, 0, 0, 0], [1, 1, 0, 0]], questions)
    assert found["far"].mean == 0.75
    assert (found["far"].low, found["far"].high) == (0.5, 1.0)
    assert found["near"].mean == 0.0
    assert found["chapter"].count == 0


def test_a_form_is_summed_up_over_its_seeds() -> None:
    def run(seed: int, best: int) -> dict[str, Any]:
        marks = [
            {"flops": f, "seconds": f / 1e9, "dev": 2.0, "hits": [seed], "bits": {"en": [b]}}
            for f, b in ((1e10, 5.0), (2e10, 4.0 + seed))
        ]
        return {
            "form": "tokens", "books": 30, "seed": seed, "units": 300, "parameters": 9, "training_units": 10,
            "flops_per_pass": 1e9, "marks": marks, "best": best, "answer_flops": 1e6, "memory": 50.0 + seed,
            "data_bytes": 40,
        }  # fmt: skip

    (found,) = summarise([run(0, 1), run(1, 1)], [Question("far", "en", 0, 9, (9, 10))])
    assert (found.books, found.text, found.memory) == (30, True, 51.0)
    assert found.at_best.bits == {"en": 4.5}
    assert found.at_best.right["far"].mean == 0.5
    assert found.seconds_per_pass == pytest.approx(1.0)


def test_the_tables_have_a_row_for_every_form_and_way(tmp_path: Path) -> None:
    forms = [form("tokens", 0.05, 0.06), form("tokens", 0.04, books=30), form(SIGNS, 0.2)]
    simple = [("like the last", SIGNS, right(0.1))]
    checked = [control(languages={"ru": InLanguage(3, right(0.2), right(0.05))})]
    verdicts = judge(forms, checked, simple, MADE)
    text = markdown("Head.", forms, checked, simple, {"unigram": Estimate(8.9, 8.8, 9.0, 4)}, MADE, verdicts)
    assert text.count("| tokens | 200 | 3 | 1.0e+1") == 2
    assert "| ru | 3 | 20.0 % (19.0-21.0) | 20.0 % (19.0-21.0) | +5.0 (+4.0 to +6.0) | +5.0 (+4.0 to +6.0) |" in text
    assert "| like the last | two glyphs + cast | 10.0 % (9.0-11.0) |" in text
    assert f"| {SIGNS} | 200 | 8.50 (8.40-8.60) | .40 (.30-.50) |" in text
    for name in ("a", "b"):
        draw(forms, checked, simple, MADE, tmp_path / f"{name}.png")
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def concept_run(hits: Sequence[float], start: Sequence[float], topics: Sequence[float]) -> dict[str, Any]:
    mark = {"hits": hits, "start": start, "shuffled": [0.0] * len(hits), "bits": {"topics": topics}}
    return {"form": SIGNS, "books": 30, "seed": 0, "best": 0, "marks": [mark]}


def test_a_model_is_held_against_the_best_way_that_reads_no_more_than_it_does() -> None:
    questions = [Question("far", language, book, 9, (9, 10)) for book, language in enumerate(("en", "en", "fr", "de"))]
    ways = [
        Way("letters", "text", 0.0, (1, 1, 1, 1)),
        Way("like the last", "four glyphs", 0.0, (1, 1, 1, 1)),
        Way("like the last", "two glyphs", 0.0, (0, 0, 1, 0)),
        Way("in common", "cast", 0.0, (1, 0, 1, 0)),
    ]
    runs = [concept_run((1, 1, 1, 0), (1, 0, 0, 0), (6.0, 2.0, 2.0, 2.0))] * 2
    unigram = {30: [np.array([9.0, 3.0, 4.0]), *[np.array([9.0, 3.0])] * 3]}
    (found,) = controls(runs, questions, ways, unigram)
    assert (found.seeds, found.best) == (2, {"far": "in common"})
    assert found.ahead["far"].mean == 0.25
    assert found.languages["en"].ahead["far"].mean == 0.5
    assert (found.languages["others"].books, found.languages["others"].ahead["far"].mean) == (2, 0.0)
    assert found.gain is not None
    assert found.gain.mean == pytest.approx((7 + 9 - 12) / 5)  # the first scene of a book is not foretold


def test_a_model_that_is_worse_than_before_training_is_held_against_that() -> None:
    questions = [Question("far", "en", book, 9, (9, 10)) for book in range(2)]
    (found,) = controls([concept_run((0, 0), (1, 1), ())], questions, [], {30: []})
    assert found.best == {"far": START}
    assert found.ahead["far"].mean == -1.0
    assert found.topics is None


def test_models_of_text_have_no_controls() -> None:
    run = concept_run((1,), (), ()) | {"form": "tokens"}
    assert controls([run], [Question("far", "en", 0, 9, (9, 10))], [], {30: []}) == []
