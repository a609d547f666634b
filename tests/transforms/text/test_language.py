"""Language of a text: sure where it should be, unsure where nobody could tell."""

from __future__ import annotations

import pytest

from scenesign.transforms.text.language import MIN_CONFIDENCE, detect
from tests.conftest import LIBRARY


@pytest.mark.parametrize("path", sorted(LIBRARY.glob("*/*.txt")), ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_the_example_library(path) -> None:  # type: ignore[no-untyped-def]
    language, confidence = detect(path.read_text(encoding="utf-8"))
    assert language == path.parent.name
    assert confidence > 0.9


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Das ist ein deutscher Satz, und dort steht noch ein anderer. " * 5, "de"),
        ("Це українська мова, і вона гарна. Він їхав додому. " * 5, "uk"),
        ("這是一本繁體中文的書，他說：「你好嗎？」" * 5, "zh"),
        ("これは日本語の本です。彼は言った。" * 5, "ja"),
    ],
)
def test_other_languages(text: str, language: str) -> None:
    assert detect(text)[0] == language


def test_half_and_half_is_unsure() -> None:
    english, russian = (
        (LIBRARY / lang / "the-ferrymans-debt.txt").read_text(encoding="utf-8")[:4000] for lang in ("en", "ru")
    )
    assert detect(english + russian)[1] < MIN_CONFIDENCE


def test_samples_come_from_all_through_the_text() -> None:
    # a long English preface to a Russian book must not decide
    english, russian = (
        (LIBRARY / lang / "the-ferrymans-debt.txt").read_text(encoding="utf-8") for lang in ("en", "ru")
    )
    assert detect(english[:3000] + russian * 2)[0] == "ru"


@pytest.mark.parametrize("text", ["", "   \n", "12345 !! 678", "* * *"])
def test_nothing_to_go_by(text: str) -> None:
    assert detect(text) == ("", 0.0)


def test_same_answer_twice() -> None:
    text = (LIBRARY / "zh" / "the-ferrymans-debt.txt").read_text(encoding="utf-8")
    assert detect(text) == detect(text)
