"""Displays: a row that fits its terminal, lines for logs, and nothing where nobody wants any."""

from __future__ import annotations

import io
import re

import pytest
from rich.console import Console

from scenesign.pipeline.run.displays import LiveDisplay, PlainDisplay, fitting, make_display
from scenesign.pipeline.run.progress import RunState


def state_after_two_books() -> RunState:
    """Of three books, at second 40."""
    state = RunState(3, 1000, contents=1000)
    state.add("run/started", 1, 0.0)
    for second in range(10, 41):
        state.add("bytes/begun", 30, float(second))
        state.add("sentences/begun", 100, float(second))
        state.add("sentences/batch", 100, float(second))
        state.add("bytes/cut", 30, float(second))
        state.look(float(second))
    state.add("sources/done", 2, 40.0)
    state.add("books/embedded", 2, 40.0)
    return state


def test_plain_lines_come_at_stages_and_now_and_then() -> None:
    text = io.StringIO()
    display = PlainDisplay(Console(file=text, width=200))
    state = state_after_two_books()
    for tenth in range(400, 560):
        display.show(state, tenth / 10)
    first, *lines = text.getvalue().splitlines()
    assert first == "scenesign: reading 3 files, 1.0 kB"
    assert len(lines) == 2
    assert "2 of 3 files, 2 books, 3,100 sentences, 100 sentences/s, " in lines[0]
    state.add("parts/sampled", 1, 56.0)
    display.show(state, 56.0)
    assert text.getvalue().splitlines()[-1].startswith("progress: fit the inventory: ")


def test_the_end_corrects_in_one_line_what_was_said_too_early_or_never() -> None:
    text = io.StringIO()
    display = PlainDisplay(Console(file=text, width=200))
    state = state_after_two_books()
    state.add("scenes/written", 10, 41.0)
    display.show(state, 41.0)
    early = text.getvalue().splitlines()
    final = {"sources/done": 3, "books/written": 3, "sentences/embedded": 2500, "scenes/written": 94}
    for now in (42.0, 43.0):
        state.settle(final, now)
        display.show(state, now)
    assert early[-1].startswith("progress: write the dataset: ")
    assert text.getvalue().splitlines()[len(early) :] == [
        "progress: make the page: 3 of 3 files, 3 books, 2,500 sentences, 94 scenes"
    ]


@pytest.mark.parametrize("width", [20, 50, 80, 104, 200])
def test_the_live_row_is_one_row_of_any_width(width: int) -> None:
    text = io.StringIO()
    console = Console(file=text, width=width, force_terminal=True, color_system=None, _environ={"TERM": "xterm"})
    display = LiveDisplay(console)
    with console.capture() as captured:
        console.print(display.row(state_after_two_books(), 40.0))
    display.close()
    (line,) = captured.get().splitlines()
    assert len(line) <= width
    assert ("read and embed" in line) == (width >= 50)
    assert re.search(r"\b\d\d %", line)
    assert ("2 of 3 files" in line) == (width >= 50)
    assert ("100 sentences/s" in line) == (width >= 80)
    assert ("\u2501" in line) == (width >= 104)


def test_a_display_that_is_closed_shows_nothing_more() -> None:
    text = io.StringIO()
    display = make_display(Console(file=text, width=80, force_terminal=True, _environ={"TERM": "xterm"}), quiet=False)
    assert isinstance(display, LiveDisplay)
    display.begin("starting")
    assert "starting" in text.getvalue()
    display.close()
    shown = text.getvalue()
    display.show(state_after_two_books(), 40.0)
    display.close()
    assert text.getvalue() == shown


def test_facts_with_the_highest_ranks_go_first() -> None:
    facts = [(0, "12 %"), (2, "files"), (6, "speed"), (1, "left")]
    assert [fitting(facts, room) for room in (30, 20, 10, 4, 1)] == [
        "12 %, files, speed, left",
        "12 %, files, left",
        "12 %, left",
        "12 %",
        "12 %",
    ]


@pytest.mark.parametrize("environment", [{"TERM": "xterm", "NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_terminals_that_should_not_be_redrawn_get_lines(environment: dict[str, str]) -> None:
    console = Console(file=io.StringIO(), force_terminal=True, _environ=environment)
    assert isinstance(make_display(console, quiet=False), PlainDisplay)
    assert make_display(console, quiet=True) is None
