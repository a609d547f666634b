"""The door for input forms: one reader in the table is all that a new form takes."""

from __future__ import annotations

import ast
import io
import itertools
import sys
from collections.abc import Iterator
from dataclasses import replace
from graphlib import TopologicalSorter
from pathlib import Path
from types import ModuleType

import apache_beam as beam
import pytest
from apache_beam.testing.test_pipeline import TestPipeline
from apache_beam.testing.util import assert_that, equal_to

from scenesign.schemas.records import BlockKind, RejectError
from scenesign.transforms.read import registry
from scenesign.transforms.read.document import RawDocument
from scenesign.transforms.read.imprint import title_of
from scenesign.transforms.read.inputs import list_inputs
from scenesign.transforms.read.options import ReadOptions
from scenesign.transforms.read.reader import Holds, InputFile, Reader
from scenesign.transforms.read.registry import READERS, known_suffixes, refusal_of, supported_suffixes
from scenesign.transforms.read.steps import ReadBooks
from tests.conftest import LIBRARY, ROOT
from tests.hostile.items import zipped
from tests.hostile.mutations import SOUND
from tests.transforms.read.files import read, refusal, write

STORY = (LIBRARY / "en" / "the-ferrymans-debt.txt").read_text(encoding="utf-8").split("\n\n")


def read_toy(file: InputFile) -> Iterator[RawDocument]:
    """Paragraphs between bars; the first is the heading."""
    first, *rest = file.data.removeprefix(b"TOY1").decode().split("|")
    paragraphs = ((first, BlockKind.HEADING), *((text, None) for text in rest))
    yield RawDocument(file.name, paragraphs=paragraphs, author="A. Toymaker", bytes=len(file.data))


TOY = Reader("toy", (".toy",), Holds.BOOK, read_toy, magic=(b"TOY1",))


def test_a_form_that_is_only_registered_is_read_from_end_to_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = b"TOY1" + "|".join(["The Toy", *STORY[2:12]]).encode()
    write(tmp_path, "one_toy.toy", data)
    write(tmp_path, "no-suffix", data.replace(b"The Toy", b"The Second Toy"))
    (tmp_path / "inner").mkdir()
    write(tmp_path, "inner/toys.zip", zipped({"third.toy": data.replace(b"The Toy", b"The Third Toy")}))
    assert ".toy" not in supported_suffixes()
    monkeypatch.setattr(registry, "READERS", (TOY, *READERS))
    sources, rejects = list_inputs([str(tmp_path)])
    assert rejects == []
    with TestPipeline() as pipeline:
        done = pipeline | beam.Create(sources) | ReadBooks(ReadOptions())
        came = done.books | beam.Map(lambda book: (book.source, book.title, book.author, book.text.split("\n\n")[0]))
        wanted = [
            ("one_toy.toy", "one toy", "A. Toymaker", "The Toy"),
            ("no-suffix", "no suffix", "A. Toymaker", "The Second Toy"),
            ("inner/toys.zip!third.toy", "third", "A. Toymaker", "The Third Toy"),
        ]
        assert_that(came, equal_to(wanted), label="books")
        assert_that(done.rejects, equal_to([]), label="rejects")


def test_every_form_is_told_from_every_other(tmp_path: Path) -> None:
    """Each sound file goes to the reader of its suffix, under its own name, under none and under that of another."""
    for name, data in SOUND.items():
        path = write(tmp_path, name, data)
        suffixes = Path(name).suffixes
        with path.open("rb") as stream:
            reader = registry.find_reader(InputFile(name, stream, ReadOptions()))
        assert suffixes[-1] in reader.suffixes
        if reader.magic:
            for other in ("bare", "a.txt", "a.html", "a.jsonl", "a.docx", "a.pdf"):
                with path.open("rb") as stream:
                    assert registry.find_reader(InputFile(other, stream, ReadOptions())) is reader


def test_every_form_has_a_sound_file_for_the_fuzzers() -> None:
    sound = {suffix for name in SOUND for suffix in Path(name).suffixes}
    lacking = [r.name for r in READERS if r.holds is not Holds.NOTHING and r.suffixes and not sound & set(r.suffixes)]
    assert lacking == []


def test_the_table_is_sound() -> None:
    names = [reader.name for reader in READERS]
    assert len(set(names)) == len(names)
    assert len(set(known_suffixes())) == len(known_suffixes())
    assert all(suffix.startswith(".") and suffix == suffix.lower() for suffix in known_suffixes())
    # the last takes all that is left, so nothing falls through
    assert READERS[-1].name == "plain text"
    assert {title_of(f"a_book{suffix}") for suffix in known_suffixes()} == {"a book"}


