"""What is printed where the output isn't UTF-8, or where there is nobody to read it."""

from __future__ import annotations

import io
import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from scenesign.pipeline.options.errors import UsageError
from scenesign.pipeline.options.values import check_name
from scenesign.pipeline.output import fit_output, print_data, print_json, settle_output
from tests import runs
from tests.conftest import LIBRARY, ROOT, warm_nursery
from tests.models import save_model

RUSSIAN = LIBRARY / "ru" / "the-bell-of-saltmarsh.txt"
C_LOCALE = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
# What a redirected console of Windows is, and what a user may ask for.
CP1252 = {"PYTHONIOENCODING": "cp1252"}
IN_CP1252 = "import sys\nfor s in (sys.stdout, sys.stderr): s.reconfigure(encoding='cp1252', errors='strict')"


class Pipe(io.TextIOWrapper):
    """A stream in an encoding, as Python opens standard output."""

    def __init__(self, encoding: str, errors: str = "strict", terminal: bool = False) -> None:
        super().__init__(io.BytesIO(), encoding=encoding, errors=errors, newline="\r\n")
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal

    def said(self) -> bytes:
        self.flush()
        raw = self.buffer
        assert isinstance(raw, io.BytesIO)
        return raw.getvalue()


def open_output(monkeypatch: pytest.MonkeyPatch, stream: Pipe, asked: str = "") -> Pipe:
    monkeypatch.setenv("PYTHONIOENCODING", asked)
    monkeypatch.setattr(sys, "stdout", stream)
    settle_output()
    return stream


@pytest.mark.parametrize(
    ("encoding", "text", "bytes_"),
    [
        ("utf-8", "一 «é» \udcff", "一 «é» \\udcff".encode()),
        ("utf-8", os.fsencode("книга 一").decode("ascii", "surrogateescape"), "книга 一".encode()),
        ("ascii", "一 «é»… 𠀀 \udcff", rb'\u4e00 "\xe9"... \U00020000 \udcff'),
        ("cp1252", "一 «é»…", b"\\u4e00 \xab\xe9\xbb\x85"),
        ("cp866", "Книга «é» — 一", "Книга".encode("cp866") + rb' "\xe9" - \u4e00'),
    ],
)
def test_a_terminal_shows_what_it_can(monkeypatch: pytest.MonkeyPatch, encoding: str, text: str, bytes_: bytes) -> None:
    stream = open_output(monkeypatch, Pipe(encoding, terminal=True))
    print(text, end="")
    assert stream.said() == bytes_
    assert fit_output(text).plain == bytes_.decode(encoding)


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
def test_a_pipe_gets_utf_8_and_plain_line_ends_unless_asked_otherwise(
    monkeypatch: pytest.MonkeyPatch, encoding: str
) -> None:
    stream = open_output(monkeypatch, Pipe(encoding, "surrogateescape"))
    print("一 \udcff")
    print_data("一")
    assert stream.said() == "一 \\udcff\n一\n".encode()


def test_what_was_asked_for_holds_for_text_and_not_for_data(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = open_output(monkeypatch, Pipe("cp1252"), asked="cp1252")
    print("é 一")
    print_data("é 一")
    print_json('{"é": "一"}')
    assert stream.said() == b"\xe9 \\u4e00\n" + 'é 一\n{"é": "一"}\n'.encode()
    # a way to replace that the user chose stays
    stream = open_output(monkeypatch, Pipe("ascii", "namereplace"), asked="ascii:namereplace")
    print("é", end="")
    assert stream.said() == rb"\N{LATIN SMALL LETTER E WITH ACUTE}"


@pytest.mark.parametrize(
    ("encoding", "shown"), [("utf-8", "книги \\udcff"), ("ascii", r"\u043a\u043d\u0438\u0433\u0438 \udcff")]
)
def test_a_name_that_the_locale_left_unread_is_shown(
    monkeypatch: pytest.MonkeyPatch, encoding: str, shown: str
) -> None:
    stream = open_output(monkeypatch, Pipe(encoding, terminal=True))
    name = os.fsencode("книги").decode("ascii", "surrogateescape")  # as the C locale has it
    print(f"{name} \udcff", end="")
    assert stream.said().decode(encoding) == shown


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "cp866", "utf-8"])
def test_json_on_any_terminal_stays_json(monkeypatch: pytest.MonkeyPatch, encoding: str) -> None:
    row = {"glyphs": "一", "text": "é «𠀀» — \\u \udcff"}
    stream = open_output(monkeypatch, Pipe(encoding, terminal=True))
    print_json(json.dumps(row, ensure_ascii=False))
    assert json.loads(stream.said().decode(encoding)) == row


