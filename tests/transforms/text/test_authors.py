"""Authors who are nobody in particular, and spellings of one name."""

from __future__ import annotations

import pytest

from scenesign.transforms.text.authors import author_key, named_author


@pytest.mark.parametrize(
    "author",
    ["Unknown", "unknown author", "ANONYMOUS", "Anon.", "Various", "[Various]", "VV.AA.", "N/A", "Unbekannt", "Anonyme",
     "Anónimo", "佚名", "【佚名】",
     "不詳", "Неизвестен", "Народная", "Неизвестный автор", "작자 미상", "مجهول", "-", "", "???"],
)  # fmt: skip
def test_placeholders_name_nobody(author: str) -> None:
    assert named_author(author) == ""
    assert author_key(author) == ""


@pytest.mark.parametrize(
    "author", ["Leo Tolstoy", "Народный И. А.", "Anonyma Smith", "Vera Various", "魯迅", "O. Henry"]
)
def test_names_stay_as_they_are(author: str) -> None:
    assert named_author(author) == author


def test_spellings_of_one_name_share_a_key() -> None:
    spellings = ["Leo Tolstoy", "Tolstoy, Leo", "LEO TOLSTOY", "Tolstoy,  Leo.", "Léo Tolstoy"]
    assert {author_key(name) for name in spellings} == {"leo tolstoy"}
    assert author_key("L. Tolstoy") != author_key("Leo Tolstoy")
    assert author_key("Толстой, Лев") == author_key("Лев Толстой") != ""
