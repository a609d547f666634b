"""The pure parts of the experiment: sides, questions, untrained ways, scores, operations, and runs that are kept."""

from __future__ import annotations

import json
import math
from collections import Counter
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
import torch

from benchmarks.next_scene.body import IGNORED, BodyOptions, Trainer, counted, make_body, windows
from benchmarks.next_scene.books import Work, alike, sketch, without_copies
from benchmarks.next_scene.concept import FORMS, Concept, concept_book, in_any_order, train
from benchmarks.next_scene.corpus import Corpus, load, save
from benchmarks.next_scene.counting import cached, topic_bits, unigram_bits
from benchmarks.next_scene.forms import in_characters, in_tokens
from benchmarks.next_scene.library import hold_out, key_of, packed, sizes_of
from benchmarks.next_scene.likeness import best_setting, cast_in_common, like_the_last, untrained
from benchmarks.next_scene.plan import already_done, digest, perform_all
from benchmarks.next_scene.questions import CHAPTERS, CHOICES, Question, ask, ask_chapters, hit
from benchmarks.next_scene.run import Job
from benchmarks.next_scene.scoring import Answerer, Reach, bits, log_likelihoods
from benchmarks.next_scene.shelf import CAST, Shelf, Side, Told, load_told, save_told, tell
from scenesign.pipeline.script.library import Work as Listed
from scenesign.pipeline.script.library import read_works
from scenesign.transforms.signs.fit import BookSample, InventoryOptions, Provenance, fit_inventory
from scenesign.transforms.signs.inventory import Inventory

TINY = {"width": 32, "layers": 1, "heads": 2, "inner": 64}
WORDS = ("storm", "harbour", "bell", "ferry", "market", "winter", "lamp", "road", "wolf", "letter", "bread", "river")


def work(name: str, scenes: int, language: str = "en", seed: int = 0) -> Work:
    rng = np.random.default_rng([seed, len(name), *name.encode()])
    vectors = rng.normal(size=(scenes, 24)).astype(np.float32)
    texts = [" ".join(rng.choice(WORDS, 30)) + f" {rng.integers(10**9)}. " for _ in range(scenes)]
    texts[7] = "Chapter 7\n\n" + 3 * texts[7]
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return Work(name, name, language, f"{language}/{name}.txt", tuple(texts), unit, frozenset({7}))


@pytest.fixture(scope="module")
def inventory() -> Inventory:
    works = [work(f"{language}{i}", 48, language) for language in ("en", "ru") for i in range(4)]
    samples = [
        BookSample(w.book_id, w.language, len(w.texts), w.vectors.mean(axis=0), np.arange(len(w.texts)), w.vectors)
        for w in works
    ]
    return fit_inventory(samples, InventoryOptions(8, 2), Provenance("", ""))


def side(inventory: Inventory, *works: Work) -> Side:
    return Side(works, tuple(tell(w, inventory) for w in works))


@pytest.fixture(scope="module")
def shelf(inventory: Inventory) -> Shelf:
    train = side(inventory, *(work(f"{language}{i}", 48, language) for language in ("en", "ru") for i in range(2)))
    validation, test = (side(inventory, work(f"{name}", 48), work(f"{name}2", 48, "ru")) for name in ("v", "t"))
    return Shelf(train, validation, test, inventory)


@pytest.fixture(scope="module")
def tokens(shelf: Shelf) -> Corpus:
    return in_tokens(shelf, 300)


def listed(*rows: tuple[str, str, str]) -> list[Listed]:
    return [Listed(language, file, author=author) for language, file, author in rows]


def test_no_author_is_on_two_sides_in_any_language() -> None:
    works = listed(
        *(
            (language, f"{name}_{i}.txt", name)
            for name in "abcdefghijkl"
            for i in range(2)
            for language in ("en", "fr")
        ),
        ("pl", "x.txt", "a, Henryk"),
        ("ja", "坊っちゃん.txt", "夏目漱石"),
        ("en", "Botchan.txt", "Natsume-Soseki"),
    )
    author = {key_of(w): "Natsume-Soseki" if w.author == "夏目漱石" else w.author.split(",")[0] for w in works}
    for seed in range(5):
        plan = hold_out(works, seed)
        sides = [{author[key] for key in keys} for keys in (plan.train, plan.validation, plan.test)]
        assert all(sides)
        assert not sides[0] & sides[1] | sides[0] & sides[2] | sides[1] & sides[2]
        assert sorted(plan.train + plan.validation + plan.test) == sorted(map(key_of, works))


