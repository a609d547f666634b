"""PDFs: paragraphs from where lines stand, what repeats is left out; scans, protected and broken files are refused."""

from __future__ import annotations

import random
import signal
import subprocess
import zlib
from collections.abc import Sequence
from pathlib import Path

import pytest

from scenesign.schemas.records import Book, RejectError, Source
from scenesign.transforms.read import pdf as module
from scenesign.transforms.read import pdf_lines
from scenesign.transforms.read.books import read_books
from scenesign.transforms.read.document import RawDocument
from scenesign.transforms.read.options import ReadOptions
from scenesign.transforms.support.limits import Limits
from tests.documents import Words, column, pdf, pdf_of
from tests.hostile.items import TEXTS
from tests.transforms.read.files import H, read, refusal, write


def only(folder: Path, pages: Sequence[Sequence[Words]], **more: object) -> RawDocument:
    (found,) = read(write(folder, "a.pdf", pdf(pages, **more)))  # type: ignore[arg-type]
    return found


def texts(found: RawDocument) -> list[str]:
    return [text for text, _ in found.paragraphs or ()]


ENGLISH = [
    "  The old man went down to the harbour and looked out",
    "at the sea for a long while, as he did on every even-",
    "ing of that year; the well-known boats were far.",
    "  He thought of the evening before. Nobody had come in",
    "and the lamp was out.",
]
RUSSIAN = [
    "  Всё затихло в Москве. Редко где слышался визг колёс",
    "по зимней улице. В окнах огней уже не было, и фона-",
    "ри потухли; из-за домов вставал звон.",
    "  От церквей разносились звуки колоколов и, колыхаясь",
    "над спящим городом, поминали об утре.",
]
NAMES = ["Anna", "Boris", "Clara", "David", "Emma", "Fyodor"]
CHINESE = [
    "    话说天下大势，分久必合，合久必分，周末七国",
    "分争，并入于秦。及秦灭之后，楚汉分争。",
    "    又并入于汉。汉朝自高祖斩白蛇而起义，一统",
    "天下，后来光武中兴，传至献帝。",
]


def test_indented_paragraphs_in_three_languages(tmp_path: Path) -> None:
    assert texts(only(tmp_path, [column(ENGLISH)])) == [
        "The old man went down to the harbour and looked out at the sea for a long while, as he did on every evening "
        "of that year; the well-known boats were far.",
        "He thought of the evening before. Nobody had come in and the lamp was out.",
    ]
    assert texts(only(tmp_path, [column(RUSSIAN)])) == [
        "Всё затихло в Москве. Редко где слышался визг колёс по зимней улице. В окнах огней уже не было, и фонари "
        "потухли; из-за домов вставал звон.",
        "От церквей разносились звуки колоколов и, колыхаясь над спящим городом, поминали об утре.",
    ]
    assert texts(only(tmp_path, [column(CHINESE)])) == [
        "话说天下大势，分久必合，合久必分，周末七国分争，并入于秦。及秦灭之后，楚汉分争。",
        "又并入于汉。汉朝自高祖斩白蛇而起义，一统天下，后来光武中兴，传至献帝。",
    ]


def test_paragraphs_by_gaps_by_short_lines_and_by_size(tmp_path: Path) -> None:
    lines = [
        "The first paragraph of this page runs on to a second",
        "line without any indentation at all.",
        "",
        "The second comes after a gap, and it runs on as well",
        "to its end. Here it is.",
        "The third begins because the line above had room for",
        "more than it held.",
    ]
    found = only(tmp_path, [[Words("A Larger Line", size=18, baseline=750), *column(lines)]])
    assert texts(found) == [
        "A Larger Line",
        "The first paragraph of this page runs on to a second line without any indentation at all.",
        "The second comes after a gap, and it runs on as well to its end. Here it is.",
        "The third begins because the line above had room for more than it held.",
    ]


def test_verse_keeps_its_lines(tmp_path: Path) -> None:
    lines = [
        "A line of prose that is as long as lines here can be,",
        "and ends.",
        "",
        "Roses are red,",
        "violets are blue,",
    ]
    assert texts(only(tmp_path, [column(lines)]))[1] == "Roses are red,\nviolets are blue,"


def test_a_paragraph_goes_on_over_the_page(tmp_path: Path) -> None:
    pages = [column(ENGLISH[:2]), column(ENGLISH[2:])]
    assert texts(only(tmp_path, pages)) == texts(only(tmp_path, [column(ENGLISH)]))


