"""Scenes of translations: what is projected, matched and weighed, against cases worked out by hand."""

from __future__ import annotations

import itertools
import json
import sys
import unicodedata
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pytest

from benchmarks import scene_agreement
from benchmarks.scene_agreements.agreement import compare_sentences, project_warped, projections, row
from benchmarks.scene_agreements.information import Characters, characters, characters_of_information, spent
from benchmarks.scene_agreements.lengths import Scenes, lengths, measured
from benchmarks.scene_agreements.library import archived, chosen, read_archive
from benchmarks.scene_agreements.matching import (
    Matches,
    Run,
    Side,
    aligned,
    averaged,
    by_share,
    compare,
    cosine_rows,
    count,
    misplaced,
    projected,
    runs,
)
from benchmarks.scene_agreements.parallel import (
    Cut,
    compose,
    cut_edition,
    only_paragraphs,
    read_chapters,
    read_stories,
    read_verses,
)
from scenesign.schemas.records import BlockKind
from scenesign.transforms.embedders.registry import DEFAULT_EMBEDDER
from scenesign.transforms.scenes.find import SceneOptions
from scenesign.transforms.scenes.sentences import split_book

VERSES = (
    "book\tchapter\tverse\ten_a\tru_b\tzh_c\n"
    "Gen\t1\t1\tIt was dark.\tБыло темно.\t天黑了。\n"
    "Gen\t1\t2\tThe wind rose\tПоднялся ветер\t起风了，\n"
    "Gen\t1\t3\tover the sea.\tнад морем.\t在海上。\n"
    "Gen\t1\t4\tNobody spoke.\t \t没人说话。\n"
    "Gen\t2\t1\tMorning came.\tНастало утро.\t早晨来了。\n"
    "Ruth\t1\t1\tShe went home.\tОна ушла домой.\t她回家了。\n"
)


def test_boundaries_count_between_what_either_text_marks() -> None:
    # eight units of one sentence; the left has a heading before unit 4, the right none
    left = Side(tuple(range(8)), frozenset({0, 4}), (0, 2, 4, 6))
    right = Side(tuple(range(8)), frozenset({0}), (0, 2, 4, 7))
    first, second = runs(left, right)
    assert first == (Run((1, 2, 3), (1,)), Run((1, 2, 3), (1,)))
    assert second == (Run((5, 6, 7), (1,)), Run((5, 6, 7), (2,)))
    found = compare(left, right, (0, 1))
    assert [(m.left, m.right, m.found) for m in found] == [(1, 1, (1, 1)), (1, 1, (0, 1))]


def test_a_marked_boundary_is_none_though_a_sentence_before_it_lands_in_its_place() -> None:
    # the third and the fourth sentence are projected to one place, and the fourth is after a heading
    left = Side((0, 1, 2, 2, 3), frozenset({0, 3}), (0, 3))
    right = Side((0, 1, 2, 3), frozenset({0}), (0,))
    assert [run.found for run, _ in runs(left, right)] == [(), ()]


def test_units_of_several_sentences_and_units_that_none_starts_in() -> None:
    left = Side((0, 0, 2, 2, 3), frozenset({0}), (0, 3))
    right = Side((0, 1, 2, 3, 3), frozenset({0}), (0, 2))
    ((ours, theirs),) = runs(left, right)
    assert ours == Run((0, 2, 2, 3), (2,))
    assert ours.boundaries == [2]
    assert count(ours, theirs, (0,)).found == (1,)


def test_chance_has_as_many_boundaries() -> None:
    run = Run(tuple(range(10, 19)), (0, 8))  # ten sentences, the first at 9
    assert run.boundaries == [10, 18]
    assert run.evenly() == [12, 15]  # scenes of 3, 3 and 4
    assert len(set(run.at_random(1))) == 2
    assert set(run.at_random(1)) <= set(run.places)
    assert Run((), ()).evenly() == Run((), ()).at_random(0) == []
    every = Run((1, 2, 3), (0, 1, 2))
    assert count(every, every, (0,)) == Matches(3, 3, (3,), (3,), (3,), (3,))


