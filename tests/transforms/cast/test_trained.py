"""What a trained pipeline adds and takes away, in scripts without capitals; with them: test_names.py."""

from __future__ import annotations

import pytest
import spacy

from scenesign.transforms.cast.cast import Mention
from scenesign.transforms.cast.find import find_cast
from scenesign.transforms.cast.trained import with_people

TEXT = "匡超人道：“坐下。”忽见小红走过。" * 6 + "天王道：“善哉。”" * 5


@pytest.fixture(scope="module")
def namer(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A Chinese pipeline that knows two people."""
    nlp = spacy.blank("zh")
    people = [{"label": "PERSON", "pattern": name} for name in ("匡超人", "小红")]
    nlp.add_pipe("entity_ruler").add_patterns(people)
    folder = tmp_path_factory.mktemp("pipelines") / "namer"
    nlp.to_disk(folder)
    return str(folder)


def places(name: str, key: str = "") -> list[Mention]:
    return [Mention(i, name, key or name) for i in range(len(TEXT)) if TEXT.startswith(name, i)]


def test_people_whom_no_rule_found_are_added_and_rare_names_that_are_none_go(namer: str) -> None:
    told = [*places("匡超人"), *places("天王")]
    assert with_people(TEXT, told, "zh", namer) == sorted(
        [*places("匡超人"), *places("小红")], key=lambda mention: mention.start
    )


def test_a_key_stays_for_one_form_that_is_a_person(namer: str) -> None:
    told = sorted([*places("匡超人", "匡超"), *places("天王", "匡超")], key=lambda mention: mention.start)
    assert [mention for mention in with_people(TEXT, told, "zh", namer) if mention.key == "匡超"] == told


def test_where_a_mention_stands_no_other_is_added(namer: str) -> None:
    told = places("超人")
    assert with_people(TEXT, told, "zh", namer) == sorted([*told, *places("小红")], key=lambda mention: mention.start)


@pytest.mark.parametrize("model", [None, "namer"])
def test_without_a_pipeline_of_its_language_a_text_keeps_what_it_has(model: str | None, namer: str) -> None:
    told = places("天王")
    assert with_people(TEXT, told, "ja", namer if model else None) == told


def test_the_cast_of_a_book(namer: str) -> None:
    names = [member.name for member in find_cast(TEXT, [0], "zh", namer).members]
    assert names[:2] == ["匡超人", "小红"]
    assert "天王" not in names
