"""Bytes to text: encodings told apart, mojibake undone, what is no text refused."""

from __future__ import annotations

import codecs
import random
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenesign.schemas.records import RejectError
from scenesign.transforms.text.decode import decode
from scenesign.transforms.text.encodings import PLAUSIBLE_ENCODINGS
from scenesign.transforms.text.repair import repair
from tests.conftest import LIBRARY, SHARED

ENCODINGS = {
    "ru": ("cp1251", "koi8-r", "cp866", "iso8859-5", "mac-cyrillic", "utf-16-le", "utf-16-be", "utf-32-le"),
    "zh": ("gb18030", "gbk", "big5", "utf-16-le", "utf-16-be", "utf-32-be"),
    "en": ("cp1252", "mac-roman", "utf-16-le", "utf-16-be"),
}
BOOKS = sorted(path.name for path in (LIBRARY / "en").glob("*.txt"))


def book(language: str, name: str) -> str:
    return (LIBRARY / language / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", BOOKS)
@pytest.mark.parametrize(("language", "encoding"), [(lang, enc) for lang, all_ in ENCODINGS.items() for enc in all_])
def test_each_plausible_encoding_comes_back_exactly(language: str, encoding: str, name: str) -> None:
    data = book(language, name).encode(encoding, "ignore")
    expected = data.decode(encoding)
    assert decode(data).text == expected
    assert decode(data, language).text == expected


PLAUSIBLE = [(language, encoding) for language in ENCODINGS for encoding in PLAUSIBLE_ENCODINGS[language]]


@settings(deadline=None)
@given(st.sampled_from(PLAUSIBLE), st.sampled_from(BOOKS), st.floats(0, 1), st.integers(1_500, 6_000), st.booleans())
def test_pieces_of_books_come_back_exactly(
    plausible: tuple[str, str], name: str, share: float, length: int, told: bool
) -> None:
    language, encoding = plausible
    text = book(language, name)
    start = int(share * max(0, len(text) - length))
    data = text[start : start + length].encode(encoding, "ignore")
    assert decode(data, language if told else None).text == data.decode(encoding)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize("language", ["en", "ru", "zh"])
def test_byte_order_marks(language: str, encoding: str) -> None:
    text = book(language, BOOKS[0])
    assert decode(text.encode(encoding)).text == text


def test_names_the_encoding() -> None:
    text = book("ru", BOOKS[0])
    assert decode(text.encode("koi8-r", "ignore")).encoding == "koi8-r"
    assert decode(text.encode("cp1251")).encoding == "cp1251"
    assert decode(text.encode("utf-16-le")).encoding == "utf-16-le"
    assert decode(b"plain").encoding == "utf-8"


def test_a_cut_download_loses_only_its_last_character() -> None:
    data = "Привет, мир".encode()
    assert decode(data[:-1]).text == "Привет, ми"
    assert decode("你好世界".encode()[:-2]).text == "你好世"


def test_a_few_damaged_bytes_are_noted_not_guessed_at() -> None:
    data = ("Обычная русская проза. " * 200).encode() + b"\xff\xfe\x80" + "Конец.".encode()
    result = decode(data)
    assert result.encoding == "utf-8"
    assert result.text.startswith("Обычная русская проза. ")
    assert result.text.endswith("Конец.")
    assert result.notes == ("3 unreadable characters became U+FFFD",)


@pytest.mark.parametrize("encoding", ["cp1252", "mac-roman", "cp437", "iso8859-15"])
def test_three_accents_in_a_long_book_are_enough(encoding: str) -> None:
    plain = "It was a dark and stormy night, and the rain fell in torrents.\n" * 2_000
    text = f"{plain}He drank his café crème before the façade.\n{plain}"
    assert decode(text.encode(encoding)).text == text


def test_kana_in_a_big5_book() -> None:
    text = book("zh", BOOKS[0]).encode("big5", "ignore").decode("big5") + "に"
    assert decode(text.encode("big5")).text == text


def test_an_english_book_with_odd_bytes_is_still_read() -> None:
    data = b"It was a dark and stormy night. " * 200 + b"\x81\x8d\x9d end."
    result = decode(data)
    assert result.text.startswith("It was a dark")
    assert any("unsure" in note for note in result.notes)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b" \r\n\t\n", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"\x00\x00\x00\x00", "empty"),
        (b"%PDF-1.7\nstream", "binary"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "binary"),
        (b"\x7fELF" + bytes(range(256)), "binary"),
        (b"{\\rtf1 hello}", "binary"),
        (bytes(range(1, 32)) * 50, "binary"),
        (random.Random(1).randbytes(20_000), "binary"),
        (b"\xff\xfe" + random.Random(2).randbytes(5_001), "undecodable"),
    ],
)
def test_what_is_no_text_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(RejectError) as caught:
        decode(data)
    assert caught.value.reason == reason


