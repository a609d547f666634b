"""Names of books whose script has capitals: which words are, in which cases, and who is who."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import spacy

from scenesign.transforms.cast.cases import nominatives
from scenesign.transforms.cast.find import find_cast
from scenesign.transforms.cast.trained import person_evidence


def members(text: str, language: str, spacy_model: str | None = None) -> list[set[str]]:
    return [set(member.names) for member in find_cast(text, [0], language, spacy_model).members]


def told(*sentences: str) -> str:
    return " ".join(sentence for sentence in sentences for _ in range(4))


def holder(found: list[set[str]], name: str) -> set[str]:
    (one,) = [names for names in found if name in names]
    return one


def test_a_capital_at_an_opening_tells_nothing() -> None:
    text = told("Doors were shut.", "“Windows too!” he said.", "Later came Darcy.", "Shutters\nCurtains fell.")
    assert members(text, "en") == [{"Darcy"}]


def test_a_name_is_found_at_openings_too() -> None:
    cast = find_cast(told("He saw Darcy.", "Darcy left."), [0], "en")
    assert [member.mentions for member in cast.members] == [8]


def test_days_nations_and_god_are_nobody() -> None:
    assert members(told("On Monday the English thank God in May and I thank the Lord."), "en") == []


@pytest.mark.parametrize(
    ("language", "sentence", "name"),
    [
        ("en", "he took Darcy’s hat and Darcy's coat", "Darcy"),
        ("fr", "il voit d'Artagnan et il parle d’Artagnan", "Artagnan"),
        ("it", "parlava dell'Innominato e l'Innominato rise", "Innominato"),
        ("tr", "sonra Kemal'in evi ve Kemal'e selam", "Kemal'in"),
    ],
)
def test_what_hangs_on_a_name_by_an_apostrophe_is_no_part_of_it(language: str, sentence: str, name: str) -> None:
    cast = find_cast(told(f"... {sentence}."), [0], language)
    assert [member.mentions for member in cast.members] == [8]
    assert name.partition("'")[0] in cast.members[0].names


def test_levin_in_all_his_cases_is_one() -> None:
    forms = ("левин", "левина", "левину", "левиным", "левине")
    assert set(nominatives(dict(zip(forms, (90, 30, 12, 8, 4), strict=True)), "ru").values()) == {"левин"}


def test_a_wife_has_the_cases_that_are_hers() -> None:
    counts = {"каренин": 60, "каренина": 40, "карениной": 40, "каренину": 20, "карениным": 9}
    found = nominatives(counts, "ru")
    assert (found["карениной"], found["каренина"], found["карениным"]) == ("каренина", "каренина", "каренин")


def test_a_surname_agrees_with_the_given_name() -> None:
    text = told(
        "Потом вошла Анна Каренина.", "Он увидел Анну Каренину.", "Тут вошел Каренин.", "Он говорил с Карениным."
    )
    found = members(text, "ru")
    assert "Каренин" not in holder(found, "Анна Каренина")
    assert "Анну Каренину" in holder(found, "Анна Каренина")


def test_polish_cases_and_genders() -> None:
    counts = {"wokulski": 50, "wokulskiego": 20, "łęcki": 20, "łęckiego": 9, "łęcka": 20, "łęckiej": 9, "łęcką": 5}
    found = nominatives(counts, "pl")
    assert found["wokulskiego"] == "wokulski"
    assert (found["łęckiego"], found["łęckiej"], found["łęcką"]) == ("łęcki", "łęcka", "łęcka")


def test_a_genitive_is_rarer_than_its_name() -> None:
    assert nominatives({"effi": 9, "effis": 3}, "de")["effis"] == "effi"
    assert nominatives({"han": 3, "hans": 30}, "de")["hans"] == "hans"


def test_german_nouns_are_nobody() -> None:
    text = told(
        "Dann kam Innstetten in das alte Haus.",
        "Da sah Innstetten den kleinen Hund.",
        "Nun sah der Hund das Haus mit der Tür.",
        "Und dort ging die Tür im Haus auf.",
    )
    assert members(text, "de") == [{"Innstetten"}]


def test_a_family_is_kept_apart() -> None:
    text = told("Then Mr. Bennet spoke.", "Then Mrs. Bennet spoke.", "Then Miss Bennet spoke.")
    assert len(members(text, "en")) == 3


def test_a_title_a_full_name_and_a_surname_are_one() -> None:
    text = told("There stood Mr. Sherlock Holmes.", "There stood Sherlock Holmes.", "So Mr. Holmes and Holmes smiled.")
    assert len(members(text, "en")) == 1


def test_a_shared_surname_belongs_to_nobody_alone() -> None:
    text = told(
        "Then Jane Bennet came.", "Then Lydia Bennet came.", "Then Jane left.", "Then Lydia left.", "Oh the Bennet!"
    )
    found = members(text, "en")
    assert holder(found, "Jane") != holder(found, "Lydia")


def test_a_man_is_not_his_wife() -> None:
    text = told(
        "Then Catherine Earnshaw came, and she wept.", "So Catherine Earnshaw took her hat.", "Then Mr. Earnshaw came."
    )
    assert len(members(text, "en")) == 2


def test_a_nickname_needs_a_surname_in_common() -> None:
    joined = told("Then Bill Sikes swore.", "Then William Sikes swore.")
    assert len(members(joined, "en")) == 1
    assert len(members(told("Then Bill Sikes swore.", "Then William Dorrit wept."), "en")) == 2


def test_names_that_meet_once_are_two() -> None:
    text = told("Then Darcy spoke.", "Then Elizabeth spoke.") + " To Darcy Elizabeth said nothing."
    assert [member.mentions for member in find_cast(text, [0], "en").members] == [5, 5]


def test_saint_john_is_not_john() -> None:
    assert len(members(told("Then John spoke.", "Then St. John spoke."), "en")) == 2


def test_capitals_tell_names_where_no_list_of_titles_is_known() -> None:
    assert members(told("Då kom herr Berling hem.", "Sedan gick Ebba."), "sv") == [{"Berling"}, {"Ebba"}]


def pipeline(folder: Path, *patterns: str) -> str:
    nlp = spacy.blank("en")
    ruler = nlp.add_pipe("entity_ruler")
    ruler.add_patterns([{"label": "PERSON", "pattern": pattern} for pattern in patterns])
    nlp.to_disk(folder)
    return str(folder)


def test_a_trained_pipeline_adds_people_and_drops_what_it_never_calls_one(tmp_path: Path) -> None:
    text = told("So Rose rose as a rose and rose and rose.", "She went to Bath with Darcy.")
    assert members(text, "en") == [{"Bath"}, {"Darcy"}]
    assert members(text, "en", pipeline(tmp_path / "namer", "Rose", "Darcy")) == [{"Rose"}, {"Darcy"}]


def test_a_pipeline_reads_all_of_a_text_longer_than_its_limit(tmp_path: Path) -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("entity_ruler").add_patterns([{"label": "PERSON", "pattern": "Darcy"}])
    nlp.to_disk(tmp_path / "namer")
    found = person_evidence("x " * 40_000 + "Darcy " + "y" * 120_000 + " Darcy", "en", str(tmp_path / "namer"))
    assert found is not None
    assert found.persons == {"darcy": 2}


def test_forms_are_counted_as_the_rules_count_them(tmp_path: Path) -> None:
    nlp = spacy.blank("ru")
    nlp.add_pipe("entity_ruler").add_patterns([{"label": "PER", "pattern": "Алёша"}])
    nlp.to_disk(tmp_path / "namer")
    found = person_evidence("Тут Алёша. Там Алеша.", "ru", str(tmp_path / "namer"))
    assert found is not None
    assert (found.persons["алеша"], found.read["алеша"]) == (1, 2)


def test_a_pipeline_of_another_language_says_nothing(tmp_path: Path) -> None:
    assert person_evidence("Darcy", "fr", pipeline(tmp_path / "namer", "Darcy")) is None


def calls(work: Callable[[], object]) -> int:
    count = 0

    def trace(frame: object, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(trace)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize("language", ["de", "en", "es", "fr", "it", "nl", "pl", "pt", "ru", "sv", "tr"])
@pytest.mark.parametrize(
    "piece", ["A", "a", "Aa", "“", "'", "A'", "A-", "\u0301", "A\u0301", "A. ", "Ab Cd ", "Ab de ", "D'", "aB"]
)
def test_hostile_text_costs_calls_in_proportion(language: str, piece: str) -> None:
    def of(size: int) -> int:
        return calls(lambda: find_cast(piece * (size // len(piece)), [0], language))

    of(2_000)
    assert of(40_000) <= 12 * of(4_000) + 2_000


@pytest.mark.parametrize("piece", ["A", "“", "\u0301", "Ab-"])
def test_a_line_of_five_megabytes_is_read_in_few_calls(piece: str) -> None:
    text = piece * (5_000_000 // len(piece))
    assert calls(lambda: find_cast(text, [0], "en")) < 5_000
