"""Encodings without a mark, told by the letters of each language, in short texts too."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.decoding import encoded
from scenesign.schemas.records import RejectError
from scenesign.transforms.text.decode import decode
from scenesign.transforms.text.encodings import FAMILIES, LEGACY, LETTERS, LETTERS_FILE, PLAUSIBLE_ENCODINGS
from scenesign.transforms.text.guess import likely_encodings
from tests.conftest import ROOT

PASSAGES = {
    path.stem: path.read_text(encoding="utf-8").strip() for path in (ROOT / "benchmarks/passages").glob("*.txt")
}
WRITTEN = [
    (language, encoding)
    for language in sorted(PASSAGES)
    for encoding in PLAUSIBLE_ENCODINGS[language]
    if len(PASSAGES[language].encode(encoding, "ignore").decode(encoding)) > 0.97 * len(PASSAGES[language])
]
JAPANESE = "昔々、山のふもとに古い水車小屋がありました。娘は毎朝、川の水をくんで、石の上のほこりを払いました。"
KANA = "むかしむかし、やまのふもとにふるいすいしゃごやがありました。むすめはまいあさ、かわのみずをくみました。"
KOREAN = "옛날 산기슭에 오래된 물레방앗간이 있었다. 소녀는 아침마다 강물을 길어 돌 위의 먼지를 털었다."
CHINESE = "从前，山脚下有一座老磨坊。女孩每天早上去河边打水，把石头上的灰尘擦干净。风从窗户里吹进来。"


def test_the_passages_are_written_in_many_encodings() -> None:
    assert len(WRITTEN) > 90
    assert {language for language, _ in WRITTEN} == set(PASSAGES) - {"vi"}  # cp1258 writes its accents apart


@pytest.mark.parametrize(("language", "encoding"), WRITTEN)
def test_a_passage_comes_back_exactly(language: str, encoding: str) -> None:
    data = PASSAGES[language].encode(encoding, "ignore")
    for told in (None, language):
        assert decode(data, told).text == data.decode(encoding)


@pytest.mark.parametrize(("language", "encoding"), WRITTEN)
def test_a_few_lines_have_no_letters_of_another_language(language: str, encoding: str) -> None:
    text = PASSAGES[language][:170].rsplit(" ", 1)[0]
    data = text.encode(encoding, "ignore")
    try:
        found = decode(data)
    except RejectError:
        return
    assert found.text == data.decode(encoding) or any("unsure" in note for note in found.notes)


def test_vietnamese_with_its_tones_apart() -> None:
    data = encoded(PASSAGES["vi"], "cp1258")
    assert data is not None
    found = decode(data[0])
    assert (found.text, found.encoding) == (PASSAGES["vi"], "cp1258")


@pytest.mark.parametrize(
    ("text", "encoding", "name"),
    [
        (JAPANESE, "shift_jis", "shift_jis"),
        (JAPANESE, "euc_jp", "euc_jp"),
        (JAPANESE, "iso2022_jp", "iso2022_jp"),
        (KANA, "shift_jis", "shift_jis"),
        (KANA, "euc_jp", "euc_jp"),
        (KANA, "iso2022_jp", "iso2022_jp"),
        (KANA[:20], "euc_jp", "euc_jp"),
        ("ｷｮｳﾊ､ﾃﾝｷｶﾞﾖｶｯﾀﾉﾃﾞ､ｶﾜﾍｲｷﾏｼﾀ｡ｶｾﾞｶﾞﾌｲﾃｲﾏｼﾀ｡", "shift_jis", "shift_jis"),
        ("①" + JAPANESE, "cp932", "cp932"),
        (KOREAN, "euc_kr", "euc_kr"),
        (KOREAN + "똠방각하", "cp949", "cp949"),
        (KOREAN, "johab", "johab"),
        (KOREAN, "iso2022_kr", "iso2022_kr"),
        (CHINESE, "gb18030", "gb18030"),
        (CHINESE, "hz", "hz"),
        (CHINESE.translate(str.maketrans("从脚头尘净风户里进边", "從腳頭塵淨風戶裡進邊")), "big5", "big5hkscs"),
    ],
)
def test_short_east_asian_texts(text: str, encoding: str, name: str) -> None:
    found = decode(text.encode(encoding, "ignore"))
    assert found.text == text.encode(encoding, "ignore").decode(encoding)
    assert found.encoding == name
    assert found.notes == ()


def test_half_width_kana_behind_an_escape() -> None:
    text = "ﾐｽﾞｸﾞﾙﾏﾉ ｺﾔ"
    assert decode(text.encode("iso2022_jp_ext")).text == text


def test_an_escape_for_which_there_is_no_codec() -> None:
    with pytest.raises(RejectError, match="ISO-2022-CN"):
        decode(b"\x1b$)A\x0e;(\x0f text")


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (JAPANESE, "euc_jp"),
        (KOREAN, "euc_kr"),
        (CHINESE, "gb18030"),
        (PASSAGES["el"], "cp1253"),
        (PASSAGES["th"], "cp874"),
    ],
)
@pytest.mark.parametrize("broken", [b"\xff", b"\x80", b"\xff\x81"])
def test_broken_bytes_do_not_change_the_encoding(text: str, encoding: str, broken: bytes) -> None:
    line = text.encode(encoding, "ignore") + b"\n"
    data = line * 40 + broken + b"\n" + line * 40
    found = decode(data)
    whole = line.decode(encoding)
    assert found.text.startswith(whole * 40)
    assert found.text.endswith(whole * 40)


def test_letters_that_no_supported_language_has_are_no_guess() -> None:
    with pytest.raises(RejectError) as caught:
        decode("Ċ għażla Ħ ġurnata ż ħafna Għ ċar ġens ħobż żmien ħajja ".encode("iso8859-3") * 3)
    assert caught.value.reason == "undecodable"


def test_one_letter_alone_is_noted() -> None:
    found = decode(b"The mill stood by the river, and x\x8fy was on the wall of it. " + b"Nobody came. " * 40)
    assert any("unsure" in note for note in found.notes)


def test_what_a_file_says_of_itself_does_not_count_here() -> None:
    data = b'<?xml encoding="koi8-r"?> charset=koi8-r ' + PASSAGES["tr"].encode("cp1254")
    assert likely_encodings(data).encodings[0] == "cp1254"


def test_tables_agree() -> None:
    latin = {language for language in PLAUSIBLE_ENCODINGS if "cp1252" in PLAUSIBLE_ENCODINGS[language]}
    assert latin <= set(LETTERS)
    assert set(LETTERS) <= set(PLAUSIBLE_ENCODINGS)
    for name in (*LEGACY, *FAMILIES):
        assert "a".encode(name) == b"a"
    rows = [line.split("\t") for line in Path(LETTERS_FILE).read_text(encoding="utf-8").splitlines()]
    assert {(len(before), len(after)) for *_, before, after in rows} == {(31, 31)}


def test_half_width_kana_in_two_bytes_each() -> None:
    text = "ﾌﾈﾊ ｶﾜｦ ﾜﾀﾘﾏｼﾀ｡ ﾀﾞﾚﾓ ｷﾏｾﾝﾃﾞｼﾀ｡ ｿｼﾃ ﾖﾙﾆ ﾅﾘﾏｼﾀ｡"
    decoded = decode(text.encode("euc_jp"))
    assert (decoded.text, decoded.encoding) == (text, "euc_jp")


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize(
    "text", ["渡し守は古い綱を見た。川は深く、誰も来なかった。", "老人看着旧绳子。河水很深，没有人来。"]
)
def test_ideographs_alone_have_no_zero_byte_in_utf_16(text: str, encoding: str) -> None:
    decoded = decode(text.encode(encoding))
    assert (decoded.text, decoded.encoding) == (text, encoding)


def test_bytes_of_a_program_are_no_utf_16() -> None:
    with pytest.raises(RejectError, match="control characters"):
        decode(bytes(range(1, 32)) * 40)


def test_a_letter_of_another_alphabet_inside_a_word_is_a_wrong_reading() -> None:
    text = "Старый паромщик сошёл к реке, и никто его не видел, кроме детей у брода. " * 3
    decoded = decode(text.encode("cp1251"))
    assert (decoded.text, decoded.encoding) == (text, "cp1251")