def test_random_matches_are_a_mean_over_draws() -> None:
    lone = Run(tuple(range(10)), (4,))
    drawn = [lone.at_random(seed) for seed in range(20)]
    assert len({place for (place,) in drawn}) > 1
    assert count(lone, lone, (0, 9)).random == (drawn.count([4]) / 20, 1)


def test_a_row_is_over_all_boundaries() -> None:
    matches = [
        Matches(2, 2, (1, 2), (0, 0.5), (0, 1), (0, 0)),
        Matches(1, 3, (1, 1), (0.5, 0.5), (0, 0), (1, 1)),
        Matches(0, 0, (0, 0), (0, 0), (0, 0), (0, 0)),
    ]
    found = row("verses", "en-ru", matches)
    assert (found.left, found.right) == (3, 5)
    assert found.strict.mean == pytest.approx(2 * 2 / 8)
    assert found.near.mean == pytest.approx(2 * 3 / 8)
    assert (found.near.low, found.near.high) == (pytest.approx(0.5), pytest.approx(1.0))  # only the one, only the other
    assert found.random.mean == pytest.approx(2 * 1 / 8)
    together = row("verses", "en-ru", matches, [0, 0, 1])
    assert (together.near.mean, together.near.low, together.near.high) == (found.near.mean,) * 3
    assert row("verses", "en-ru", []).near.show() == "-"


def test_there_and_back() -> None:
    there = Matches(2, 3, (1, 2), (0.5, 1), (0, 1), (1, 1))
    back = Matches(3, 2, (2, 2), (0.5, 0), (1, 1), (0, 1))
    assert averaged(there, back) == Matches(2, 3, (1.5, 2), (0.5, 0.5), (0.5, 1), (0.5, 1))


def test_warping_by_hand() -> None:
    same = np.eye(4)
    assert aligned(same) == [0, 1, 2, 3]
    # the second sentence became two, the last two became one
    cosines = np.array([[1, 0, 0, 0], [0, 1, 1, 0], [0, 0, 0, 1], [0, 0, 0, 1]])
    assert aligned(cosines) == [0, 1, 3, 3]
    assert aligned(cosines.T) == [0, 1, 1, 2]
    assert aligned(np.array([[0.2, 0.9, 0.3]])) == [0]
    assert aligned(np.array([[0.2], [0.9]])) == [0, 0]


def test_warping_takes_the_cheapest_of_all_paths() -> None:
    rng = np.random.default_rng(3)
    for rows, columns in ((1, 1), (2, 5), (5, 3), (6, 6)):
        cosines = rng.uniform(-1, 1, (rows, columns))
        costs = 1 - cosines
        best = np.full((rows, columns), np.inf)
        for i in range(rows):
            for j in range(columns):
                before = [best[a, b] for a, b in ((i - 1, j - 1), (i - 1, j), (i, j - 1)) if a >= 0 and b >= 0]
                best[i, j] = costs[i, j] + min(before, default=0.0)
        # a row's cells are from its first column to the next row's, or to the column before that
        first = [*aligned(cosines), columns - 1]
        paths = [0.0]
        for i, (start, after) in enumerate(itertools.pairwise(first)):
            ends = {after} if i == rows - 1 else {max(start, after - 1), after}
            paths = [path + costs[i, start : end + 1].sum() for path in paths for end in ends]
        assert min(paths) == pytest.approx(best[-1, -1])


def test_cosines_come_row_by_row() -> None:
    rng = np.random.default_rng(0)
    left, right = rng.normal(size=(600, 3)), rng.normal(size=(5, 3))
    assert np.allclose(list(cosine_rows(left, right)), left @ right.T)


def test_shares_by_hand() -> None:
    # starts at 0, .25, .5 and .75 of the one, at 0, .1, .4 and .8 of the other
    assert by_share(np.array([5.0, 5, 5, 5]), np.array([1.0, 3, 4, 2])) == [0, 1, 2, 3]
    assert by_share(np.array([1.0, 1, 8]), np.array([5.0, 5])) == [0, 0, 0]
    assert by_share(np.array([5.0, 5]), np.array([7.0])) == [0, 0]


