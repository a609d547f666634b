"""Words of scenes, counted: forms of one word together, names left out, commonness by books."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from scenesign.transforms.signs.glosses.scene_words import load_words, save_words, scene_words

SEA = "The boats lay by the shore."


def test_forms_are_counted_under_one_key_and_shown_as_a_word() -> None:
    words = scene_words([[SEA, "A boat, a boat!"], [SEA], [SEA]], "en")
    assert words.books == ((0, 2), (2, 3), (3, 4))
    assert words.counts[:, words.keys.index("boat")].toarray().ravel().tolist() == [1, 2, 1, 1]
    assert words.shown[words.keys.index("boat")] == "boat"
    assert words.present.max() == 1.0


def test_names_are_left_out_wherever_they_stand() -> None:
    books = [["Lily saw the lamp. So Lily slept.", "“Lily!” The lamp went out; LAMP."]] * 3
    assert "lamp" in scene_words(books, "en").keys
    assert "lily" not in scene_words(books, "en").keys


def test_a_capital_tells_no_name_in_german() -> None:
    assert "Schiff" in scene_words([["Das Schiff sank.", "Die Schiffe."]] * 3, "de").keys


def test_a_word_that_clings_to_one_book_is_left_out_however_often_it_comes() -> None:
    books = [["the kettle sang", "a kettle and the shore"] * 5, [SEA, "the shore", "a kettle"], [SEA] * 9, [SEA] * 9]
    found = scene_words(books, "en").keys
    assert "shore" in found
    assert "kettle" not in found


def test_only_wanted_words_are_counted_where_they_are_told() -> None:
    words = scene_words([["Lily saw one boat."]], "en", {"boat", "lily", "ship"})
    assert words.keys == ("boat", "lily")


def test_no_books_and_books_without_words() -> None:
    for books in ([], [[]], [["..."], []]):
        words = scene_words(books, "en")
        assert words.keys == ()
        assert words.counts.shape == (sum(map(len, books)), 0)
        assert np.asarray(words.present.sum()).item() == 0


@pytest.mark.parametrize("books", [[], [[]], [[SEA, "..."], [], [SEA, "A boat, a boat!"], [SEA]]])
def test_words_come_back_from_a_file_as_they_were(books: list[list[str]], tmp_path: Path) -> None:
    words = scene_words(books, "en")
    save_words(str(tmp_path / "words"), words)
    found = load_words(str(tmp_path / "words"))
    assert (found.keys, found.shown, found.books) == (words.keys, words.shown, words.books)
    for part in ("data", "indices", "indptr"):
        before, after = getattr(words.counts, part), getattr(found.counts, part)
        assert before.dtype == after.dtype
        assert before.tolist() == after.tolist()
    assert found.counts.shape == words.counts.shape