def test_a_place_that_cannot_be_named_is_refused_before_any_work(tmp_path: Path) -> None:
    check_name("-o", str(tmp_path / "книги"))
    with pytest.raises(UsageError, match="bytes that are no UTF-8; choose another place"):
        check_name("-o", "o\udcff")
    unread = os.fsencode("книги").decode("ascii", "surrogateescape")  # as the C locale has it
    with pytest.raises(UsageError, match="PYTHONUTF8=1"):
        check_name("-o", unread)


@pytest.fixture(scope="module")
def in_c_locale(tmp_path_factory: pytest.TempPathFactory) -> Iterator[runs.Nursery]:
    """Runs in a process that knows only ASCII."""
    with runs.open_nursery(tmp_path_factory.mktemp("c-locale"), C_LOCALE) as nursery:
        yield nursery


def in_cp1252(*words: object) -> runs.Run:
    return warm_nursery().start(*words, apart=True, environment=os.environ | CP1252, faults=IN_CP1252)


def ended_well(run: runs.Run, code: int = 0) -> bytes:
    """What a run printed; it said nothing of an encoding."""
    ended = run.code()
    errors = run.log.with_suffix(".err").read_bytes().decode("cp1252", "replace")
    assert ended == code, errors
    assert "Traceback" not in errors
    assert "codec" not in errors
    return run.log.read_bytes()


TEXTS = {
    "help": ("decode", "--help"),
    "signs": ("signs", "DEMO"),
    "sign": ("signs", "DEMO", "--sign", "丁"),
    "decode": ("decode", "-i", "DEMO", "一丁七"),
    "search": ("search", "DEMO", "буря на море", "--top", "2"),
    "continue": ("continue", "MODEL", RUSSIAN),
    "validate": ("validate", "DEMO"),
    "report": ("report", "DEMO", "-o", "OUT.html"),
    "train": ("train", "DEMO", "-o", "OUT.model", "--epochs", "0"),
    "languages": ("languages", "-o", "OUT.languages", "--tokenizer", "bytes"),
    "completion": ("completion", "bash"),
}
DATA = {
    "scenes": ("encode", "-i", "DEMO", "--scenes", RUSSIAN),
    **{name: (*TEXTS[name], "--json") for name in ("signs", "decode", "search", "continue", "validate")},
    "encode-json": ("encode", "-i", "DEMO", "--json", RUSSIAN),
}


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory, demo: Path) -> Path:
    return save_model(tmp_path_factory.mktemp("saved") / "model", demo)


def filled(words: tuple[object, ...], demo: Path, model: Path, out: Path) -> list[str]:
    known = {"DEMO": str(demo), "MODEL": str(model)}
    return [known.get(str(word), str(word).replace("OUT", str(out / "o"))) for word in words]


def unread(words: list[str]) -> list[str]:
    """Arguments as Python has them in the C locale."""
    return [word.encode().decode("ascii", "surrogateescape") for word in words]


@pytest.mark.parametrize("name", TEXTS)
def test_text_for_people_in_any_encoding(
    name: str, demo: Path, model: Path, tmp_path: Path, in_c_locale: runs.Nursery
) -> None:
    folders = [tmp_path / "cp1252", tmp_path / "ascii"]
    for folder in folders:
        folder.mkdir()
    words, others = (filled(TEXTS[name], demo, model, folder) for folder in folders)
    poor = in_cp1252(*words)
    piped = in_c_locale.start(*unread(others), apart=True, environment=os.environ | C_LOCALE)
    text = ended_well(poor).decode("cp1252")
    assert ("\\u4e" in text) == (name in ("help", "signs", "sign", "decode", "search", "continue")), text
    # a pipe has no locale
    text = ended_well(piped).decode()
    assert "\\u4e" not in text
    assert name not in ("help", "signs", "sign", "decode") or "丁" in text