def test_projection_stays_within_its_unit() -> None:
    last = projected(
        [0, 0, 1], [0, 1, 1], lambda ours, theirs: [theirs.stop - theirs.start - 1] * (ours.stop - ours.start)
    )
    assert last == (0, 0, 2)
    with pytest.raises(ValueError, match="unit 1 has no sentence"):
        projected([0, 1], [0, 2], lambda ours, theirs: [0])


def test_sentences_that_open_a_unit_are_judged() -> None:
    # units 0, 1 and 3 open with sentences 0, 1 and 3 of ours; of theirs with 0, 2 and 4; in unit 2 none of ours starts
    assert misplaced([0, 1, 1, 3], [0, 0, 1, 2, 3], [0, 2, 3, 3]) == [0, 0, 1]
    assert misplaced([0, 1], [0, 2], [0, 1]) == [0]


def cut(units: list[int], starts: list[int], directions: list[int]) -> Cut:
    """Sentences whose vectors are axes of a space."""
    return Cut(
        tuple(units), frozenset({0}), tuple(starts), np.eye(8, dtype=np.float32)[directions], np.ones(len(units))
    )


def test_sentences_are_compared_along_their_vectors() -> None:
    # the translation makes two sentences of the first
    ours = cut([0] * 5, [0, 3], [0, 1, 2, 3, 4])
    theirs = cut([0] * 6, [0, 4], [0, 0, 1, 2, 3, 4])
    (found,) = compare_sentences(ours, theirs, project_warped)
    assert (found.left, found.right, found.found) == (1, 1, (1, 1))
    (far,) = compare_sentences(ours, cut([0] * 6, [0, 2], [0, 0, 1, 2, 3, 4]), project_warped)
    assert far.found == (0, 1)  # two sentences off
    by_unit = cut([0, 1, 2, 2, 3], [0], [0, 1, 2, 3, 4])
    judged = list(projections("verses", [{"en": by_unit, "ru": by_unit}]))
    assert [(p.way, p.sentences, p.exact) for p in judged] == [("warped", 4, 1.0), ("by share", 4, 1.0)]


def test_characters_by_script() -> None:
    assert characters("中文, ok。") == Characters(han=2, other=5)
    assert characters("カタカナとひらがな漢字ー々") == Characters(han=3, kana=10)
    assert characters("한국 어") == Characters(hangul=3, other=1)
    assert characters_of_information("中あ한وa") == pytest.approx(3.5 + 1.4 + 2.5 + 1.4 + 1)
    assert characters_of_information("") == 0


def test_what_languages_take_for_a_text() -> None:
    english, chinese, korean = spent({"en": ["a" * 20], "zh": ["中中", "中。"], "ko": ["한" * 5 + "  "]})
    assert (english.plain, english.information, english.weight) == (1, 1, 1)
    assert (chinese.plain, chinese.information) == (4 / 20, 11.5 / 20)
    assert (chinese.script, chinese.weight) == ("han", pytest.approx(19 / 3))  # 3 of them and a stop make 20
    assert (korean.script, korean.weight) == ("hangul", pytest.approx(18 / 5))
    with pytest.raises(ValueError, match="no script"):
        spent({"en": ["a"], "zh": []})


def test_books_are_composed_of_pieces() -> None:
    book, places = compose("en", [(BlockKind.HEADING, ["1"]), (BlockKind.PARAGRAPH, ["One.", "Two."])])
    assert book.text == "1\n\nOne. Two."
    assert [book.text[b.start : b.end] for b in book.blocks] == ["1", "One. Two."]
    assert places == [[0], [3, 8]]
    assert compose("zh", [(BlockKind.PARAGRAPH, ["一。", "二。"])])[0].text == "一。二。"
    alone = only_paragraphs(book)
    assert (alone.book.text, alone.units) == ("One. Two.", (0,))


