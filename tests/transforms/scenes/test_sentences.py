"""Sentences: exact values in three languages, and what holds for any text."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st

from scenesign.schemas.records import Block, BlockKind
from scenesign.transforms.scenes.sentences import SentenceOptions, _is_stop, _stops, split_sentences


def sentences(text: str, language: str, **options: int) -> list[str]:
    block = Block(0, len(text))
    return [text[s.start : s.end] for s in split_sentences(text, [block], language, SentenceOptions(**options))]


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "It rained. We left at once!", ["It rained.", "We left at once!"]),
        ("en", "Mr. Weber paid 3.14 crowns. He left.", ["Mr. Weber paid 3.14 crowns.", "He left."]),
        ("en", "“Stay!” she said. “Why?” He left.", ["“Stay!” she said.", "“Why?”", "He left."]),
        ("en", '"Stop!" he cried. "Now." "No."', ['"Stop!" he cried.', '"Now."', '"No."']),
        ("en", "‘Eight crowns.’ She laughed.", ["‘Eight crowns.’", "She laughed."]),
        ("en", "He waited... and waited. Nothing.", ["He waited... and waited.", "Nothing."]),
        ("en", "See example.org or No.5 today. Then go.", ["See example.org or No.5 today.", "Then go."]),
        ("ru", "— Что? — спросил он. — Ничего.", ["— Что? — спросил он.", "— Ничего."]),
        ("ru", "«Стой!» Он встал. „Пора“, — сказал.", ["«Стой!»", "Он встал.", "„Пора“, — сказал."]),
        ("ru", "Он жил на ул. Садовой в 1890 г. и умер.", ["Он жил на ул. Садовой в 1890 г. и умер."]),
        ("zh", "天亮了。他走了！真的？", ["天亮了。", "他走了！", "真的？"]),
        ("zh", "“走吧。”他说。她没动。", ["“走吧。”他说。", "她没动。"]),
        ("zh", "「好。」他笑道：「走！」雨停了。", ["「好。」", "他笑道：「走！」", "雨停了。"]),
        ("zh", "第一句．第二句．", ["第一句．", "第二句．"]),
    ],
)
def test_exact_sentences(language: str, text: str, expected: list[str]) -> None:
    assert sentences(text, language) == expected


@pytest.mark.parametrize(
    ("language", "marked"),
    [
        # quotation marks: | stands where a sentence ends
        ("de", "»Bleibst du?« fragte sie.|»Ja!«|Er ging.|»Warum?«|»Es schneit.«"),
        ("de", "›Bleib!‹ rief sie.|›Nein.‹|Er ging."),
        ("de", "«Bleib!», sagte sie.|«Wozu?»|Er ging."),
        ("de", "„Bleib!“ rief sie.|„Wozu?“|Er ging."),
        ("de", "‚Bleib.‘|Er ging.|Sie sagte: ‚Gut.‘|Dann kam ‘s Boot."),
        ("fr", "« Reste ! » dit-elle.|« Pourquoi ? »|Il partit."),
        ("fr", "Quoi ? ! dit-il.|Rien !|Elle rit."),
        ("ru", "« Стой ! » — крикнул он.|« Зачем ? »|Он ушёл."),
        ("es", "—¿Vienes? —preguntó ella.|—No.|¡Ven!, dijo.|¡Hija! ¡y qué pálida!|¿Quién?"),
        ("pl", "— Idziesz? — zapytał.|— Nie.|Wyszedł."),
        ("ja", "「行くの？」と聞いた。|「うん。」|雨だった。"),
        ("ko", "“가자.” 하고 말했다.|“싫어.”|비가 왔다."),
        ("zh", "他说：“走吧。”|她没动。"),
        ("zh", "他在读《快跑！孩子》的书。|天黑了。"),
        # marks of emphasis, of notes
        ("en", "“_Who?_” he asked.|She said _no._|He left.|_Why?_|**Stop.**|*Go!*|It rained.[12]|He slept."),
        # ellipses
        ("en", "I was . . . well, I thought . . . I saw it. . . .|The end."),
        ("en", "“If only . . .” and he stopped."),
        ("en", "“If only . . .”|He stopped."),
        ("en", ". . . and then he came.|He sat."),
        # initials
        ("en", "J. R. R. Tolkien met A. Miller.|So did you and I.|Did Albert I. Jones?"),
        ("ru", "Пришёл А. С. Пушкин.|Он сел."),
        # abbreviations
        (
            "en",
            "Mr. and Mrs. Bell of No. 5 left at 6 p.m. for St. Ives, etc.|He lives in the U.S.|He left.",
        ),
        ("en", "No.|I stay.|He sat.|No. 4 was free."),
        ("de", "Er kam z. B. Montag, d. h. Dr. Weiß bzw. Hr. Roth u. s. w.|Sie ging."),
        ("de", "Am 3. Mai las er auf Seite 12.|Das 19. Jahrhundert begann.|Ludwig XIV. starb."),
        ("ru", "т. е. Иван и т. д.|Он жил на ул. Садовой в 1890 г.|Был г. Иванов, см. с. 5."),
        ("fr", "M. Dupont et Mme. Leroy, p. ex. Jean, etc.|Ils partirent."),
        ("es", "El Sr. Gil y la Sra. Paz viven en EE. UU. cerca.|Ud. lo sabe, pág. 4."),
        ("it", "Il sig. Rossi e l'avv. Neri, ecc.|Il dott. Verdi, pag. 3."),
        ("nl", "Dhr. Smit en mevr. Bakker, bijv. Jan, enz.|Ze gingen naar u.|Hij bleef."),
        ("pl", "Ks. Nowak, np. Jan, itd.|Św. Anna, ul. Polna, m.in. Ewa."),
        ("pt", "O Sr. Lima e a Dra. Reis, etc.|A pág. 3 falta."),
        ("tr", "Dr. Demir vb.|Ali geldi.|Sayfa no. 3 yok."),
        # numbers
        ("en", "1. The first thing is 3.14.|It cost 1,000.|That was all."),
        ("ja", "幅は３．２９％だ。|雨だ。"),
        # other scripts
        ("ar", "من أنت؟|أنا علي.|اذهب!"),
        ("ur", "وہ آیا۔|تم کون ہو؟|میں۔"),
        ("hi", "वह आया।|कौन?"),
    ],
)
def test_marks_of_many_languages(language: str, marked: str) -> None:
    joint = "" if language in ("zh", "ja") else " "
    assert sentences(marked.replace("|", joint), language) == marked.split("|")


def test_thai_has_sentences_of_a_sane_length() -> None:
    phrase = "แม่น้ำไหลผ่านหมู่บ้านเล็กๆ"
    found = sentences(" ".join([phrase] * 100), "th")
    assert all(60 <= len(sentence) <= 240 for sentence in found)
    assert "".join(found).replace(" ", "") == phrase * 100


def test_a_line_of_dots_is_no_sentence_of_prose() -> None:
    text = "He left.\n\n. . . .\n\nShe stayed.\n\n...\n\n“……”"
    blocks = [Block(0, 8), Block(10, 17), Block(19, 30), Block(32, 35), Block(37, 41)]
    kinds = [(text[s.start : s.end], s.kind.value) for s in split_sentences(text, blocks, "en")]
    assert kinds == [
        ("He left.", "paragraph"),
        (". . . .", "break"),
        ("She stayed.", "paragraph"),
        ("...", "break"),
        ("“……”", "paragraph"),
    ]


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "piece", [". ", '."', "a. ", "A. ", "《！", "?! ", "1. ", "u. s. w. ", ".[1]", "._*", "« ! » "]
)
@pytest.mark.parametrize("language", ["en", "de", "zh", "th"])
def test_hostile_marks_take_no_time(piece: str, language: str) -> None:
    text = piece * 50_000
    split_sentences(text, [Block(0, len(text))], language)


def test_headings_and_breaks_are_one_sentence_and_keep_their_kind() -> None:
    text = "Chapter 1. The End. Really\n\nIt was so. It is.\n\n* * *"
    blocks = [Block(0, 26, BlockKind.HEADING), Block(28, 45), Block(47, 52, BlockKind.BREAK)]
    found = split_sentences(text, blocks, "en")
    assert [s.kind.value for s in found] == ["heading", "paragraph", "paragraph", "break"]
    assert text[found[0].start : found[0].end] == "Chapter 1. The End. Really"


def test_a_long_sentence_is_cut_after_its_last_comma_in_reach() -> None:
    text = "aaaa, " * 30 + "end."
    pieces = sentences(text, "en", longest=50)
    assert max(map(len, pieces)) <= 50
    assert "".join(pieces).replace(" ", "") == text.replace(" ", "")
    assert pieces[0].endswith(",")


def test_a_language_spacy_has_no_rules_for_still_works() -> None:
    assert sentences("One. Two.", "qq") == ["One.", "Two."]


@settings(max_examples=150, deadline=None)
@given(
    st.text(alphabet="aB 。！.?!”“\"'»«—-…\n我г,：说1_*《》[]", max_size=120),
    st.sampled_from(["en", "ru", "zh", "de", "ja", "th", "xx"]),
)
def test_sentences_tile_the_text_up_to_white_space(text: str, language: str) -> None:
    found = split_sentences(text, [Block(0, len(text))], language, SentenceOptions(longest=40))
    position = 0
    for sentence in found:
        assert text[position : sentence.start].strip() == ""
        assert 0 < sentence.end - sentence.start <= 40
        position = sentence.end
    assert text[position:].strip() == ""


@pytest.mark.parametrize("language", ["en", "ru", "zh"])
def test_full_stops_are_those_that_a_tokenizer_of_the_whole_text_finds(language: str, library: Path) -> None:
    """Words are tokenized one at a time; that must not change where sentences may end."""
    nlp = spacy.blank(language)
    for path in sorted((library / language).glob("*.txt")):
        text = path.read_text(encoding="utf-8")
        text += " Mr. Pratt paid $3.14 (approx.) to A.B.C. Co. in No.5 etc. и т.д. В 1905 г. был... ok.\n"
        whole = {token.idx for token in nlp.make_doc(text) if token.text == "."}
        single = [match.start() for match in re.finditer(r"(?<![.])[.](?![.])", text)]
        found = {at for at in single if _is_stop(text, at, language)}
        assert found == whole.intersection(single)
        assert found


def test_french_full_stops_are_those_of_its_tokenizer_which_is_seldom_asked() -> None:
    nlp = spacy.blank("fr")
    rules = [rule for rule in nlp.tokenizer.rules if not any(map(str.isspace, rule))]
    words = {before + rule + end for rule in rules for before in ("", "l'", "Jean-") for end in ("", ".")}
    for word in words | {"pluie.", "d’été.", "lui-même.", "OTAN.", "reprit-il.", "y.", "l’a.", "fin.Il"}:
        assert _stops(word, "fr") == {token.idx for token in nlp.make_doc(word) if token.text == "."}, word
