"""The experiment's pure parts: books held out, questions, scores against the whole forward pass, FLOPs, intervals."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from benchmarks.convergence import openings
from benchmarks.next_scene.baselines import baselines
from benchmarks.next_scene.body import IGNORED, BodyOptions, Trainer, counted, make_body, windows
from benchmarks.next_scene.books import Shelf, Work, alike, shelve, sketch, without_copies
from benchmarks.next_scene.corpus import Corpus, load, save
from benchmarks.next_scene.figures import Interval, interval
from benchmarks.next_scene.forms import fit_on, in_characters, in_signs, in_tokens, with_signs
from benchmarks.next_scene.plan import digest, perform_all
from benchmarks.next_scene.questions import CHOICES, ask, hit, reciprocal_rank
from benchmarks.next_scene.run import Job
from benchmarks.next_scene.scoring import Answerer, Reach, bits, log_likelihoods

TINY = {"width": 32, "layers": 1, "heads": 2, "inner": 64}
WORDS = ("storm", "harbour", "bell", "ferry", "market", "winter", "lamp", "road", "wolf", "letter", "bread", "river")


def work(name: str, scenes: int, language: str = "en", seed: int = 0) -> Work:
    rng = np.random.default_rng([seed, len(name), *name.encode()])
    vectors = rng.normal(size=(scenes, 24)).astype(np.float32)
    texts = tuple(" ".join(rng.choice(WORDS, 30)) + f" {rng.integers(10**9)}. " for _ in range(scenes))
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return Work(name, name, language, f"{language}/{name}.txt", texts, unit, frozenset({0, 7}))


@pytest.fixture(scope="module")
def shelf() -> Shelf:
    works = [work(f"{language}{i}", 48, language) for language in ("en", "ru") for i in range(4)]
    return shelve(works, 45)


@pytest.fixture(scope="module")
def tokens(shelf: Shelf) -> Corpus:
    return in_tokens(shelf, 300)


def test_copies_of_a_work_are_found_and_others_are_not() -> None:
    one = work("one", 60)
    copy = Work("two", "two", "en", "zz/two.txt", one.texts[:50], one.vectors[:50], frozenset())
    other = work("other", 60)
    assert alike(sketch("".join(one.texts)), sketch("".join(copy.texts))) > 0.6
    assert alike(sketch("".join(one.texts)), sketch("".join(other.texts))) < 0.1
    kept, copies = without_copies([copy, other, one])
    assert copies == ["zz/two.txt"]
    assert [w.book_id for w in kept] == ["one", "other"]


def test_whole_books_of_each_language_are_held_out(shelf: Shelf) -> None:
    assert Counter(w.language for w in shelf.test) == {"en": 1, "ru": 1}
    assert not {w.book_id for w in shelf.train} & {w.book_id for w in shelf.test}
    for whole, part in zip(shelf.train, shelf.trained, strict=True):
        assert part.texts == whole.texts[: shelf.cut[whole.book_id]]
        assert 0 < len(part.texts) < len(whole.texts)


def test_questions_offer_only_what_is_to_come_with_the_truth_first(shelf: Shelf) -> None:
    questions = ask(shelf.test, 5)
    assert {q.kind for q in questions} == {"far", "near"}
    for question in questions:
        assert len(set(question.choices)) == CHOICES
        assert question.choices[0] == question.next == min(question.choices)
        if question.kind == "near":
            assert max(question.choices) - min(question.choices) == CHOICES - 1
    assert questions == ask(shelf.test, 5)


def test_ties_are_broken_evenly() -> None:
    assert hit(np.array([1.0, 1.0, 0.0])) == 0.5
    assert hit(np.array([0.0, 1.0])) == 0.0
    assert hit(np.zeros(32)) == 1 / 32
    assert reciprocal_rank(np.array([1.0, 2.0, 1.0])) == pytest.approx((1 / 2 + 1 / 3) / 2)


def test_lossless_forms_give_the_text_back(shelf: Shelf, tokens: Corpus) -> None:
    characters = in_characters(shelf)
    alphabet = sorted({c for part in shelf.trained for text in part.texts for c in text})
    for own, stream in zip(shelf.train, characters.train, strict=True):
        assert "".join(alphabet[i] for i in stream.units[: stream.starts[shelf.cut[own.book_id]]]) == "".join(
            own.texts[: shelf.cut[own.book_id]]
        )
    for corpus in (characters, tokens):
        assert all(s.characters.sum() == w.characters for s, w in zip(corpus.test, shelf.test, strict=True))
        assert all(s.units.max() < corpus.start for s in (*corpus.train, *corpus.test))


def test_signs_take_no_scene_of_a_test_book_into_the_inventory(shelf: Shelf) -> None:
    other = Shelf(shelf.train, shelf.cut, tuple(work(f"x{i}", 48) for i in range(2)))
    one, two = (fit_on(s, 8, 1).quantiser.embeddings() for s in (shelf, other))
    assert one.tobytes() == two.tobytes()


def test_a_scenes_sign_stands_before_its_tokens_and_stays_in_sight(shelf: Shelf, tokens: Corpus) -> None:
    inventory = fit_on(shelf, 8, 1)
    both = with_signs(shelf, tokens, inventory)
    plain, signed = tokens.test[0], both.test[0]
    for i in (0, 5):
        assert signed.scene(i)[0] >= tokens.start
        assert signed.scene(i)[1:].tolist() == plain.scene(i).tolist()
    inside = int(signed.starts[5]) + 9
    assert both.opening(signed, inside) == [both.start, signed.scene(5)[0]]
    assert tokens.opening(plain, int(plain.starts[5]) + 9) == [tokens.start]


def test_a_corpus_survives_its_file(shelf: Shelf, tmp_path: Path) -> None:
    corpus = in_signs(shelf, fit_on(shelf, 8, 2), "signs")
    save(corpus, tmp_path / "a.npz")
    back = load(tmp_path / "a.npz")
    assert (back.name, back.units, back.head, back.lossless, back.cut) == ("signs", corpus.units, 0, False, corpus.cut)
    for a, b in zip((*corpus.train, *corpus.test), (*back.train, *back.test), strict=True):
        assert a.units.tolist() == b.units.tolist()
        assert a.starts.tolist() == b.starts.tolist()
    assert corpus.codewords is not None
    assert back.codewords is not None
    assert corpus.codewords.tobytes() == back.codewords.tobytes()
    save(corpus, tmp_path / "b.npz")  # the same bytes, or no finished run would be found again
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()


def test_a_heading_is_a_unit_of_its_own(shelf: Shelf) -> None:
    corpus = in_signs(shelf, fit_on(shelf, 8, 1), "signs")
    assert [len(corpus.test[0].scene(i)) for i in (0, 1, 7)] == [2, 1, 2]
    assert corpus.test[0].scene(0)[0] == corpus.units - 2


def test_windows_teach_no_unit_that_is_not_there(tokens: Corpus) -> None:
    options = BodyOptions(window=16, batch=64)
    ids, labels = windows(tokens.trained, tokens, options, np.random.default_rng(0))
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
            shares = torch.log_softmax(model(input_ids=torch.tensor([context + row.tolist()])).logits[0].double(), -1)
        told = sum(float(shares[len(context) - 1 + i, unit]) for i, unit in enumerate(row))
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
    stream = tokens.test[0].until(4)
    assert sum(bits(model, tokens, stream, [i], 32) for i in range(4)) == pytest.approx(
        bits(model, tokens, stream, range(4), 32), rel=1e-6
    )


def test_equal_choices_score_alike_whatever_stands_beside_them(shelf: Shelf) -> None:
    corpus = in_signs(shelf, fit_on(shelf, 4, 1), "signs")
    model = make_body(corpus, BodyOptions(**TINY), 0)
    answerer = Answerer(model, corpus, corpus.test, Reach(8, 3))
    for question in ask(shelf.test, 3):
        rows = [corpus.test[question.book].scene(c).tobytes() for c in question.choices]
        scores = answerer.scores(question)
        assert len({float(s) for s in scores}) <= len(set(rows))
        assert all(scores[i] == scores[rows.index(row)] for i, row in enumerate(rows))


def test_operations_are_counted_forward_and_backward() -> None:
    a = torch.ones(3, 5, requires_grad=True)
    b = torch.ones(5, 7, requires_grad=True)
    assert counted(lambda: a @ b)[1] == 2 * 3 * 5 * 7
    assert counted(lambda: (a @ b).sum().backward())[1] == 3 * 2 * 3 * 5 * 7


def test_a_step_costs_what_the_matrices_say(tokens: Corpus) -> None:
    options = BodyOptions(**TINY, window=16, batch=2)
    trainer = Trainer(make_body(tokens, options, 0), tokens, tokens.trained, options, 0)
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
        trainer = Trainer(make_body(tokens, options, 3), tokens, tokens.trained, options, 3)
        losses.append([trainer.step() for _ in range(40)])
    assert losses[0] == losses[1]
    assert np.mean(losses[0][-5:]) < np.mean(losses[0][:5]) - 0.5


def test_an_interval_holds_the_mean_and_narrows_with_questions() -> None:
    rng = np.random.default_rng(0)
    few, many = (interval(rng.random((3, n)) < 0.3) for n in (40, 4000))
    for found in (few, many):
        assert found.low < found.mean < found.high
    assert many.high - many.low < (few.high - few.low) / 4
    assert Interval(0.04, 0.035, 0.05).above_chance
    assert not Interval(0.04, 0.03, 0.05).above_chance


def test_a_finished_run_is_not_done_again_and_a_failed_one_says_why(shelf: Shelf, tmp_path: Path) -> None:
    corpus = in_signs(shelf, fit_on(shelf, 8, 1), "signs")
    save(corpus, tmp_path / "signs.npz")
    (tmp_path / "questions.json").write_text("[]")
    job = Job(str(tmp_path / "signs.npz"), str(tmp_path / "questions.json"), 0, (1e6,), ((8, 3),), {"window": 8})
    (tmp_path / f"{digest(job)}.result.json").write_text('{"kept": 1}')
    assert perform_all([job], tmp_path) == [{"kept": 1}]
    other = Job(**{**job.__dict__, "seed": 1, "body": {"no such option": 1}})
    assert digest(other) != digest(job)
    with pytest.raises(RuntimeError, match="no such option"):
        perform_all([other], tmp_path)


def test_quick_takes_openings_of_the_smallest_books_that_are_long_enough(tmp_path: Path) -> None:
    for size in (10, 300_000, 400_000, 500_000, 600_000):
        path = tmp_path / "data" / "en" / f"{size}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x" * size)
    (tmp_path / "data" / "en" / "350000.txt").write_bytes(b"\xff" * 350_000)
    folder = openings(tmp_path / "data", tmp_path / "out")
    assert sorted(p.name for p in folder.rglob("*.txt")) == ["300000.txt", "400000.txt"]
    assert all(p.stat().st_size == 250_000 for p in folder.rglob("*.txt"))


def test_simple_ways_choose_by_what_they_say(shelf: Shelf) -> None:
    """The next scene of each test book is made to be the last one's twin: all that see vectors find it."""
    twins = []
    for work_ in shelf.test:
        vectors = np.repeat(work_.vectors[::2], 2, axis=0)
        texts = tuple(text for text in work_.texts[::2] for _ in range(2))
        twins.append(replace(work_, vectors=vectors, texts=texts))
    told = Shelf(shelf.train, shelf.cut, tuple(twins))
    odd = [q for q in ask(told.test, 40) if q.next % 2]
    found = {b.name: np.mean(np.concatenate([*b.hits.values()])) for b in baselines(told, odd)}
    for name in (
        "text: letters in common with the last",
        "scene vectors: like the last",
        "neutral vectors: like the last",
    ):
        assert found[name] == 1.0
    assert found["product quantiser, 8 signs: like the last"] > 0.6
    assert found["signs: bigram"] < 0.3  # training books have no twins, so counting can't know
