"""The judgement of a cast: occurrences, every score by hand, and the lists of people as they lie."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from benchmarks.cast import WAYS, people_figures, scores
from benchmarks.next_scene.questions import Question
from benchmarks.people.crude import crude_cast
from benchmarks.people.guesses import by_mentions, shared_with_last, shared_with_memory
from benchmarks.people.judge import Joining, Kind, b_cubed, judge, meaning
from benchmarks.people.known import (
    OTHER,
    SHARED,
    SIDES,
    Known,
    Occurrence,
    occurrences,
    overlapping,
    read_all,
    read_known,
)
from benchmarks.people.litbank import read_opening, read_openings
from scenesign.transforms.cast.cast import Cast, CastMember

HEAD = "source\t*Novel*\ntitle\tNovel\nauthor\tNobody\nlanguage\ten\nside\tdev\n"


def known(
    persons: tuple[tuple[str, ...], ...],
    shared: tuple[str, ...] = (),
    others: tuple[str, ...] = (),
    language: str = "en",
) -> Known:
    return Known("*Novel*", "Novel", "Nobody", language, "dev", persons, shared, others)


def found(text: str, names: list[str], language: str = "en") -> list[str]:
    return [text[o.start : o.end] for o in occurrences(text, [(n, i) for i, n in enumerate(names)], language)]


def test_the_longest_name_at_a_place_counts_and_none_within_it() -> None:
    assert found("Mrs. Linton met Linton and\nEdgar  Linton.", ["Linton", "Mrs Linton", "Edgar Linton"]) == [
        "Mrs. Linton",
        "Linton",
        "Edgar  Linton",
    ]


def test_names_begin_and_end_with_words_where_words_are_parted() -> None:
    assert found("Annabel, Anna's and Johanna", ["Anna"]) == ["Anna"]
    assert found("他說孫行者來了", ["行者"], "zh") == ["行者"]


def test_an_open_ending_takes_three_letters_at_most() -> None:
    text = "Базаров Базарова Базаровым Базаровский; Павла Петровича"
    assert found(text, ["Базаров~", "Пав~ Петрович~"], "ru") == ["Базаров", "Базарова", "Базаровым", "Павла Петровича"]


def test_a_place_goes_with_what_covers_most_of_it() -> None:
    one, two = Occurrence(0, 4, 0), Occurrence(5, 12, 1)
    assert overlapping([Occurrence(3, 9, 7), Occurrence(20, 22, 8)], [one, two]) == [two, None]


@pytest.mark.parametrize(
    ("owners", "kind", "person"),
    [
        ([0, 0, 1, None], Kind.PERSON, 0),
        ([SHARED, SHARED, 1, None], Kind.PERSON, 1),
        ([OTHER, OTHER, 0], Kind.OTHER, None),
        ([0, None, None], Kind.NOISE, None),
        ([SHARED], Kind.PERSON, None),
        ([], Kind.NOISE, None),
    ],
)
def test_a_member_is_what_half_of_its_occurrences_are(owners: list[int | None], kind: Kind, person: int | None) -> None:
    assert (meaning(owners).kind, meaning(owners).person) == (kind, person)


def test_b_cubed_by_hand() -> None:
    """Three mentions of one in a group, one of them alone; another's mention in the group."""
    joined = b_cubed([(0, "a"), (0, "a"), (0, "alone"), (1, "a")])
    assert joined.precision == pytest.approx((2 / 3 + 2 / 3 + 1 + 1 / 3) / 4)
    assert joined.recall == pytest.approx((2 / 3 + 2 / 3 + 1 / 3 + 1) / 4)
    assert b_cubed([]) == Joining(0.0, 0.0)
    assert b_cubed([]).f1 == 0.0


def test_all_scores_of_a_small_novel() -> None:
    scenes = ["Tom saw Becky. Tom Sawyer ran. ", "Becky saw Rome. Tom. ", "Becky, Becky, Tom; Monday Huck. "]
    text, starts = "".join(scenes), [0, len(scenes[0]), len(scenes[0]) + len(scenes[1])]
    members = (
        CastMember(1, ("Tom",), 0, 3, 3),
        CastMember(2, ("Becky", "Rome"), 0, 3, 5),
        CastMember(3, ("Sawyer",), 0, 1, 1),
        CastMember(4, ("Monday",), 2, 1, 1),
    )
    cast = Cast(members, ((1, 2, 3), (2, 1), (2, 1, 4)))
    score = judge(
        known((("Tom", "Tom Sawyer"), ("Becky",), ("Huck",)), others=("Rome",)), text, starts, cast, least_named=1
    )
    assert score.people == 3
    assert score.found == pytest.approx(2 / 3)
    assert score.missed == ("Huck",)
    assert score.found_mentions == pytest.approx(8 / 9)
    assert score.kinds == {Kind.PERSON: 3 / 4, Kind.OTHER: 0.0, Kind.NOISE: 1 / 4}
    assert score.noise == ("Monday",)
    # Tom, and Sawyer within Tom Sawyer, where Tom comes first
    assert score.members_each == pytest.approx(3 / 2)
    assert score.persons_each == 1.0
    assert score.on_stage == pytest.approx(7 / 8)
    assert score.joining.precision == 1.0


def test_a_form_of_two_members_is_that_which_the_scene_names() -> None:
    text = "Cathy. Cathy. "
    cast = Cast((CastMember(1, ("Cathy", "Kate"), 0, 1, 2), CastMember(2, ("Cathy",), 1, 1, 1)), ((1,), (2,)))
    split = judge(known((("Cathy",),)), text, [0, 7], cast, least_named=1)
    assert split.joining.recall == pytest.approx(1 / 2)
    assert split.members_each == 2.0


