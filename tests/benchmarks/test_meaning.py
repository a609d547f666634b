"""The judgement of glyphs: every measure by hand, and all of it on a shelf of invented vectors."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from benchmarks.inventories.aligned import Aligned
from benchmarks.meaning import measure
from benchmarks.meanings.codes import letters
from benchmarks.meanings.flips import scene_vector
from benchmarks.meanings.intervals import NOTHING, Estimate, Figure, estimate, jackknife, spread
from benchmarks.meanings.keywords import Documents, mean_quality, quality
from benchmarks.meanings.neighbours import hits, hits_so_far
from benchmarks.meanings.sharing import bits_by_choosing, mutual_information, shared_bits
from benchmarks.meanings.shelf import Shelf, ShelfBook, scene_starts
from benchmarks.meanings.tables import tables
from benchmarks.meanings.titles import centre, chance, chapter_title, rank_of, says_something, titles_of
from benchmarks.meanings.translations import align, are_translations, find_pairs, order, read_works_table
from benchmarks.meanings.words import scene_words
from benchmarks.next_scene.books import Work
from benchmarks.next_scene.questions import Question
from scenesign.schemas.records import Block, BlockKind, Sentence
from scenesign.transforms.signs.fit import BookSample, InventoryOptions, Provenance, fit_inventory
from scenesign.transforms.signs.inventory import Inventory
from scenesign.transforms.signs.neutralise import Neutraliser, unit

DIMENSIONS = 12


def invented(seed: int, scenes: int, language: str = "en", vectors: np.ndarray | None = None) -> ShelfBook:
    """A book of a walk through meanings, with a chapter of four scenes after a heading each."""
    rng = np.random.default_rng(seed)
    walk = np.cumsum(rng.standard_normal((scenes, DIMENSIONS)), axis=0) if vectors is None else vectors
    texts, blocks, at = [], [], 0
    for scene in range(scenes):
        heading = f"CHAPTER {scene // 4 + 1}. Storm {chr(97 + scene % 26) * 3}{seed}\n\n" if scene % 4 == 0 else ""
        # names of the title are in no dictionary: letters of their own make them words
        heading = heading.replace(str(seed), "abcdefgh"[seed % 8] * 3 + chr(97 + scene % 26))
        prose = "The sea was grey. A ship came in. Nobody spoke.\n\n"
        if heading:
            blocks.append(Block(at, at + len(heading) - 2, BlockKind.HEADING))
        blocks.append(Block(at + len(heading), at + len(heading) + len(prose) - 2))
        texts.append(heading + prose)
        at += len(heading) + len(prose)
    work = Work(
        f"{language}{seed}", "A Book", language, f"{language}/{seed}.txt", tuple(texts), unit(walk),
        frozenset(range(0, scenes, 4)),
    )  # fmt: skip
    return ShelfBook(work, f"author {seed}", scene_starts(texts), tuple(blocks))


def fitted(books: Sequence[ShelfBook], levels: int = 1) -> Inventory:
    samples = [
        BookSample(
            b.work.book_id, b.language, b.scenes, b.work.vectors.mean(axis=0), np.arange(b.scenes), b.work.vectors
        )
        for b in books
    ]
    return fit_inventory(samples, InventoryOptions(4, levels), Provenance("", ""))


# Intervals


def test_a_figure_is_the_mean_and_its_interval_comes_from_the_books() -> None:
    found = estimate([1.0, 1.0, 0.0, 0.0], [0, 0, 1, 1])
    assert (found.mean, found.low, found.high, found.count) == (0.5, 0.0, 1.0, 4)
    # within one book questions may differ as they like: there is no other book to be drawn
    assert estimate([1.0, 0.0], [7, 7]) == Estimate(0.5, 0.5, 0.5, 2)
    assert estimate([], []) is NOTHING
    assert estimate([3.0, 1.0], [0, 1], [1.0, 3.0]).mean == 1.0


def test_a_jackknife_by_hand() -> None:
    found = jackknife(2.0, [1.0, 3.0], 5)
    assert found.high - found.mean == pytest.approx(1.96 * math.sqrt(1 / 2 * 2))
    assert jackknife(2.0, [1.0], 5) == Estimate(2.0, 2.0, 2.0, 5)


def test_figures_are_shown_without_leading_zeros() -> None:
    assert Estimate(0.5, -0.25, 1.5, 3).show("{:.2f}") == ".50 (-.25-1.50)"
    assert spread([0.25]).show() == ".250"
    assert spread([]).show() == "-"
    assert spread([10.5]).show("{:.1f}") == "10.5"


# (a)


def test_a_title_is_what_follows_the_last_number() -> None:
    assert chapter_title(["PART TWO", "CHAPTER IV", "The Cart"]) == "The Cart"
    assert chapter_title(["CHAPTER IV. The Cart"]) == "The Cart"
    assert chapter_title(["CHAPTER IV"]) == ""
    assert chapter_title(["A NOVEL", "by Somebody", "London", "The Old Sea-dog"]) == "London The Old Sea-dog"
    assert chapter_title(["Глава 4", "Приезд"]) == "Приезд"
    assert chapter_title([]) == ""


def test_two_words_of_content_make_a_title() -> None:
    assert says_something("The Old Cart", "en")
    assert not says_something("The Cart", "en")
    assert not says_something("The End", "en")
    assert says_something("坊っちゃん", "ja")
    assert not says_something("終り", "ja")


def test_titles_are_of_their_chapters_and_each_is_there_once() -> None:
    book = invented(1, 10)
    found = titles_of([book])
    assert [(title.first, title.last) for title in found] == [(0, 4), (4, 8), (8, 10)]
    assert titles_of([book, book]) == []  # nobody could tell which is meant
    assert titles_of([ShelfBook(book.work, "", book.starts, ())]) == []


def test_ranks_by_hand() -> None:
    scores = np.array([0.9, 0.5, 0.5, 0.1])
    assert rank_of(scores, np.array([0])).reciprocal == 1.0
    assert rank_of(scores, np.array([3])).reciprocal == 0.25
    # tied for the second place with one other
    assert rank_of(scores, np.array([1])).reciprocal == pytest.approx((1 / 2 + 1 / 3) / 2)
    # both that are tied are right, and the best of the chapter counts
    assert rank_of(scores, np.array([1, 2, 3])).reciprocal == pytest.approx(1 / 2)


def test_chance_of_the_first_ten_by_hand() -> None:
    assert chance(20, 1).hit == pytest.approx(0.5)
    assert chance(20, 2).hit == pytest.approx(1 - (10 * 9) / (20 * 19))
    assert chance(5, 1).hit == 1.0
    assert chance(12, 12).reciprocal == pytest.approx(1.0)
    below = np.concatenate([np.ones(10), np.zeros(2)])
    assert rank_of(below, np.array([11])).hit == 0.0


def test_ranks_are_what_shuffling_ties_gives() -> None:
    rng = np.random.default_rng(0)
    scores = np.array([2.0] * 7 + [1.0] * 9 + [0.0] * 4)
    right = np.array([8, 9, 17])
    hit, reciprocal = [], []
    for _ in range(4000):
        position = np.lexsort((rng.random(20), -scores))
        first = min(int(np.flatnonzero(position == r)[0]) for r in right)
        hit.append(first < 10)
        reciprocal.append(1 / (first + 1))
    found = rank_of(scores, right)
    assert found.hit == pytest.approx(np.mean(hit), abs=0.03)
    assert found.reciprocal == pytest.approx(np.mean(reciprocal), abs=0.005)


def test_what_titles_share_is_taken_from_them() -> None:
    rng = np.random.default_rng(0)
    own = rng.standard_normal((400, DIMENSIONS)).astype(np.float32)
    shared = np.full(DIMENSIONS, 5.0, np.float32)
    neutraliser = Neutraliser({"en": np.zeros(DIMENSIONS, np.float32)}, np.zeros(DIMENSIONS, np.float32))
    found = centre(own + shared, ["en"] * 400, neutraliser)
    assert (found * unit(own)).sum(axis=1).mean() > 0.95
    # one title of a language is not taken from itself whole
    alone = centre(np.stack([own[0] + shared, own[1] + shared]), ["en", "ru"], neutraliser)
    assert np.linalg.norm(alone, axis=1) == pytest.approx(1.0)


# (b)


def test_keywords_are_judged_on_the_scenes_they_name() -> None:
    sea, court = frozenset({"sea", "ship"}), frozenset({"court", "judge"})
    both = sea | court
    scenes = Documents([sea, both, court, both], np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1]))
    good = quality(scenes, {0: ["sea", "ship"], 1: ["court", "judge"]})
    # always together; in both scenes of their topic, in one of two others
    assert good.npmi.mean == pytest.approx(1.0)
    assert (good.lift.mean, good.diversity, good.topics, good.seen) == (2.0, 1.0, 2, 1.0)
    bad = quality(scenes, {0: ["sea", "judge"], 1: ["sea", "storm"]})
    # three scenes each, together in two of four; of the second topic only one word is seen: no pair
    assert bad.npmi.mean == pytest.approx(math.log((2 / 4) / (3 / 4) ** 2) / -math.log(2 / 4))
    assert (bad.diversity, bad.seen) == (0.75, 0.75)


def test_pairs_too_rare_to_meet_prove_nothing() -> None:
    rare = [frozenset({"a"}), frozenset({"b"}), *[frozenset({"c", "d"})] * 3, *[frozenset[str]()] * 3]
    found = quality(Documents(rare, np.zeros(8, int), np.arange(8) % 2), {0: ["a", "b"], 1: ["c", "d"]})
    assert found.npmi.mean == pytest.approx(0.0)
    assert found.npmi_expected.mean == pytest.approx(1.0)


def test_topics_without_two_keywords_are_none() -> None:
    scenes = Documents([frozenset({"sea"})], np.array([0]), np.array([0]))
    for keywords in ({}, {0: ["sea"]}, {0: ["sea", "sea"]}):
        assert quality(scenes, keywords).topics == 0
    assert mean_quality([quality(scenes, {}), quality(scenes, {0: ["sea", "wave"]})]).topics == 1


def test_only_the_first_eight_keywords_count() -> None:
    words = [f"w{i}" for i in range(12)]
    found = quality(Documents([frozenset(words[:8])], np.array([0]), np.array([0])), {0: words})
    assert found.seen == 1.0


def test_headings_are_no_words_of_scenes() -> None:
    found = scene_words(invented(1, 5))
    assert len(found) == 5
    assert len(set(found)) == 1
    assert "sea" in found[0]
    assert not any("storm" in words for words in found)


# (c)


def test_the_next_scene_is_the_one_most_like_the_last() -> None:
    points = np.array([[1, 0], [1, 0.1], [0, 1], [-1, 0]], dtype=np.float32)
    questions = [Question("far", "en", 0, 1, (1, 2, 3)), Question("near", "en", 0, 2, (2, 3))]
    assert hits([points], questions).tolist() == [1.0, 1.0]
    tied = np.array([[1, 0], [0, 1], [0, 1]], dtype=np.float32)
    assert hits([tied], [Question("far", "en", 0, 1, (1, 2))]).tolist() == [0.5]


def test_the_mean_so_far_knows_nothing_of_what_comes() -> None:
    rng = np.random.default_rng(0)
    book = invented(3, 20)
    inventory = fitted([book])
    question = Question("far", "en", 0, 10, (10, 12))
    before = hits_so_far(inventory, [book.work], [question])
    changed = book.work.vectors.copy()
    changed[13:] = unit(rng.standard_normal((7, DIMENSIONS)))
    other = Work("x", "", "en", "", book.work.texts, changed, book.work.chapters)
    assert hits_so_far(inventory, [other], [question]).tolist() == before.tolist()


# (d)


def test_letters_of_a_composed_glyph_by_arithmetic() -> None:
    class Composite:
        class info:  # noqa: N801
            sizes, composed = (3, 4096), True

    found = letters(Composite, np.array([[2, 256 * 5 + 16 * 7 + 9], [0, 4095]]))  # type: ignore[arg-type]
    assert [(c.name, c.values.tolist(), c.size) for c in found] == [
        ("topic", [2, 0], 3),
        ("lead of glyph 2", [5, 15], 16),
        ("vowel of glyph 2", [7, 15], 16),
        ("tail of glyph 2", [9, 15], 16),
    ]


def test_mutual_information_by_hand() -> None:
    a = np.array([0, 0, 1, 1])
    assert mutual_information(a, a) == pytest.approx(1.0)
    assert mutual_information(a, np.array([0, 1, 0, 1])) == pytest.approx(0.0)
    assert mutual_information(a, np.array([5, 5, 5, 5])) == pytest.approx(0.0)


def test_labels_that_share_nothing_share_no_bits_however_many_there_are() -> None:
    rng = np.random.default_rng(0)
    a, b = rng.integers(16, size=(2, 300))
    assert mutual_information(a, b) > 0.4  # what counts alone would say
    assert abs(shared_bits(a, b)) < 0.1
    many = rng.integers(4, size=4000)
    assert shared_bits(many, many) == pytest.approx(2.0, abs=0.01)


def test_bits_by_choosing_by_hand() -> None:
    groups = np.arange(64) % 4
    told = bits_by_choosing(np.eye(64), groups)
    assert told.mean() == pytest.approx(6.0, abs=0.01)  # the true one is told for sure: log2(64)
    # two kinds, 32 pairs each: one bit is shared
    kinds = np.arange(64) % 2
    two = (kinds[:, None] == kinds[None]).astype(float)
    assert bits_by_choosing(two, np.arange(64) // 8).mean() == pytest.approx(1.0, abs=0.01)
    noise = np.random.default_rng(0).standard_normal((200, 200))
    assert bits_by_choosing(noise, np.arange(200) // 10).mean() < 0.05


def test_translations_are_known_by_their_order() -> None:
    rng = np.random.default_rng(0)
    scenes = unit(rng.standard_normal((60, 64)))
    other = unit(scenes + 0.1 * rng.standard_normal((60, 64)))
    assert order(scenes @ other.T)[0] == pytest.approx(1.0)
    assert are_translations(scenes @ other.T)
    assert are_translations(scenes @ other[:30].T)  # the first volume
    assert not are_translations(scenes @ other[rng.permutation(60)].T)
    assert not are_translations(scenes[:8] @ other[:8].T)  # too few to tell
    assert are_translations(scenes[:8] @ other[:8].T, named=True)  # but not where their files have one name
    assert not are_translations(scenes[:8] @ other[7::-1].T, named=True)
    assert not are_translations(np.ones((40, 40)), named=True)


def test_scenes_are_paired_in_order_and_strangers_left_out() -> None:
    rng = np.random.default_rng(0)
    scenes = unit(rng.standard_normal((30, 64)))
    other = np.concatenate([scenes[:10], unit(rng.standard_normal((3, 64))), scenes[12:]])
    pairs = align(scenes @ other.T)
    assert pairs.tolist() == [[i, i] for i in range(10)] + [[i, i + 1] for i in range(12, 30)]
    assert align(np.full((3, 4), 0.5)).tolist() == []


def test_a_table_of_works_decides(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    vectors = rng.standard_normal((40, DIMENSIONS))
    one, two = invented(1, 40, "en", vectors), invented(2, 40, "ru", vectors)
    shelf = Shelf([one, two], fitted([one, two]))
    works = [one.work, two.work]
    assert [len(p.scenes) for p in shelf.pairs] == [40]
    path = tmp_path / "works.tsv"
    path.write_text("file\twork\nen/1.txt\tA\nru/2.txt\tB\n", encoding="utf-8")
    assert find_pairs(works, shelf.coded, read_works_table(path)) == []
    path.write_text("file\ttitle\nen/1.txt\tA\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"works.tsv: no column work; it needs"):
        read_works_table(path)


# (e)


def test_a_sentence_is_dropped() -> None:
    vectors = np.array([[1, 0], [0, 1], [0, 1]], dtype=np.float32)
    sentences = [Sentence(0, 9), Sentence(10, 19), Sentence(20, 29)]
    assert scene_vector(sentences, vectors, 0).tolist() == [0.0, 1.0]
    assert scene_vector(sentences, vectors, 2) == pytest.approx([math.sqrt(0.5)] * 2)
    assert scene_vector(sentences, vectors) == pytest.approx(np.array([1, 2]) / math.sqrt(5))


# All of it


class Echo:
    """Embeds any text by its letters."""

    dimensions = DIMENSIONS

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        rows = [np.random.default_rng(list(text.encode()) or [0]).standard_normal(DIMENSIONS) for text in texts]
        return unit(np.asarray(rows))


@pytest.fixture
def echo(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.meaning.kept_embedder", lambda _: Echo())
    monkeypatch.setattr("benchmarks.meaning.read_glossary", lambda _: (None, []))


def by_name(figures: Sequence[Figure]) -> dict[tuple[str, str, str, str], Estimate]:
    return {(f.part, f.measure, f.way, f.language): f.value for f in figures}


def test_the_whole_judgement_of_invented_books(echo: None) -> None:
    rng = np.random.default_rng(5)
    vectors = np.cumsum(rng.standard_normal((60, DIMENSIONS)), axis=0)
    books = [invented(1, 60, "en", vectors), invented(2, 60, "ru", vectors), invented(3, 50, "en")]
    shelf = Shelf(books, fitted(books, levels=2))
    aligned = Aligned(np.arange(40) // 20, {"en": unit(vectors[:40]), "ru": unit(vectors[:40])})
    figures = list(measure(shelf, "", aligned, "abcde", [0, 1], 20, peers=False))
    found = by_name(figures)
    assert found["c", "far", "vectors", "all"].mean > 0.2  # a walk is foretold
    assert found["c", "far", "vectors, scenes shuffled", "all"].mean < 0.1
    assert found["d", "bits shared, at least", "vectors", "verses en-ru"].mean > 4.5  # of log2(40)
    assert (
        found["d", "retrieval@1 among 170", "1 glyph", "all"].mean
        < found["d", "retrieval@1 among 170", "2 glyphs", "all"].mean
    )
    assert found["a", "hits@10 in another language", "chance", "en for ru"].count > 0
    assert found["e", "changed", "all", "all"].count == 20
    assert not [figure for figure in figures if not math.isfinite(figure.value.mean)]
    assert found["d", "bits shared, at least", "1 glyph", "translations"].mean > 0
    lines = tables(figures)
    assert not any("en for ru" in line or "verses en-ru" in line for line in lines)  # kept for the file of figures
    assert "| far | all | en | ru |" in lines
    assert len({line.count("|") for line in lines if "far" in line}) == 1


@pytest.mark.parametrize("scenes", [1, 3, 45])
def test_one_book_without_chapters_or_translation(echo: None, scenes: int) -> None:
    book = invented(1, scenes, "ja")
    bare = ShelfBook(
        Work(**{**book.work.__dict__, "chapters": frozenset()}),
        "",
        book.starts,
        (Block(0, len("".join(book.work.texts))),),
    )
    shelf = Shelf([bare], fitted([bare]))
    figures = list(measure(shelf, "", None, "abcde", [0], 5, peers=True))
    assert not [figure for figure in figures if figure.part == "a"]
    assert bool([figure for figure in figures if figure.part == "c"]) == (scenes >= 40)
    assert tables(figures)