def test_a_language_keeps_works_to_train_on_and_large_lots_are_trained_on() -> None:
    works = listed(
        *(("ru", f"t{i}.txt", "Tolstoy") for i in range(13)),
        *(("ru", f"{name}.txt", name) for name in "bcdefgh"),
        ("ko", "1.txt", "x"),
        ("ko", "2.txt", "y"),
    )
    for seed in range(5):
        plan = hold_out(works, seed)
        assert {f"ru/t{i}.txt" for i in range(13)} <= set(plan.train)
        assert Counter(key.split("/")[0] for key in plan.train)["ko"] == 1
        assert Counter(key.split("/")[0] for key in plan.test) == {"ru": 3, "ko": 1}


def test_few_training_works_are_of_many_authors() -> None:
    works = listed(*(("en", f"{name}{i}.txt", name) for name in "abcdefghijkl" for i in range(5)))
    train = hold_out(works, asked=0.1).train
    authors = len({key[3] for key in train})
    assert len({key[3] for key in train[:authors]}) == authors


def test_sizes_are_those_there_are_books_for_and_the_whole() -> None:
    assert sizes_of(198, (30, 100, 250)) == (30, 100, 198)
    assert sizes_of(102, (30, 100)) == (30, 102)
    assert sizes_of(6, (30, 100)) == (6,)


def test_a_folder_of_texts_becomes_a_library(tmp_path: Path) -> None:
    for language, name in (("en", "b"), ("en", "a"), ("ru", "a")):
        path = tmp_path / "books" / language / f"{name}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("ё" * 50, encoding="utf-8")
    works = read_works(packed(tmp_path / "books", tmp_path / "library"))
    assert [key_of(w) for w in works] == ["en/a.txt", "en/b.txt", "ru/a.txt"]


def test_copies_of_a_work_are_found_and_others_are_not() -> None:
    one = work("one", 60)
    copy = Work("two", "two", "en", "zz/two.txt", one.texts[:50], one.vectors[:50], frozenset())
    other = work("other", 60)
    assert alike(sketch("".join(one.texts)), sketch("".join(copy.texts))) > 0.6
    assert alike(sketch("".join(one.texts)), sketch("".join(other.texts))) < 0.1
    kept, copies = without_copies([copy, other, one])
    assert copies == ["zz/two.txt"]
    assert [w.book_id for w in kept] == ["one", "other"]


def test_the_body_of_a_scene_has_no_headings() -> None:
    texts = ("CHAPTER I\n\nHow it began\n\n" + "a" * 90 + "\n\nYes.\n\n", "He said:\n\n" + "b" * 90, "CHAPTER II\n\n")
    own = Work("b", "b", "en", "b", texts, np.zeros((3, 4)), frozenset({0, 2}))
    assert own.body(0) == "a" * 90 + "\n\nYes.\n\n"
    assert own.body(1) == texts[1]
    assert own.body(2)  # a scene of nothing but a heading keeps it


def test_questions_offer_only_what_is_to_come_with_the_truth_first(shelf: Shelf) -> None:
    questions = ask(shelf.test.works, 5)
    assert {q.kind for q in questions} == {"far", "near"}
    for question in questions:
        assert len(set(question.choices)) == CHOICES
        assert question.choices[0] == question.next == min(question.choices)
        if question.kind == "near":
            assert max(question.choices) - min(question.choices) == CHOICES - 1
    assert questions == ask(shelf.test.works, 5)


def test_chapters_are_chosen_among_later_ones_of_the_same_book() -> None:
    chapters = frozenset(range(0, 100, 10))
    own = replace(work("long", 100), chapters=chapters)
    questions = ask_chapters([work("short", 48), own], 99)
    assert [q.next for q in questions] == [10, 20, 30, 40]  # the first opens the book, the last five have too few left
    for question in questions:
        assert question.book == 1
        assert len(set(question.choices)) == CHAPTERS
        assert question.choices[0] == question.next == min(question.choices)
        assert set(question.choices) <= chapters