@pytest.mark.parametrize(
    ("name", "data", "reason", "advice"),
    [
        ("a.mobi", bytes(60) + b"BOOKMOBI", "unsupported-type", "ebook-convert"),
        ("bare", bytes(60) + b"TEXtREAd", "unsupported-type", "ebook-convert"),
        ("a.azw", b"TPZ0" + bytes(60), "unsupported-type", "ebook-convert"),
        ("a.kfx", b"CONT\x02\0" + bytes(60), "unsupported-type", "ebook-convert"),
        ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(99), "unsupported-type", ".docx"),
        (
            "a.docx",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            "encrypted",
            "password",
        ),
        ("a.djvu", b"AT&TFORM" + bytes(99), "unsupported-type", "djvutxt"),
        ("a.xlsx", zipped({"[Content_Types].xml": "<x/>", "xl/workbook.xml": "<x/>"}), "unsupported-type", "Office"),
        ("a.ods", zipped({"META-INF/manifest.xml": "<x/>", "content.xml": "<x/>"}), "unsupported-type", "Office"),
    ],
)
def test_forms_that_are_refused_say_what_to_do(
    tmp_path: Path, name: str, data: bytes, reason: str, advice: str
) -> None:
    with pytest.raises(RejectError, match=advice) as caught:
        read(write(tmp_path, name, data))
    assert caught.value.reason == reason


def test_a_form_that_is_refused_is_known_when_files_are_listed() -> None:
    office = zipped({"[Content_Types].xml": "<x/>", "xl/workbook.xml": "<x/>"})
    assert "Office" in str(refusal_of("a.xlsx", io.BytesIO(office)))
    assert refusal_of("a.xlsx", io.BytesIO(b"PK\x03\x04 and no more")) is None  # its reader says more
    assert refusal_of("a", io.BytesIO(zipped({"a.txt": "A text."}))) is None
    word = zipped({"[Content_Types].xml": "<x/>", "word/document.xml": "<x/>"})
    assert refusal_of("a", io.BytesIO(word)) is None  # by content it is a Word document, which is read


def test_a_kindle_suffix_alone_refuses_nothing(tmp_path: Path) -> None:
    (document,) = read(write(tmp_path, "a.mobi", "\n\n".join(STORY[:5])))
    assert document.text == "\n\n".join(STORY[:5])


@pytest.mark.parametrize(("name", "library"), [("a.pdf", "pypdfium2"), ("a.rtf", "striprtf.striprtf")])
def test_a_form_without_its_library_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, library: str
) -> None:
    path = write(tmp_path, name, SOUND[name])
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(RejectError, match=r"pip install 'scenesign\[office\]'") as caught:
        read(path)
    assert caught.value.reason == "not-installed"


def test_a_library_that_is_there_and_broken_is_no_missing_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path, "a.rtf", SOUND["a.rtf"])
    monkeypatch.setitem(sys.modules, "striprtf.striprtf", ModuleType("striprtf.striprtf"))
    with pytest.raises(ImportError, match="cannot import name"):
        read(path)


def test_a_stream_that_can_not_seek_is_held_only_where_the_form_needs_it(tmp_path: Path) -> None:
    rows = SOUND["a.jsonl.zst"]
    limits = replace(ReadOptions().limits, file_bytes=200)
    assert len(read(write(tmp_path, "a.jsonl.zst", rows), limits=limits)) > 1
    assert refusal(write(tmp_path, "a.txt.gz", SOUND["a.txt.gz"]), limits=limits) == "too-large"


def test_imports_among_the_reading_steps_go_one_way() -> None:
    """No module of read/ and text/ imports one that imports it, however far round; text/ imports nothing of read/."""
    prefix = "scenesign.transforms."
    graph: dict[str, set[str]] = {}
    for path in sorted([*(ROOT / "transforms" / "read").glob("*.py"), *(ROOT / "transforms" / "text").glob("*.py")]):
        found: set[str] = set()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            module = (node.module or "") if isinstance(node, ast.ImportFrom) else ""
            if module in (prefix + "read", prefix + "text"):
                found |= {f"{module}.{alias.name}".removeprefix(prefix) for alias in node.names}  # type: ignore[union-attr]
            elif module.startswith((prefix + "read.", prefix + "text.")):
                found.add(module.removeprefix(prefix))
        graph[f"{path.parent.name}.{path.stem}"] = found
    assert not [name for name in graph if name.startswith("text.") and any(d.startswith("read.") for d in graph[name])]
    TopologicalSorter(graph).prepare()  # raises CycleError
    flow = ["read.inputs", "read.registry", "read.html", "read.reader", "read.document"]
    assert all(after in graph[before] for before, after in itertools.pairwise(flow))