@pytest.mark.parametrize("name", DATA)
def test_data_are_the_same_bytes_in_any_encoding(
    name: str, demo: Path, model: Path, tmp_path: Path, in_c_locale: runs.Nursery
) -> None:
    words = filled(DATA[name], demo, model, tmp_path)
    started = [
        warm_nursery().start(*words, apart=True),
        in_cp1252(*words),
        in_c_locale.start(*unread(words), apart=True, environment=os.environ | C_LOCALE),
    ]
    in_utf8, *others = map(ended_well, started)
    assert in_utf8.decode()
    assert others == [in_utf8, in_utf8]


def test_books_of_any_name_are_built_and_told_in_the_c_locale(tmp_path: Path, in_c_locale: runs.Nursery) -> None:
    books = tmp_path / "books"
    books.mkdir()
    for name in ("колокол.txt".encode(), b"bell-\xff.txt"):
        with open(os.path.join(os.fsencode(books), name), "wb") as file:
            file.write(RUSSIAN.read_bytes() + name[:4] * 9)
    with open(os.path.join(os.fsencode(books), b"cover-\xfe.png"), "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n")
    words = ("build", books, "-o", tmp_path / "out", "--quiet", "-v")
    text = ended_well(in_c_locale.start(*words, apart=True, environment=os.environ | C_LOCALE)).decode()
    assert "left out: cover-\\udcfe.png" in text
    assert "\u2500" in text  # rich draws its tables for UTF-8
    rows = pq.read_table(tmp_path / "out" / "sequences").to_pylist()
    assert {row["source"] for row in rows} == {"колокол.txt", "bell-\\udcff.txt"}


def test_build_ends_well_where_no_glyph_can_be_shown(demo: Path, pair: Path, tmp_path: Path) -> None:
    words = ("build", pair, "-o", tmp_path / "out", "--inventory", demo, "-v")
    text = ended_well(in_cp1252(*words)).decode("cp1252")
    assert re.search(r"\|\\u4e[0-9a-f]{2} \d+ ", text)
    rows = [line for line in text.splitlines() if line.startswith(("|", "+"))]
    assert len(rows) > 10
    assert len({len(line) for line in rows if line.startswith("|\\u4e")}) == 1  # its columns stand


def test_a_reader_that_leaves_early_is_no_error(demo: Path) -> None:
    command = [sys.executable, "-m", "scenesign", "signs", str(demo), "--json"]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=os.environ | {"PYTHONPATH": str(ROOT)}
    ) as running:
        assert running.stdout
        assert running.stderr
        running.stdout.close()
        assert running.stderr.read() == b""
        assert running.wait(120) == 1


@pytest.mark.parametrize(
    ("redirection", "shown", "told"),
    [("<&-", True, True), (">&-", False, True), ("2>&-", True, False), ("<&- >&- 2>&-", False, False)],
)
def test_a_closed_stream_is_an_empty_one(demo: Path, redirection: str, shown: bool, told: bool) -> None:
    command = shlex.join([sys.executable, "-m", "scenesign", "decode", "-i", str(demo), "丂丅 z"])
    plain = subprocess.run(command, cwd=ROOT, shell=True, capture_output=True, check=True)
    assert plain.stdout
    assert plain.stderr.startswith(b"note: ")
    done = subprocess.run(f"{command} {redirection}", cwd=ROOT, shell=True, capture_output=True, check=False)
    assert done.returncode == 0
    assert done.stdout == (plain.stdout if shown else b"")
    assert done.stderr == (plain.stderr if told else b"")


def test_closed_input_holds_no_text() -> None:
    command = f"{shlex.quote(sys.executable)} -m scenesign encode <&-"
    done = subprocess.run(command, cwd=ROOT, shell=True, capture_output=True, check=False)
    assert done.returncode == 1
    assert done.stderr == b"error: -: the file holds no text\n"
