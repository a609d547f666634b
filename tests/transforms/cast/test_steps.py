"""FindCast: a file for each part, and one book's trouble is that book's alone."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from scenesign.schemas.parts import CastEntry
from scenesign.schemas.records import Reject
from scenesign.transforms.cast import steps
from scenesign.transforms.cast.cast import Cast
from scenesign.transforms.cast.find import find_cast
from scenesign.transforms.cast.format import read_casts
from scenesign.transforms.cast.steps import FindPartCast
from tests.builders import part, row

STORY = "Then Anna met Peter. Later Anna saw Peter again. And then Anna left. So Peter slept. Then he woke. "


@pytest.fixture(autouse=True)
def afresh() -> None:
    from scenesign.transforms.support.attempts import forget_attempts

    forget_attempts()


def run(folder: Path, *texts: str) -> tuple[CastEntry, list[Reject]]:
    """What the step gives for a part of such books."""
    entry = part(folder / "parts", *(row(text, scenes=2) for text in texts))
    found = list(FindPartCast(str(folder / "cast"), None).process(entry))
    failed = [item.value for item in found if not isinstance(item, CastEntry)]
    (made,) = [item for item in found if isinstance(item, CastEntry)]
    return made, failed


def test_a_file_has_the_cast_of_every_book_and_its_entry_their_size(tmp_path: Path) -> None:
    texts = [STORY * 2, "A quiet day. Nobody came. " * 4]
    made, failed = run(tmp_path, *texts)
    assert failed == []
    read = dict(read_casts(made.uri))
    wanted = {}
    for text in texts:
        book = row(text, scenes=2)
        wanted[book.book_id] = find_cast(book.text, book.scene_start, "en")
    assert read == wanted
    assert [len(cast.scenes) for cast in read.values()] == [2, 2]
    assert (made.members, made.scenes) == (
        sum(len(cast.members) for cast in read.values()),
        sum(bool(ids) for cast in read.values() for ids in cast.scenes),
    )
    assert made.members >= 2


def test_the_same_part_gives_the_same_bytes(tmp_path: Path) -> None:
    first, second = (Path(run(tmp_path / name, STORY * 2, STORY * 3)[0].uri).read_bytes() for name in ("a", "b"))
    assert first == second


def failing(monkeypatch: pytest.MonkeyPatch, times: int, where: str, error: Exception) -> None:
    """The first calls on texts that hold a word fail."""
    left = iter(range(times))
    real = steps.find_cast

    def find_or_fail(text: str, starts: Sequence[int], language: str, spacy_model: str | None = None) -> Cast:
        if where in text and next(left, None) is not None:
            raise error
        return real(text, starts, language, spacy_model)

    monkeypatch.setattr(steps, "find_cast", find_or_fail)


def test_what_fails_once_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    untouched = run(tmp_path / "a", STORY * 2)[0]
    failing(monkeypatch, 1, "Anna", KeyError("nobody foresaw this"))
    made, failed = run(tmp_path / "b", STORY * 2)
    assert failed == []
    assert Path(made.uri).read_bytes() == Path(untouched.uri).read_bytes()


def test_a_book_that_fails_twice_has_no_cast_and_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = STORY.replace("Anna", "Clara") * 2
    failing(monkeypatch, 2, "Anna", KeyError("nobody foresaw this"))
    made, (reject,) = run(tmp_path, STORY * 2, other)
    first, second = read_casts(made.uri)
    assert first == (row(STORY * 2, scenes=2).book_id, Cast((), ((), ())))
    assert second[1].members
    assert (reject.stage, reject.reason, reject.book_id) == ("FindCast", "unexpected", first[0])
    assert "KeyError" in reject.detail
    assert "nobody foresaw this" in reject.detail


def test_a_full_disk_is_not_a_books_trouble(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    failing(monkeypatch, 9, "Anna", OSError(28, "No space left on device"))
    with pytest.raises(OSError, match="No space left"):
        run(tmp_path, STORY * 2)


@pytest.mark.parametrize("language", ["en", "ru", "de", "zh", "ja", "ko", "ar", "th", "uk", "el", "he", "sv", "vi", ""])
@pytest.mark.parametrize("text", ["", "…", STORY * 3, "A quiet day. Nobody came. " * 4, "安娜说：“好。”彼得笑了。" * 9])
def test_no_language_and_no_text_is_a_crash(language: str, text: str) -> None:
    cast = find_cast(text, (0, len(text) // 2), language)
    assert len(cast.scenes) == 2
    assert {number for ids in cast.scenes for number in ids} == {member.id for member in cast.members}
