"""The lines of a strip: who is in most scenes, in order of first appearance."""

from __future__ import annotations

from scenesign.pipeline.report.cast import MOST_LINES, NAME_BYTES, StripMember, strip_cast


def member(number: int, scenes: int, *names: str) -> dict[str, object]:
    return {"id": number, "names": list(names), "scenes": scenes}


def test_a_line_has_the_scenes_whose_list_names_it() -> None:
    members = [member(1, 2, "Anna", "Annas"), member(2, 9, "Bo")]
    assert strip_cast(members, [[2], [], [1, 2], [1]]) == (
        StripMember("Anna", 2, (2, 3)),
        StripMember("Bo", 9, (0, 2)),
    )


def test_those_in_most_scenes_are_shown_by_first_appearance() -> None:
    members = [member(number, number % 7, f"N{number}") for number in range(1, 31)]
    shown = strip_cast(members, [[number] for number in range(1, 31)])
    assert len(shown) == MOST_LINES
    best = sorted(range(1, 31), key=lambda number: (-(number % 7), number))[:MOST_LINES]
    assert [line.name for line in shown] == [f"N{number}" for number in sorted(best)]


def test_without_names_ids_are_shown_and_without_scenes_nobody() -> None:
    assert strip_cast([member(3, 1)], [[3]]) == (StripMember("E3", 1, (0,)),)
    assert strip_cast([member(1, 5, "Anna")], [[], []]) == ()
    assert strip_cast([], []) == ()


def test_lines_of_one_name_are_told_apart() -> None:
    members = [member(1, 9, "Linton", "Edgar"), member(2, 8, "Linton", "Mrs. Linton"), member(3, 7, "Linton")]
    shown = strip_cast(members, [[1, 2, 3]])
    assert [line.name for line in shown] == ["Edgar", "Mrs. Linton", "Linton E3"]


def test_a_name_of_any_length_is_cut() -> None:
    (line,) = strip_cast([member(1, 1, "長" * 10_000)], [[1]])
    assert len(line.name.encode()) <= NAME_BYTES