def test_running_heads_and_page_numbers_go_and_chapter_numbers_stay(tmp_path: Path) -> None:
    pages = []
    for number, word in enumerate(NAMES):
        head = Words("The Ferryman's Debt" if number % 2 else f"{word} {number + 9}", 200, 800)
        foot = [] if number % 2 == 0 else [Words(str(number + 9), 290, 40)]
        chapter = [Words(f"Chapter {number // 2 + 1}", 250, 740)] if number % 2 == 0 else []
        prose = column(
            [f"  {word} went down to the harbour and looked out", f"and the lamp of {word} was out."], top=690
        )
        pages.append([head, *chapter, *prose, *foot])
    found = only(tmp_path, pages)
    assert [text for text in texts(found) if len(text) < 30] == ["Chapter 1", "Chapter 2", "Chapter 3"]
    assert found.notes == ("9 running heads and page numbers removed",)


def test_heads_with_a_number_that_stays_and_pages_of_a_total_go_too(tmp_path: Path) -> None:
    pages = []
    for number, word in enumerate(NAMES):
        edges = [Words("The Ferryman 1883", 200, 800), Words(f"file:///ferry.html {number + 1}/{len(NAMES)}", 200, 40)]
        prose = column(
            [f"  {word} went down to the harbour and looked out", f"and the lamp of {word} was out."], top=690
        )
        pages.append([*edges, *prose])
    found = only(tmp_path, pages)
    assert not [text for text in texts(found) if "1883" in text or "file:" in text]
    assert found.notes == (f"{2 * len(NAMES)} running heads and page numbers removed",)


def test_chapters_that_are_bare_numerals_at_the_top_stay(tmp_path: Path) -> None:
    pages = []
    for name, numeral in zip(NAMES, ["I", "", "II", "", "III", "IV"], strict=True):
        prose = column([f"{name} went down to the harbour and looked out", f"at the sea, and {name} was alone."])
        pages.append([*([Words(numeral, 290, 780)] if numeral else []), *prose])
    assert [text for text in texts(only(tmp_path, pages)) if len(text) < 5] == ["I", "II", "III", "IV"]


def test_outline_and_metadata(tmp_path: Path) -> None:
    pages = [
        [Words("A Tale", size=20), *column(ENGLISH, top=680)],
        [Words("Глава вторая", baseline=760), *column(RUSSIAN)],
        [Words("第三回", baseline=760), Words("宴桃园", baseline=746), *column(CHINESE)],
    ]
    found = only(
        tmp_path,
        pages,
        about="/Title(A Tale)/Author<FEFF0420043E0443>",
        catalog="/Lang(ru-RU)",
        outline=[("A  TALE", 0), ("Глава вторая.", 1), ("第三回 宴桃园", 2), ("The old man", 2)],
    )
    assert [text for text, kind in found.paragraphs or () if kind is H] == ["A Tale", "Глава вторая", "第三回 宴桃园"]
    assert (found.title, found.author, found.language) == ("A Tale", "Роу", "ru-RU")


@pytest.mark.parametrize("title", ["Untitled", "Microsoft Word - book.doc", "final2.indd"])
def test_titles_that_a_program_put_there_are_none(tmp_path: Path, title: str) -> None:
    assert only(tmp_path, [column(ENGLISH)], about=f"/Title({title})").title == ""


def test_scans_are_refused(tmp_path: Path) -> None:
    with pytest.raises(RejectError, match="ocrmypdf") as caught:
        only(tmp_path, [[], [], []])
    assert caught.value.reason == "no-text-layer"
    # a library's notice before the pictures is no book
    assert refusal(write(tmp_path, "b.pdf", pdf([column(ENGLISH), *[[]] * 30]))) == "no-text-layer"
    assert len(texts(only(tmp_path, [column(ENGLISH), [], []]))) == 2


def test_protected_files(tmp_path: Path) -> None:
    lock = f"<</Filter/Standard/V 1/R 2/O<{'00' * 32}>/U<{'11' * 32}>/P -4>>".encode()
    data = pdf([column(ENGLISH)], extra=[lock], trailer="/Encrypt 12 0 R/ID[<00><00>]")
    assert refusal(write(tmp_path, "a.pdf", data)) == "encrypted"


