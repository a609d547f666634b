"""What names of files say of their books."""

from __future__ import annotations

import pytest

from scenesign.transforms.text.file_names import read_file_name


@pytest.mark.parametrize(
    ("stem", "title", "author"),
    [
        ("Barclay_Rosary_1909", "Rosary", "Barclay"),
        ("Van-Eeden_De-kleine-Johannes_1887", "De kleine Johannes", "Van Eeden"),
        ("夏目漱石_こころ_1914", "こころ", "夏目漱石"),
        ("Tolstoy, Leo - War and Peace", "War and Peace", "Tolstoy, Leo"),
        ("War and Peace - Tolstoy, Leo", "War and Peace", "Tolstoy, Leo"),
        ("Tolstoy, Leo - War and Peace (1869)", "War and Peace", "Tolstoy, Leo"),
        ("《西游记》吴承恩", "西游记", "吴承恩"),
        ("《西游记》作者：吴承恩", "西游记", "吴承恩"),
        ("《西游记》", "西游记", ""),
    ],
)
def test_patterns_that_say_which_is_which(stem: str, title: str, author: str) -> None:
    found = read_file_name(stem)
    assert (found.title, found.author) == (title, author)


@pytest.mark.parametrize("stem", ["war-and-peace", "1984", "Mr. Bennet", "pg12345", "", "book_1", "a_b_1885", "第一章"])
def test_other_names_say_nothing(stem: str) -> None:
    found = read_file_name(stem)
    assert (found.title, found.author) == ("", "")


def test_two_fields_are_left_to_the_text() -> None:
    found = read_file_name("Dostoevsky_Белые-ночи")
    assert (found.title, found.author, found.candidates) == ("", "", ("Dostoevsky", "Белые ночи"))
    assert read_file_name("Moby Dick - Herman Melville").candidates == ("Moby Dick", "Herman Melville")
    settled = found.settled(["Белые ночи", "роман"])
    assert (settled.title, settled.author) == ("Белые ночи", "Dostoevsky")


def test_lines_that_agree_with_a_name() -> None:
    file = read_file_name("Barclay_Rosary_1909")
    assert file.names("THE ROSARY")
    assert not file.names("THE GARDEN")
    assert file.has_author("Florence L. Barclay")
    assert not file.has_author("Florence L. Smith")
    assert read_file_name("Brontë_Wuthering-Heights_1847").has_author("EMILY BRONTE")