def test_a_person_whom_the_text_names_too_seldom_is_not_wanted() -> None:
    text = "Tom. " * 4 + "Huck. " * 5
    cast = Cast((CastMember(1, ("Huck",), 0, 1, 5),), ((1,),))
    score = judge(known((("Tom",), ("Huck",))), text, [0], cast)
    assert (score.people, score.found, score.missed) == (1, 1.0, ())


def test_a_lone_letter_of_a_script_without_spaces_counts_if_the_list_has_it() -> None:
    cast = Cast((CastMember(1, ("操", "曹操"), 0, 1, 9),), ((1,),))
    text = "曹操來。" * 5 + "操練。" * 6
    assert judge(known((("曹操",),), language="zh"), text, [0], cast).found == 1.0
    assert judge(known((("曹操",), ("操",)), language="zh"), text, [0], cast).missed == ("曹操",)


def test_an_empty_cast_finds_nobody() -> None:
    score = judge(known((("Tom",),)), "Tom. " * 5, [0], Cast((), ((),)))
    assert (score.found, score.on_stage, score.members_each) == (0.0, 0.0, 0.0)


@pytest.mark.parametrize(
    ("lines", "complaint"),
    [
        ("person\tTom\nperson\tTom\n", ":7: 'Tom' stands twice"),
        ("person\n", ":6: wants a word"),
        ("other\tRome\tParis\n", ":6: wants a word"),
        ("hero\tTom\n", ":6: 'hero' is none"),
        ("side\tother\n", "lacks a side"),
    ],
)
def test_a_list_that_is_not_of_its_form_is_refused(tmp_path: Path, lines: str, complaint: str) -> None:
    path = tmp_path / "en-novel.tsv"
    path.write_text(HEAD + lines, encoding="utf-8")
    with pytest.raises(ValueError, match=complaint):
        read_known(path)


def test_lists_are_of_their_form_and_both_sides_have_the_three_languages() -> None:
    lists = read_all()
    for side in SIDES:
        for language in ("en", "ru", "zh"):
            assert sum((item.side, item.language) == (side, language) for item in lists) >= 3
    assert all(item.persons for item in lists)
    authors = {side: {item.author for item in lists if item.side == side} for side in SIDES}
    assert not authors["dev"] & authors["test"]


def test_the_crude_rule_wants_a_capital_inside_a_sentence_three_times() -> None:
    text = "Then came Tom and the Tom of Tom. Then Huck, and Huck. Huck"
    assert [member.names for member in crude_cast(text, [0], "en").members] == [("Tom",)]
    assert crude_cast("他 說", [0], "zh").members == ()


def test_a_choice_is_scored_by_ids_in_common() -> None:
    scenes = [frozenset(ids) for ids in ({1}, {1, 2}, {1, 3}, {2, 3}, {1, 3}, {2}, set())]
    question = Question("far", "en", 0, 4, (4, 5, 6))
    assert shared_with_last(scenes, question).tolist() == [1, 1, 0]
    one, two, three = math.log(5 / 3), math.log(5 / 2), math.log(5 / 2)
    expected = [three + three / 2 + one / 2 + one / 3 + one / 4, two + two / 3, 0]
    np.testing.assert_allclose(shared_with_memory(scenes, question), expected)


def test_members_have_a_place_by_mentions() -> None:
    members = tuple(CastMember(number, (str(n),), 0, 1, n) for number, n in enumerate((2, 9, 2, 5), 1))
    assert by_mentions(Cast(members, ())) == [2, 0, 3, 1]


def test_an_opening_of_litbank_by_chain(tmp_path: Path) -> None:
    folder = tmp_path / "coref" / "tsv"
    folder.mkdir(parents=True)
    (folder / "1_novel_brat.txt").write_text("Tom met Mr. Finn . Huck went to Rome .", encoding="utf-8")
    (folder / "1_novel_brat.ann").write_text(
        "MENTION\tT0\t0\t0\t0\t0\tTom\tPER\tPROP\n"
        "MENTION\tT1\t0\t2\t0\t3\tMr. Finn\tPER\tPROP\n"
        "MENTION\tT2\t1\t0\t1\t0\tHuck\tPER\tPROP\n"
        "MENTION\tT3\t1\t3\t1\t3\tRome\tGPE\tPROP\n"
        "MENTION\tT4\t1\t0\t1\t0\the\tPER\tPRON\n"
        "COREF\tT0\tTom-1\nCOREF\tT1\tHuck-2\nCOREF\tT2\tHuck-2\nCOREF\tT4\tHuck-2\nCOREF\tT3\tRome-3\n",
        encoding="utf-8",
    )
    opening = read_opening(folder / "1_novel_brat.ann")
    assert set(opening.known.persons) == {("Tom",), ("Huck", "Mr. Finn")}
    assert (opening.known.shared, opening.known.others) == ((), ("Rome",))
    assert len(read_openings(tmp_path)) == 1
    with pytest.raises(ValueError, match="holds no coref/tsv"):
        read_openings(folder)


def test_a_book_is_judged_by_each_way_that_finds_anybody() -> None:
    texts = ("Then came Tom and the Tom of Tom, as Tom would with Tom. ", "And Tom. ")
    scored = list(scores([("x/A-Novel.txt", "en", texts), ("x/A-Novel.txt", "fr", texts)], [known((("Tom",),))]))
    assert {way for _, way, _ in scored} == set(WAYS)
    values = {(f.measure, f.way): f.value.mean for f in people_figures(scored) if f.language == "en"}
    assert values["people found", "crude, dev"] == 1.0
