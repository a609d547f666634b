"""The experiment's verdicts follow its figures, and nothing is drawn or told that was not run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.next_scene.baselines import Preparation
from benchmarks.next_scene.chart import draw
from benchmarks.next_scene.figures import Curve, FormFigures, Interval, Reading, accuracy, of_kind, summarise
from benchmarks.next_scene.plan import Entry
from benchmarks.next_scene.report import judge, markdown

MADE = Preparation("use", 1_000_000, 9000, 4e12, 300.0, 2.0, 500)


def form(name: str, found: float, **changes: Any) -> FormFigures:
    span = Interval(found, found - 0.01, found + 0.01)
    curve = Curve((1e10, 1e11), (0.03, found), (0.02, found), (0.04, found))
    text = name != "signs"
    figures = FormFigures(
        name=name, main=True, text=text, units=300, parameters=1000, training_units=500_000 if text else 500,
        flops_per_unit=2e6, flops_per_pass=1e12 if text else 1e9, best_flops=3e12 if text else 5e9,
        passes=3.0 if text else 5.0, last_is_best=text, seconds=9.0, seconds_per_pass=3.0, memory=100.0,
        corpus_bytes=2_000_000 if text else 2000, readings=(Reading(96, 24, 1e9, {"far": span, "near": span}),),
        by_language={"far/en": span}, curves={"far": curve, "near": curve} | ({"bits/en": curve} if text else {}),
        bits={"en": (2.0, 1.95, 2.05)} if text else {},
    )  # fmt: skip
    return replace(figures, **changes)


def verdicts(*forms: FormFigures, best: float = 0.03) -> dict[str, str]:
    simple = [("like the last", 3e4, {k: Interval(best, best - 0.01, best + 0.01) for k in ("far", "near")})]
    return {v.claim: v.found for v in judge(forms, simple, MADE)}


def test_verdicts_follow_the_figures() -> None:
    found = verdicts(form("tokens", 0.05), form("signs", 0.09), form("signs + tokens", 0.05))
    assert found == {
        "Signs make the training sequences short": "holds",
        "Training costs less": "holds when",  # embedding costs four passes over the tokens
        "Training needs less memory": "fails",
        "Training is done sooner": "holds",
        "What is learned is worth as much": "holds",
        "Signs help a token model": "fails",
    }


def test_signs_at_chance_teach_nothing_however_soon() -> None:
    claim = "What is learned is worth as much"
    assert verdicts(form("tokens", 0.03), form("signs", 0.03))[claim] == "fails"
    assert verdicts(form("tokens", 0.30), form("signs", 0.09))[claim] == "fails"
    assert verdicts(form("tokens", 0.09), form("signs", 0.09))[claim] == "holds when"
    assert verdicts(form("tokens", 0.05), form("signs", 0.09), best=0.4)[claim] == "fails"


def test_signs_beside_tokens_help_where_the_seeds_part() -> None:
    claim = "Signs help a token model"
    tokens = form("tokens", 0.05, bits={"en": (2.0, 1.95, 2.05), "zh": (9.0, 8.9, 9.1)})
    better = form("signs + tokens", 0.05, bits={"en": (1.8, 1.75, 1.85), "zh": (8.0, 7.9, 8.1)})
    partly = replace(better, bits={"en": (1.8, 1.75, 1.85), "zh": (9.0, 8.8, 9.2)})
    assert verdicts(tokens, form("signs", 0.05), better)[claim] == "holds"
    assert verdicts(tokens, form("signs", 0.05), partly)[claim] == "holds when"


def test_nothing_is_judged_that_was_not_run() -> None:
    assert verdicts(form("tokens", 0.05)) == {}
    assert "Signs help a token model" not in verdicts(form("tokens", 0.05), form("signs", 0.05))


def test_accuracy_is_over_all_languages_or_one() -> None:
    hits = {"far/en": [1.0, 0.0], "far/zh": [1.0, 1.0], "near/en": [0.0, 0.0]}
    assert of_kind(hits, "far").mean() == 0.75
    assert of_kind(hits, "far", "zh").tolist() == [1.0, 1.0]
    assert accuracy([hits, hits], "far", "en").mean == 0.5


def test_a_form_is_told_by_its_best_marks() -> None:
    def run(best: int, memory: float) -> dict[str, Any]:
        marks = [
            {"flops": f, "dev": 9.0, "hits": {"far/en": [0.0], "near/en": [1.0]}, "bits_per_character": {"en": b}}
            for f, b in ((1e10, 5.0), (2e10, 4.0))
        ]
        answers = [{"context": 8, "opening": 3, "flops": 1e6, "hits": {"far/en": [1.0, 0.0], "near/en": [0.0, 0.0]}}]
        return {
            "units": 300, "parameters": 9, "training_units": 10, "flops_per_unit": 1e6, "flops_per_pass": 1e7,
            "marks": marks, "best": best, "answers": answers, "memory": memory, "idle": 100.0, "seconds": 3.0,
            "corpus_bytes": 40,
        }  # fmt: skip

    entry = Entry("tokens", lambda: pytest.fail("not made again"), {}, ((8, 3),), True)
    found = summarise(entry, [run(1, 150.0), run(0, 170.0)])
    assert found.best_flops == 1.5e10
    assert found.passes == 1500.0
    assert found.memory == 60.0
    assert found.bits["en"] == (4.5, 4.0, 5.0)
    assert not found.last_is_best
    assert found.readings[0].accuracy["far"].mean == 0.5
    assert found.curves["bits/en"].mean == (5.0, 4.0)


def test_the_table_has_a_row_for_every_form_and_way(tmp_path: Path) -> None:
    from benchmarks.next_scene.books import Shelf

    forms = [form("tokens", 0.05), form("signs", 0.09)]
    simple = [("like the last", 3e4, {k: Interval(0.1, 0.09, 0.11) for k in ("far", "near")})]
    shelf = Shelf((), {"a": 40}, ())
    text = markdown(forms, simple, MADE, judge(forms, simple, MADE), shelf, 3)
    assert "| tokens | 300 | 500,000 |" in text
    assert "| *like the last* | | | | | 10.0 % (9.0-11.0)" in text
    assert "4.0e+12 FLOPs and 300 s" in text
    draw(forms, simple, MADE, tmp_path / "a.png")
    draw(forms, simple, MADE, tmp_path / "b.png")
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
    assert np.frombuffer((tmp_path / "a.png").read_bytes()[16:24], ">u4").min() > 600