def test_broken_files(tmp_path: Path) -> None:
    good = pdf_of(TEXTS["en"])
    rng = random.Random(3)
    for data in (b"%PDF-1.7", good[:200], b"%PDF-1.7\n" + rng.randbytes(5_000)):
        assert refusal(write(tmp_path, "a.pdf", data)) == "damaged-document"


def test_limits(tmp_path: Path) -> None:
    path = write(tmp_path, "a.pdf", pdf([column(ENGLISH)] * 3))
    assert len(read(path, limits=Limits(pdf_pages=3))) == 1
    assert refusal(path, limits=Limits(pdf_pages=2)) == "too-large"
    assert refusal(path, limits=Limits(book_lines=10)) == "too-large"
    assert refusal(path, limits=Limits(file_bytes=1_000)) == "too-large"


def test_a_form_drawn_a_billion_times_over_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each form draws the next ten times, fifteen deep; what the reader's process may use is all that it uses."""
    monkeypatch.setattr(module, "_MOST_SECONDS", 1)
    first, deepest = 12, 14
    forms = []
    for depth in range(deepest + 1):
        shown = f"/F{depth + 1} Do " * 10 if depth < deepest else "BT /F1 12 Tf (x) Tj ET "
        uses = f"/XObject<</F{depth + 1} {first + depth + 1} 0 R>>" if depth < deepest else "/Font<</F1 3 0 R>>"
        form = f"<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<<{uses}>>/Length {len(shown)}>>"
        forms.append(f"{form}stream\n{shown}\nendstream".encode())
    data = pdf([column(ENGLISH)], extra=forms)
    data = data.replace(b"<</Font<</F1 3 0 R>>>>", b"<</Font<</F1 3 0 R>>/XObject<</F0 12 0 R>>>>")
    data = data.replace(b"BT /F1 12", b"/F0 Do\nBT /F1 12", 1)
    try:
        assert read(write(tmp_path, "a.pdf", data))
    except RejectError as error:
        assert error.reason in ("too-large", "damaged-document")  # noqa: PT017


@pytest.mark.parametrize(
    ("code", "reason"), [(-signal.SIGSEGV, "damaged-document"), (-signal.SIGXCPU, "too-large"), (1, "damaged-document")]
)
def test_a_process_that_dies_is_one_reject(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, reason: str
) -> None:
    path = write(tmp_path, "a.pdf", pdf_of(TEXTS["en"]))
    monkeypatch.setattr(
        subprocess, "run", lambda command, **_: subprocess.CompletedProcess(command, code, stdout=b"", stderr=b"")
    )
    assert refusal(path) == reason


def test_compressed_pages_that_swell(tmp_path: Path) -> None:
    swollen = zlib.compress(b" " * 300_000_000, 9)
    stream = b"<</Filter/FlateDecode/Length %d>>stream\n" % len(swollen) + swollen + b"\nendstream"
    data = pdf([column(ENGLISH)], extra=[stream]).replace(b"/Contents 11 0 R", b"/Contents[11 0 R 12 0 R]")
    try:
        (found,) = read(write(tmp_path, "a.pdf", data))
        assert len(texts(found)) == 2
    except RejectError as error:
        assert error.reason in ("too-large", "damaged-document")  # noqa: PT017


@pytest.mark.parametrize("key", ["en", "ru", "zh"])
def test_a_story_comes_out_as_from_plain_text(tmp_path: Path, key: str) -> None:
    text = TEXTS[key]
    path, plain = write(tmp_path, "a.pdf", pdf_of(text)), write(tmp_path, "a.txt", text)
    (book,) = read_books(Source(str(path), "a.pdf"), ReadOptions())
    (same,) = read_books(Source(str(plain), "a.txt"), ReadOptions())
    assert isinstance(book, Book)
    assert isinstance(same, Book)
    assert (book.text, book.blocks, book.language) == (same.text, same.blocks, key)


def test_bounds_that_a_system_refuses_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """A narrower one may be set already; and on macOS every process has more addresses than any bound."""
    resource = pytest.importorskip("resource")
    bounds: dict[int, tuple[int, int]] = {}

    def set_bound(kind: int, values: tuple[int, int]) -> None:
        if kind == resource.RLIMIT_CPU:
            raise ValueError("not allowed to raise maximum limit")
        bounds[kind] = values

    monkeypatch.setattr(resource, "setrlimit", set_bound)
    pdf_lines._bound_process(5)
    assert bounds.keys() == {resource.RLIMIT_CORE, resource.RLIMIT_AS}
