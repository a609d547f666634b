"""The example trainers, run as a user runs them, and their pure parts by hand."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from examples.continue_story import allowed_signs, next_signs
from examples.held_out_books import Score, by_counting, hold_out, mean_score, score
from examples.train_concept_model import IGNORED, ask, make_model, train, verdict, windows
from examples.train_lcm_style import ranks
from scenesign.schemas.inventory import MOST_MEMBERS, SPECIAL_TOKENS
from scenesign.transforms.signs.encoder import SignEncoder
from tests.conftest import warm_nursery


def run(script: str, *arguments: object, text: str = "") -> subprocess.CompletedProcess[str]:
    return warm_nursery().start(*arguments, script=f"examples/{script}", text=text, apart=True).completed()


SHORT = ("--steps", 20, "--width", 64, "--layers", 2, "--context", 16)


@pytest.fixture(scope="module")
def model(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("concept-model") / "model"
    done = run("train_concept_model.py", demo, "-o", output, *SHORT)
    assert done.returncode == 0, done.stderr
    scores = json.loads((output / "scores.json").read_text())
    # 12 topics and 4,096 further glyphs: guessing evenly costs log2 of the level's size
    sizes = SignEncoder.load(str(demo / "inventory")).inventory.info.sizes
    assert scores["uniform"]["bits"] == pytest.approx(np.mean(np.log2(sizes)), abs=1e-9)
    for name in scores.keys() - {"seconds"}:
        assert name in done.stdout
        assert 0 <= scores[name]["top1"] <= scores[name]["top5"] <= 1
    return output


def test_a_saved_model_loads_and_its_tokens_are_signs(model: Path, demo: Path) -> None:
    loaded, tokenizer = AutoModelForCausalLM.from_pretrained(model), AutoTokenizer.from_pretrained(model)
    signs = sum(SignEncoder.load(str(demo / "inventory")).inventory.info.sizes)
    assert tokenizer("丁")["input_ids"] == [1]
    assert loaded.config.vocab_size == len(tokenizer) == signs + len(SPECIAL_TOKENS) + MOST_MEMBERS
    assert loaded.config.bos_token_id == tokenizer.convert_tokens_to_ids("<book>")


def test_training_again_gives_the_same_scores(model: Path, demo: Path, tmp_path: Path) -> None:
    done = run("train_concept_model.py", demo, "-o", tmp_path / "again", *SHORT)
    again, first = (json.loads((p / "scores.json").read_text()) for p in (tmp_path / "again", model))
    assert done.returncode == 0, done.stderr
    assert again | {"seconds": 0} == first | {"seconds": 0}


def test_a_story_goes_on_with_signs_of_each_level_and_their_glosses(model: Path, demo: Path, library: Path) -> None:
    story = (library / "ru" / "the-bell-of-saltmarsh.txt").read_text()
    first, again = (run("continue_story.py", model, demo, "-", "--scenes", 2, text=story) for _ in range(2))
    assert first.returncode == 0, first.stderr
    assert first.stdout == again.stdout
    line = next(line for line in first.stdout.splitlines() if line.startswith("may go on: "))
    found = line.removeprefix("may go on: ")
    assert len(found) == 4  # two scenes of two levels
    assert all("一" <= found[i] <= "龥" and "가" <= found[i + 1] <= "힣" for i in (0, 2))
    assert first.stdout.count("as in: ") == 2


def test_a_model_of_another_inventory_is_refused(model: Path, demo: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    for file in model.iterdir():
        (other / file.name).write_bytes(file.read_bytes())
    config = json.loads((other / "config.json").read_text())
    (other / "config.json").write_text(json.dumps(config | {"inventory": "0" * 64}))
    done = run("continue_story.py", other, demo, "-", text="The wind tore the sail.")
    assert done.returncode == 1
    assert "another inventory" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_continuous_twin_trains_and_says_what_it_is_worth(demo: Path, tmp_path: Path) -> None:
    done = run("train_lcm_style.py", demo, "-o", tmp_path, *SHORT)
    assert done.returncode == 0, done.stderr
    scores = json.loads((tmp_path / "config.json").read_text())["scores"]
    assert scores["trained"]["error"] <= scores["untrained"]["error"]  # the untrained model is among those to keep
    assert "mean so far" in done.stdout
    assert (tmp_path / "model.safetensors").stat().st_size > 10_000


@pytest.mark.parametrize("script", ["train_concept_model.py", "train_lcm_style.py"])
def test_no_dataset_is_told_in_plain_words(script: str, tmp_path: Path) -> None:
    done = run(script, tmp_path)
    assert done.returncode == 1
    assert "no manifest.json" in done.stderr
    assert "Traceback" not in done.stderr


def test_works_are_held_out_in_all_languages() -> None:
    rows = [
        {"book_id": f"{language}{work}", "author": "", "source": f"{language}/{work}.txt"}
        for work in "abcdefg"
        for language in ("en", "ru", "zh")
    ]
    books = hold_out({"train": rows})
    parts = [{row["source"][3:] for row in part} for part in (books.train, books.dev, books.test)]
    assert all(parts)
    assert len(books.train) + len(books.dev) + len(books.test) == len(rows)
    assert not parts[0] & parts[1] | parts[0] & parts[2] | parts[1] & parts[2]
    with pytest.raises(SystemExit, match="too few"):
        hold_out({"train": rows[:6]})


def test_a_dataset_with_three_splits_keeps_them() -> None:
    splits = {name: [{"book_id": name}] for name in ("train", "validation", "test")}
    books = hold_out(splits)
    assert (books.train, books.dev, books.test) == tuple(splits.values())


def test_score_by_hand_with_ties() -> None:
    shares = np.array([[0.5, 0.25, 0.25], [1 / 3, 1 / 3, 1 / 3], [0.0, 0.75, 0.25]])
    rows = score(shares, np.array([1, 2, 1]))
    assert rows[:, 0] == pytest.approx([2.0, np.log2(3), -np.log2(0.75)])
    assert rows[:, 1] == pytest.approx([0.0, 1 / 3, 1.0])
    assert rows[:, 2] == pytest.approx([1.0, 1.0, 1.0])
    assert mean_score([rows]).top1 == pytest.approx(4 / 9)


def test_counting_knows_levels() -> None:
    """Level 1 alternates, level 2 repeats it: the sign before tells all, shares tell the level only."""
    book = np.array([[i % 2, 2 + i % 2] for i in range(200)]).reshape(-1)
    found = by_counting([book, book], [book], (2, 2))
    assert found["uniform"].bits == 1.0
    assert found["unigram"].bits == pytest.approx(1.0, abs=0.01)
    assert found["bigram"].bits < 0.1
    assert found["bigram"].top1 > 0.95


def test_windows_ask_for_every_sign_once_and_keep_half_a_window_before_it() -> None:
    book = np.arange(100, 150)
    ids, labels = windows([book], 16, (1, 2))
    asked = labels[labels != IGNORED].tolist()
    assert asked == [*book.tolist(), 2]
    for row, wanted in zip(ids[1:], labels[1:], strict=True):
        first = int((wanted != IGNORED).nonzero()[0])
        assert first >= 8
        assert row[first] == wanted[first]


def test_a_model_learns_a_cycle_that_counting_needs_two_signs_for(demo: Path) -> None:
    torch.manual_seed(0)
    torch.set_num_threads(1)
    book = np.array([0, 0, 1, 1] * 40)
    model = make_model(demo / "inventory", 16, 64, 2, from_scratch=True)
    train(model, [book], lambda: ask(model, [book]).bits, steps=120, rate=3e-3)
    assert ask(model, [book]).bits < 0.3  # the sign before leaves one bit open
    assert next_signs(model, [0, 0, 1, 1] * 2, (24,), 4, temperature=0) == [0, 0, 1, 1]


def test_from_codewords_or_from_scratch(demo: Path) -> None:
    encoder = SignEncoder.load(str(demo / "inventory"))
    words = encoder.inventory.quantiser.embeddings()
    for from_scratch in (False, True):
        torch.manual_seed(0)
        table = make_model(demo / "inventory", 16, 64, 1, from_scratch).get_input_embeddings().weight.detach().numpy()
        like = np.corrcoef((words @ words.T).ravel(), (table[: len(words)] @ table[: len(words)].T).ravel())[0, 1]
        assert (like > 0.8) is not from_scratch
        assert np.abs(table).sum(axis=1).all()  # no token starts at nothing


def test_levels_take_turns() -> None:
    assert [allowed_signs(4, (3, 2), asked) for asked in (4, 5, 6)] == [[0, 1, 2], [3, 4], [0, 1, 2]]


def test_the_verdict_says_when_nothing_was_learned() -> None:
    counted = {"uniform": Score(4.0, 0, 0), "bigram": Score(3.5, 0, 0)}
    assert "beats counting: 0.500" in verdict(Score(3.0, 0, 0), counted, Score(5.0, 0, 0))
    assert "does not know: 0.250 bits per sign above the bigram" in verdict(
        Score(3.75, 0, 0), counted, Score(5.0, 0, 0)
    )
    assert "untrained model does as well" in verdict(Score(3.0, 0, 0), counted, Score(3.0, 0, 0))


def test_ranks_leave_out_the_scene_just_read() -> None:
    book = np.eye(4, dtype=np.float32)
    told = np.array([[0.9, 0.5, 0, 0], [0, 0, 0.1, 0.9], [0.5, 0.5, 0.5, 0.5]], np.float32)
    # first: only scene 0, just read, is nearer; second: scene 3 is; third: all alike, two others count by half
    assert ranks(told, book).tolist() == [0.0, 1.0, 1.0]