LINES = ("The first line of the list was short.", "The second, longer one follows it", "And then it ends.")


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1", "utf-16"])
def test_u0085_ends_a_line(encoding: str) -> None:
    found = decode("\x85".join([*LINES, "A café."]).encode(encoding))
    assert found.text == "\n".join([*LINES, "A café."])
    assert found.notes == ()


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ('"Well…" he said. "I thought… No. But…"\nAnd he left…', "cp1252"),
        ("Una città, e poi un'altra città. La città che già conosceva, più in là.", "cp850"),
        ("He spoke vis-à-vis the king of the façade, déjà vu. " + "Nobody came. " * 20, "cp437"),
        ("Он ждал… Потом ушёл…\nИ всё.", "cp1251"),
    ],
)
def test_the_byte_0x85_elsewhere(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding)).text == text


def test_a_last_letter_beyond_ascii_is_no_cut_utf8() -> None:
    text = "Je ne sais pas ce que c’est, mais il y a du café".replace("’", "'")
    assert decode(text.encode("cp1252")).text == text


@pytest.mark.parametrize("misread_as", ["mac-roman", "cp1251", "koi8-r", "cp866", "latin-1"])
def test_mojibake_of_a_whole_text(misread_as: str) -> None:
    text = "Это книга о том, как “хорошо” жить — и как плохо. Привет из 1866 года."
    repaired, notes = repair(text.encode().decode(misread_as))
    assert repaired == text
    assert len(notes) == 1


def test_mojibake_in_one_line_leaves_the_others() -> None:
    repaired, notes = repair("Sound line — “quoted”.\nHe said â€œdonâ€™tâ€\x9d twice.")
    assert repaired.startswith("Sound line — “quoted”.\nHe said “don’t”")
    assert notes == ("repaired: mojibake in 1 lines",)


@pytest.mark.parametrize(
    "text",
    [
        "他说：“你好！”（笑）……《红楼梦》，ＡＢＣ１２３",
        "«Ёлка» — „лапки“ &amp; &lt;b&gt; ‘x’ … ﬁne",
        "Fröhliche Straße, naïve café — ‘tis £5",
        "ÀÉÎ ÕÜ",
    ],
)
def test_sound_text_is_left_alone(text: str) -> None:
    assert repair(text) == (text, ())


def test_letters_are_composed() -> None:
    assert repair(unicodedata.normalize("NFD", "Чайковский é"))[0] == "Чайковский é"


@settings(deadline=None)
@given(
    st.text(
        alphabet=st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn", "Co")), min_size=1, max_size=300
    )
)
def test_utf8_never_fails_on_text(text: str) -> None:
    data = text.encode()
    if text.strip().strip("\ufeff") and not data.startswith(
        (codecs.BOM_UTF8, b"{\\rtf", b"%PDF", b"PK", b"GIF8", b"ITSF")
    ):
        assert decode(data).text.strip()


@settings(deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_give_text_or_a_reject(data: bytes) -> None:
    try:
        outcome = decode(data).text.strip()
    except RejectError as error:
        outcome = error.reason if error.reason in ("empty", "binary", "undecodable") else ""
    assert outcome


@pytest.mark.shared
def test_one_book_in_three_files() -> None:
    folder = SHARED / "books" / "odd"
    if not folder.is_dir():
        pytest.skip("the shared books are absent")
    cp1251, koi8, utf16 = (
        decode((folder / f"prestuplenie.{name}.txt").read_bytes()) for name in ("cp1251", "koi8r", "utf16le-bom")
    )
    assert (cp1251.encoding, koi8.encoding, utf16.encoding) == ("cp1251", "koi8-r", "utf-16-le")
    assert cp1251.text.replace("\r\n", "\n") == utf16.text.replace("\r\n", "\n")
    # whoever made the KOI8-R file wrote "?" for each mark that KOI8-R lacks; all the rest is the same
    lost = str.maketrans(dict.fromkeys("—…«»„“–№", "?"))
    assert koi8.text == cp1251.text.translate(lost)


@pytest.mark.parametrize("encoding", ["utf-32-le", "utf-32-be"])
@pytest.mark.parametrize(
    "text",
    ["一天早上，一个人走进磨坊，一句话也没有说。他坐了一会儿，又走了。", "그 집은 강가에 있었다. 전쟁이 끝난 뒤였다."],
)
def test_letters_with_a_zero_byte_of_their_own(text: str, encoding: str) -> None:
    found = decode(text.encode(encoding))
    assert (found.text, found.encoding) == (text, encoding)
