"""The experiment's verdicts and tables follow its figures, and nothing is judged or told that was not run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from benchmarks.meanings.intervals import Estimate
from benchmarks.next_scene.chart import draw
from benchmarks.next_scene.costs import Preparation, passes_to_pay
from benchmarks.next_scene.figures import FormFigures, Point, right_by_kind, summarise
from benchmarks.next_scene.questions import Question
from benchmarks.next_scene.report import markdown, paying_table
from benchmarks.next_scene.verdicts import SIGNS, judge

MADE = Preparation("use", 1_000_000, 9000, 4e12, 300.0, 500)


def right(mean: float) -> dict[str, Estimate]:
    return {kind: Estimate(mean, mean - 0.01, mean + 0.01, 100) for kind in ("far", "near", "chapter")}


def form(name: str, *found: float, **changes: Any) -> FormFigures:
    text = name == "tokens"
    points = tuple(
        Point(10.0 ** (11 + i), 30.0 * 10**i, 9.0, right(f), {"en": 2.0} if text else {"topics": 8.5})
        for i, f in enumerate(found)
    )
    figures = FormFigures(
        form=name, books=200, text=text, units=300, parameters=1000, training_units=500_000 if text else 500,
        flops_per_pass=1e12 if text else 1e9, seconds_per_pass=300.0 if text else 1.0, answer_flops=1e9, memory=100.0,
        data_bytes=2_000_000 if text else 2000, points=points, best=len(points) - 1,
    )  # fmt: skip
    return replace(figures, **changes)


def verdicts(*forms: FormFigures, text: float = 0.03, signs: float = 0.1) -> dict[str, str]:
    simple = [("letters", "text", right(text)), ("likeness and cast", SIGNS, right(signs))]
    return {verdict.claim: verdict.found for verdict in judge(forms, simple, MADE)}


def test_verdicts_follow_the_figures() -> None:
    assert verdicts(form("tokens", 0.05, 0.06), form(SIGNS, 0.2)) == {
        "Signs make the training sequences short": "holds",
        "Training costs less": "holds when",  # embedding costs four passes over the tokens
        "Training needs less memory": "fails",
        "Training is done sooner": "holds",
        "What is learned is worth as much": "holds",
        "A model learns more of signs than can be compared without one": "holds",
    }


def test_signs_are_weighed_against_text_at_equal_flops_and_at_its_best() -> None:
    claim = "What is learned is worth as much"
    assert verdicts(form("tokens", 0.05, 0.3), form(SIGNS, 0.2))[claim] == "fails"
    assert verdicts(form("tokens", 0.05, 0.06), form(SIGNS, 0.2), text=0.4)[claim] == "holds when"
    assert verdicts(form("tokens", 0.2, 0.2), form(SIGNS, 0.2))[claim] == "holds when"


def test_a_model_no_better_than_comparing_has_learned_nothing() -> None:
    claim = "A model learns more of signs than can be compared without one"
    assert verdicts(form("tokens", 0.05), form(SIGNS, 0.2), signs=0.2)[claim] == "fails"
    assert verdicts(form("tokens", 0.05), form(SIGNS, 0.2), signs=0.19)[claim] == "holds when"


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
    assert (found.books, found.text, found.memory) == (30, True, 50.5)
    assert found.at_best.bits == {"en": 4.5}
    assert found.at_best.right["far"].mean == 0.5
    assert found.seconds_per_pass == pytest.approx(1.0)


def test_the_tables_have_a_row_for_every_form_and_way(tmp_path: Path) -> None:
    forms = [form("tokens", 0.05, 0.06), form("tokens", 0.04, books=30), form(SIGNS, 0.2)]
    simple = [("like the last", SIGNS, right(0.1))]
    text = markdown("Head.", forms, simple, {"unigram": Estimate(8.9, 8.8, 9.0, 4)}, MADE, judge(forms, simple, MADE))
    assert text.count("| tokens | 200 | 1.0e+1") == 2
    assert "| like the last | two glyphs + cast | 10.0 % (9.0-11.0) |" in text
    assert f"| {SIGNS} | 200 | 8.50 |" in text
    for name in ("a", "b"):
        draw(forms, simple, MADE, tmp_path / f"{name}.png")
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