def test_ties_are_broken_evenly() -> None:
    assert hit(np.array([1.0, 1.0, 0.0])) == 0.5
    assert hit(np.array([0.0, 1.0])) == 0.0
    assert hit(np.zeros(32)) == 1 / 32


def told(cast: list[list[int]], vectors: np.ndarray | None = None) -> Told:
    rows = np.zeros((len(cast), CAST), np.int64)
    for row, ids in zip(rows, cast, strict=True):
        row[: len(ids)] = ids
    return Told(
        "b", "en", np.zeros((len(cast), 2), np.int32), vectors if vectors is not None else np.eye(len(cast)), rows
    )


def test_who_was_there_lately_and_rarely_comes_back() -> None:
    book = told([[1], [1, 2], [1], [2], [1], [3], []])
    question = Question("far", "en", 0, 3, (3, 4, 5, 6))
    last = cast_in_common([book], 0.0)(question)
    assert last.argmax() == 1  # 1 was in the last scene
    assert last[0] == last[2] == last[3] == 0.0
    trail = cast_in_common([book], 0.9)(question)
    assert 0.0 < trail[0] < trail[1]
    assert trail[2] == 0.0


def test_the_cast_counts_where_it_helps_the_validation_books() -> None:
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(60, 8))
    helpful = told([[i // 2 + 1] for i in range(60)], vectors)
    questions = [Question("far", "en", 0, i, (i, *range(i + 1, i + 6))) for i in range(9, 50, 2)]
    assert best_setting([vectors], [helpful], questions)[2] > 0.0
    twins = np.repeat(vectors[::2], 2, axis=0)
    misleading = told([[1] if i % 2 == 0 else [2] for i in range(60)], twins)
    assert best_setting([twins], [misleading], questions)[2] < 1.0


def test_simple_ways_choose_by_what_they_say(shelf: Shelf) -> None:
    """The next scene of each test book is made to be the last one's twin: all that see vectors or text find it."""
    twins = []
    for own in shelf.test.works:
        texts = tuple(text for text in own.texts[::2] for _ in range(2))
        twins.append(replace(own, vectors=np.repeat(own.vectors[::2], 2, axis=0), texts=texts, chapters=frozenset()))
    doubled = replace(shelf, test=side(shelf.inventory, *twins))
    odd = [q for q in ask(doubled.test.works, 40) if q.next % 2]
    found = {(way.form, way.name): float(np.mean(way.hits)) for way in untrained(doubled, odd, [])}
    assert found["text", "letters in common with the last"] == 1.0
    assert found["vectors", "like the last"] == 1.0
    assert found["two glyphs", "like the last"] > 0.5
    assert found["cast", "cast in common with the last"] == pytest.approx(1 / CHOICES)  # nobody is named


def test_the_last_scenes_are_averaged() -> None:
    rows = np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    question = Question("far", "en", 0, 2, (2, 3, 4))
    assert like_the_last([rows])(question).argmax() == 0
    assert like_the_last([rows], 2)(question).argmax() == 2


def test_a_cache_learns_what_a_book_repeats_and_shares_sum_to_one() -> None:
    shares = np.array([0.5, 0.25, 0.25])
    row = np.array([2, 2, 2])
    assert cached(row, shares, 0.0, 0.5).tolist() == [0.25] * 3
    assert cached(row, shares, 0.5, 0.5)[1:].tolist() == [0.625] * 2
    for topic in range(3):  # after 2, 2: whatever comes has a share of one whole
        assert 0 < cached(np.array([2, 2, topic]), shares, 0.2, 0.9)[2] < 1
    assert sum(cached(np.array([2, 1, topic]), shares, 0.2, 0.9)[2] for topic in range(3)) == pytest.approx(1.0)


def test_topics_of_books_that_repeat_themselves_cost_a_cache_less() -> None:
    rng = np.random.default_rng(0)
    books = [rng.choice(rng.choice(16, 3, replace=False), 200) for _ in range(12)]
    found = {k: np.concatenate(v).mean() for k, v in topic_bits(books[:6], books[6:9], books[9:], 16).items()}
    assert found["uniform"] == 4.0
    assert found["cache"] < found["unigram"] - 0.3


def test_the_unigram_of_fewer_books_is_that_of_the_counts() -> None:
    train, test = [np.array([0, 1]), np.array([1, 1])], [np.array([1, 0])]
    everything = topic_bits(train, train, test, 2)["unigram"]
    assert unigram_bits(train, test, 2)[0].tolist() == everything[0].tolist()
    assert unigram_bits(train[:1], test, 2)[0].tolist() == [1.0, 1.0]


def test_a_book_reads_as_what_its_form_knows(shelf: Shelf) -> None:
    told = shelf.test.told[0]
    for form in FORMS:
        levels = max(1, form.glyphs)
        if levels > told.codes.shape[1]:
            continue
        book = concept_book(form, shelf.inventory, told)
        assert book.topics.tolist() == told.codes[:, 0].tolist()
        assert book.cast.any() == (form.cast and told.cast.any())
        if form.glyphs:
            assert book.seen.dtype == torch.int64
            assert len(book.seen.unique(dim=0)) == len(np.unique(told.codes[:, :levels], axis=0))
        else:
            assert torch.equal(book.seen, torch.from_numpy(told.vectors))


def test_a_book_in_any_order_has_the_same_scenes(shelf: Shelf) -> None:
    told = shelf.test.told[0]
    other = in_any_order(told)
    assert not np.array_equal(other.vectors, told.vectors)
    where = [int(np.flatnonzero((told.vectors == row).all(axis=1))[0]) for row in other.vectors]
    assert sorted(where) == list(range(told.scenes))
    assert np.array_equal(other.codes, told.codes[where])
    assert np.array_equal(other.cast, told.cast[where])


def test_a_model_answers_by_what_came_before_and_is_repeatable(shelf: Shelf) -> None:
    form = next(form for form in FORMS if form.name == "two glyphs + cast")
    question = ask(shelf.test.works, 2)[0]
    found = []
    for _ in range(2):
        trained = train(form, shelf.inventory, shelf.train.told, shelf.validation.told, 0, epochs=1)
        found.append(Concept(form, trained.model, shelf.inventory, shelf.test.told).scores(question))
    assert trained.epochs == 1
    assert np.array_equal(*found)
    told = shelf.test.told[question.book]
    later = replace(told, codes=told.codes.copy())
    own = [scene for scene in range(question.next, told.scenes) if scene not in question.choices]
    later.codes[own] = told.codes[0]
    books = [later if i == question.book else other for i, other in enumerate(shelf.test.told)]
    asked = Concept(form, trained.model, shelf.inventory, books)
    assert np.allclose(asked.scores(question), found[0], atol=1e-5)
    assert asked.topic_bits(question.book) > 0


def test_forms_of_text_give_it_back(shelf: Shelf, tokens: Corpus) -> None:
    characters = in_characters(shelf, 300)
    alphabet = sorted({c for own in shelf.train.works for text in own.texts for c in text})
    for own, stream in zip(shelf.train.works, characters.train, strict=True):
        assert "".join(alphabet[i] for i in stream.units) == "".join(own.texts)
        assert "".join(alphabet[i] for i in stream.body(7)) == own.body(7)
    for corpus in (characters, tokens):
        assert all(s.characters.sum() == w.characters for s, w in zip(corpus.test, shelf.test.works, strict=True))
        assert all(s.units.max() < corpus.start for s in (*corpus.train, *corpus.test))
        assert all(len(s.body(7)) < len(s.scene(7)) for s in corpus.test)


def test_a_rare_character_costs_its_code_point(shelf: Shelf) -> None:
    few = in_characters(shelf, 6)
    assert few.units == 6
    unknown = int((few.test[0].units == 4).sum())
    assert few.test[0].extra.sum() == pytest.approx(unknown * math.log2(0x110000 - 2048 - 4))


def test_a_corpus_survives_its_file_and_can_be_read_in_part(tokens: Corpus, tmp_path: Path) -> None:
    save(tokens, tmp_path / "a.npz")
    back = load(tmp_path / "a.npz", 3)
    assert (back.name, back.units, len(back.train)) == ("tokens", tokens.units, 3)
    originals = (*tokens.train[:3], *tokens.validation, *tokens.test)
    for a, b in zip(originals, (*back.train, *back.validation, *back.test), strict=True):
        assert all(np.array_equal(getattr(a, n), getattr(b, n)) for n in ("units", "starts", "bodies", "extra"))
    save(tokens, tmp_path / "b.npz")  # the same bytes, or no finished run would be found again
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()


def test_what_books_are_told_survives_its_file(shelf: Shelf, tmp_path: Path) -> None:
    sides = (shelf.train, shelf.validation, shelf.test)
    save_told(sides, tmp_path / "told.npz")
    for one, back in zip(sides, load_told(tmp_path / "told.npz"), strict=True):
        for a, b in zip(one.told, back, strict=True):
            assert (a.book_id, a.language) == (b.book_id, b.language)
            assert all(np.array_equal(getattr(a, n), getattr(b, n)) for n in ("codes", "vectors", "cast"))


def test_windows_teach_no_unit_that_is_not_there(tokens: Corpus) -> None:
    options = BodyOptions(window=16, batch=64)
    ids, labels = windows(tokens.train, tokens, options, np.random.default_rng(0))
    assert (ids[:, 0] == tokens.start).all()
    assert (labels[:, 0] == IGNORED).all()
    told = labels != IGNORED
    assert (ids[told] == labels[told]).all()
    assert (ids[told] < tokens.start).all()


def test_scores_from_the_cache_are_those_of_whole_passes(tokens: Corpus) -> None:
    model = make_body(tokens, BodyOptions(**TINY), 0).eval()
    context = [tokens.start, *tokens.test[0].units[:10].tolist()]
    choices = [tokens.test[0].scene(i)[: 3 + i] for i in range(4)]
    for row, found in zip(choices, log_likelihoods(model, context, choices), strict=True):
        with torch.inference_mode():
            whole = torch.tensor([context + row.tolist()])
            shares = torch.log_softmax(model(input_ids=whole).logits[0].double(), -1)
        told = sum(float(shares[len(context) - 1 + i, unit]) for i, unit in enumerate(row.tolist()))
        assert found == pytest.approx(told, abs=1e-4)


def test_bits_of_an_even_model_are_those_of_guessing(tokens: Corpus) -> None:
    model = make_body(tokens, BodyOptions(**TINY), 0)
    with torch.no_grad():
        model.get_input_embeddings().weight.zero_()
    stream = tokens.test[0]
    units = len(stream.scene(2)) + len(stream.scene(9))
    assert bits(model, tokens, stream, [2, 9], 16) == pytest.approx(units * math.log2(tokens.units), rel=1e-5)


def test_bits_count_every_unit_once(tokens: Corpus) -> None:
    """The scenes of a book apart cost what they cost together."""
    model = make_body(tokens, BodyOptions(**TINY), 1)
    stream = tokens.test[0]
    assert sum(bits(model, tokens, stream, [i], 32) for i in range(4)) == pytest.approx(
        bits(model, tokens, stream, range(4), 32), rel=1e-6
    )


def test_a_choice_is_read_without_its_heading(tokens: Corpus) -> None:
    """Two scenes that differ in their headings alone score alike."""
    model = make_body(tokens, BodyOptions(**TINY), 0)
    stream = tokens.test[0]
    units = np.concatenate([stream.units[: stream.starts[9]], stream.body(7), stream.units[stream.starts[10] :]])
    lengths = np.diff(stream.starts)
    lengths[9] = len(stream.body(7))
    starts = np.cumsum([0, *lengths])
    bodies = starts[:-1] + (stream.bodies - stream.starts[:-1])
    twin = replace(stream, units=units, starts=starts, bodies=bodies)
    answerer = Answerer(model, tokens, (twin,), Reach(8, 6))
    scores = answerer.scores(Question("chapter", "en", 0, 5, (9, 7, 11)))
    assert scores[0] == scores[1] != scores[2]


def test_operations_are_counted_forward_and_backward() -> None:
    a = torch.ones(3, 5, requires_grad=True)
    b = torch.ones(5, 7, requires_grad=True)
    assert counted(lambda: a @ b)[1] == 2 * 3 * 5 * 7
    assert counted(lambda: (a @ b).sum().backward())[1] == 3 * 2 * 3 * 5 * 7


def test_a_step_costs_what_the_matrices_say(tokens: Corpus) -> None:
    options = BodyOptions(**TINY, window=16, batch=2)
    trainer = Trainer(make_body(tokens, options, 0), tokens, tokens.train, options, 0)
    trainer.step()
    first = trainer.flops
    trainer.step()
    assert trainer.flops == 2 * first
    width, inner, units = 32, 64, tokens.units
    matrices = 4 * width * width + 3 * width * inner + width * units
    linear = 6 * 2 * 16 * matrices
    # above that attention, whose scores are no weights: at most 12 T^2 d forward and backward
    assert linear < first <= linear + 14 * 2 * 16 * 16 * width + 0.01 * linear


def test_training_lowers_the_loss_and_is_repeatable(tokens: Corpus) -> None:
    options = BodyOptions(**TINY, window=16, batch=4, warmup=5)
    losses = []
    for _ in range(2):
        trainer = Trainer(make_body(tokens, options, 3), tokens, tokens.train, options, 3)
        losses.append([trainer.step() for _ in range(40)])
    assert losses[0] == losses[1]
    assert np.mean(losses[0][-5:]) < np.mean(losses[0][:5]) - 0.5


def test_a_run_is_kept_and_a_failed_one_says_why(tokens: Corpus, shelf: Shelf, tmp_path: Path) -> None:
    save(tokens, tmp_path / "tokens.npz")
    questions = [asdict(question) for question in ask(shelf.test.works, 2)]
    (tmp_path / "questions.json").write_text(json.dumps(questions), encoding="utf-8")
    body = {**TINY, "window": 16, "batch": 2}
    job = Job(
        "tokens", str(tmp_path / "tokens.npz"), str(tmp_path / "questions.json"), 2, 0, "", (1e6, 9e6), (8, 3), body
    )
    (found,) = perform_all([job], tmp_path / "runs")
    assert [len(mark["hits"]) for mark in found["marks"]] == [len(questions)] * 2
    assert found["marks"][0]["flops"] < found["marks"][1]["flops"]
    assert found["books"] == 2
    kept = tmp_path / "runs" / f"{digest(job)}.result.json"
    kept.write_text('{"kept": 1}', encoding="utf-8")
    assert perform_all([job], tmp_path / "runs") == [{"kept": 1}]
    other = replace(job, seed=1, body={"no such option": 1})
    assert already_done([other, job], tmp_path / "runs") == [job]
    assert digest(other) != digest(job)
    with pytest.raises(RuntimeError, match="no such option"):
        perform_all([other], tmp_path / "runs")


def test_the_quick_look_runs_on_the_stories_that_come_with_the_project(tmp_path: Path) -> None:
    from benchmarks.convergence import DEMO, measure

    text = measure(DEMO, tmp_path, quick=True, only=["tokens", "two glyphs + cast"])
    assert "| tokens | 6 | 1 | " in text
    assert "| two glyphs + cast | 6 | 1 | " in text
    assert "- **Training costs less: " in text
    assert "| letters in common with the last | text | " in text
    told = json.loads((tmp_path / "quick" / "convergence.json").read_text(encoding="utf-8"))
    titles = [{entry.split(": ")[1] for entry in side} for side in told["books"].values()]
    assert all(titles)
    assert told["untrained"][0]["right"]["far"]["count"] > 0
    assert (tmp_path / "quick" / "convergence.png").exists()
    rows = [
        row.split(" | ")[0] for row in measure(DEMO, tmp_path, quick=True, finished=True).split("\n\n")[1].split("\n")
    ]
    assert set(rows[2:]) == {"| tokens", "| two glyphs + cast"}