def test_verses(tmp_path: Path) -> None:
    table = tmp_path / "verses.tsv"
    table.write_text(VERSES, encoding="utf-8")
    first, second = read_verses(table, headings=True)
    assert (first.name, second.name) == ("Gen", "Ruth")
    english, chinese = first.editions["en"], first.editions["zh"]
    assert (
        english.book.text == "1\n\nIt was dark. The wind rose over the sea.\n\n2\n\nMorning came."
    )  # verse 4 is not in all
    assert chinese.book.text == "1\n\n天黑了。起风了，在海上。\n\n2\n\n早晨来了。"
    assert [english.book.text[unit:][:3] for unit in english.units] == ["It ", "The", "ove", "Mor"]
    hidden = read_verses(table, headings=False)[0].editions["en"].book
    assert (len(hidden.blocks), hidden.text) == (1, "It was dark. The wind rose over the sea. Morning came.")
    each = read_verses(table, headings=False, each=True)[0].editions["ru"].book
    assert [each.text[b.start : b.end] for b in each.blocks][1:] == ["Поднялся ветер", "над морем.", "Настало утро."]
    table.write_text("book\ten_a\nGen\tIt was.\n", encoding="utf-8")
    with pytest.raises(ValueError, match="no column chapter, ru, zh among book, en_a"):
        read_verses(table, headings=True)


def test_a_sentence_is_of_the_verse_that_it_starts_in(tmp_path: Path) -> None:
    table = tmp_path / "verses.tsv"
    table.write_text(VERSES, encoding="utf-8")
    edition = read_verses(table, headings=True)[0].editions["en"]
    found = cut_edition(edition, DEFAULT_EMBEDDER, SceneOptions())
    assert found.units == (0, 1, 3)
    assert found.hard == {0, 2}
    assert found.starts == (0, 2)
    assert found.sizes.tolist() == [12, 27, 13]


def test_chapters(tmp_path: Path) -> None:
    rows = [
        {"part": 1, "chapter": 1, "en": ["A.", "B."], "ru": ["А. Б."]},
        {"part": 1, "chapter": 2, "en": ["C."], "ru": ["В."]},
        {"part": 2, "chapter": 1, "en": ["D."], "ru": ["Г."]},
    ]
    path = tmp_path / "chapters.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    shown, hidden = (read_chapters(path, headings)[0].editions for headings in (True, False))
    assert shown["en"].book.text == "1\n\nA.\n\nB.\n\n2\n\nC."
    assert shown["en"].units == (3, 14)
    assert (hidden["ru"].book.text, hidden["ru"].units) == ("А. Б.\n\nВ.", (0, 7))
    assert [part.name for part in read_chapters(path, True)] == ["part 1", "part 2"]


def test_stories_of_the_same_blocks(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    for language, first, second in (("en", "It rained.", "We left."), ("fr", "Il pleuvait.", "On partit.")):
        (tmp_path / language).mkdir()
        (tmp_path / language / "a.txt").write_text(f"{first}\n\n* * *\n\n{second}\n", encoding="utf-8")
        (tmp_path / language / "b.txt").write_text(f"{first}\n\n{second}\n", encoding="utf-8")
    (tmp_path / "fr" / "b.txt").write_text("Il pleuvait. On partit.\n", encoding="utf-8")
    (story,) = read_stories(tmp_path, headings=True)
    assert (story.name, set(story.editions)) == ("a.txt", {"en", "fr"})
    assert story.editions["en"].units == (0, 19)
    (alone,) = read_stories(tmp_path, headings=False)
    assert alone.editions["fr"].book.text == "Il pleuvait.\n\nOn partit."
    assert "b.txt left out" in capsys.readouterr().out


def test_the_first_titles_one_an_author() -> None:
    assert chosen(["B_2", "A_1", "B_1", "C_9", "D_1"], 3) == ["A_1", "B_1", "C_9"]
    assert chosen([], 3) == []


def test_names_in_a_zip_are_composed(tmp_path: Path) -> None:
    archive = tmp_path / "fr.zip"
    name = "Gréville_Été.txt"
    with ZipFile(archive, "w") as packed:
        packed.writestr(unicodedata.normalize("NFD", name), "Il pleuvait. Personne ne parlait.")
        packed.writestr("Autre_Rien.txt", "")
    assert archived(archive) == [name, "Autre_Rien.txt"]
    books, left_out = read_archive(archive, archived(archive), DEFAULT_EMBEDDER)
    assert [(book.text, book.language) for book in books] == [("Il pleuvait. Personne ne parlait.", "fr")]
    assert left_out == ["fr.zip!Autre_Rien.txt: empty"]


def test_scenes_are_measured_by_their_prose() -> None:
    blocks = [
        (BlockKind.HEADING, ["第一回"]),
        (BlockKind.PARAGRAPH, ["天黑了。", "起风。"]),
        (BlockKind.PARAGRAPH, ["走！"]),
    ]
    segmented = split_book(compose("zh", blocks)[0])
    assert len(segmented.sentences) == 4
    assert measured(segmented, (0, 3)) == Scenes((2, 1), (7, 2), (19.5, 4.5), (True, False), (False, False))
    bare = split_book(compose("en", [(BlockKind.PARAGRAPH, ["One.", "Two."]), (BlockKind.BREAK, ["*"]), blocks[1]])[0])
    assert measured(bare, (0, 1, 3)).marked == (True, False, True)
    talk = split_book(
        compose(
            "en",
            [
                (BlockKind.PARAGRAPH, ["“Yes,” he said."]),
                (BlockKind.PARAGRAPH, ["“No,” she said.", "It rained."]),
                (BlockKind.PARAGRAPH, ["“Oh.”"]),
            ],
        )[0]
    )
    assert measured(talk, (0, 1, 2, 3)).talked == (False, True, False, False)


def test_lengths_by_hand() -> None:
    books = [
        Scenes((4, 10), (100, 300), (100.0, 300.0), (True, False), (False, True)),
        Scenes((10,), (200,), (600.0,), (True,), (False,)),
    ]
    found = lengths("zh", books, most_sentences=10)
    assert (found.books, found.scenes, found.median_sentences) == (2, 3, 10)
    assert (found.median_characters, found.mean_characters) == (200, 200)
    assert found.median_information == 300
    assert found.information.mean == pytest.approx(1000 / 3)
    assert (found.information.low, found.information.high) == (pytest.approx(200), pytest.approx(600))
    assert found.full == pytest.approx(2 / 3)
    assert found.information_per_sentence == pytest.approx(1000 / 24)
    assert (found.marked, found.free) == (pytest.approx(2 / 3), 0)
    assert found.talked == 1


def test_a_free_scene_has_no_marked_end() -> None:
    marked = (True, False, False, True, False, False)
    scenes = Scenes((3,) * 6, (30,) * 6, (10.0, 20.0, 30.0, 40.0, 50.0, 60.0), marked, (False,) * 6)
    assert scenes.free == (False, True, False, False, True, False)
    assert lengths("en", [scenes], most_sentences=100).free == 35


def test_absent_sources_are_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    named = ("stories", "verses", "chapters", "sentences", "library")
    options = [word for name in named for word in (f"--{name}", str(tmp_path / name))]
    monkeypatch.setattr(sys, "argv", ["scene_agreement.py", *options])
    scene_agreement.main()
    out = capsys.readouterr().out
    assert all(f"{tmp_path / name}: not here, skipped" in out for name in named)


def test_stories_of_the_project_agree_more_than_by_chance(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    nowhere = [word for name in ("verses", "chapters", "sentences", "library") for word in (f"--{name}", "/nowhere")]
    figures = tmp_path / "figures.json"
    monkeypatch.setattr(sys, "argv", ["scene_agreement.py", *nowhere, "--json", str(figures)])
    scene_agreement.main()
    rows = json.loads(figures.read_text(encoding="utf-8"))
    assert [(r["source"], r["languages"]) for r in rows["agreement"]] == [
        (f"stories, headings {headings}", pair)
        for headings in ("shown", "hidden")
        for pair in ("en-ru", "en-zh", "ru-zh", "all")
    ]
    assert all(r["strict"]["mean"] > r["strict_random"]["mean"] for r in rows["agreement"])
    assert all(r["within1"] > 0.98 for r in rows["projection"] if r["way"] == "warped")
    assert {r["language"]: 0.8 < r["information"] < 1.0 for r in rows["information"]} == {"ru": True, "zh": True}
    assert "| stories, headings hidden | ru-zh |" in capsys.readouterr().out
