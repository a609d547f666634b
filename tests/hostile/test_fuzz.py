"""Every reader against files that mishaps befell: books that are whole, or refusals that somebody thought of."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scenesign.schemas.records import Book
from tests.documents import docx_of, odt_of
from tests.hostile.items import CONTAINER, epub, fb2, page, zipped
from tests.hostile.mutations import SOUND, mutated, rebuilt_archives, rebuilt_documents, rebuilt_epubs
from tests.hostile.oracle import check, opened_by, without_network

quick = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.mark.parametrize("name", SOUND)
def test_sound_files_are_books(tmp_path: Path, name: str) -> None:
    assert all(isinstance(item, Book) for item in check(tmp_path / "file", SOUND[name], name))


@pytest.mark.parametrize("name", SOUND)
@quick
@given(data=st.data())
def test_mishaps(tmp_path: Path, name: str, data: st.DataObject) -> None:
    check(tmp_path / "file", data.draw(mutated(SOUND[name])), name)


@pytest.mark.parametrize("name", SOUND)
@settings(quick, max_examples=20)
@given(data=st.data())
def test_mishaps_under_a_wrong_name(tmp_path: Path, name: str, data: st.DataObject) -> None:
    check(tmp_path / "file", data.draw(mutated(SOUND[name])), data.draw(st.sampled_from(sorted(SOUND))))


def test_a_member_without_a_name(tmp_path: Path) -> None:
    (book,) = check(tmp_path / "file", zipped({"": SOUND["a.txt"]}), "a.zip")
    assert isinstance(book, Book)
    assert (book.source, book.title) == ("a.zip!", "The Bell of Saltmarsh")


@quick
@given(data=rebuilt_epubs())
def test_epubs_of_unsound_parts(tmp_path: Path, data: bytes) -> None:
    check(tmp_path / "file", data, "a.epub")


@quick
@given(document=rebuilt_documents())
def test_documents_of_unsound_parts(tmp_path: Path, document: tuple[str, bytes]) -> None:
    name, data = document
    check(tmp_path / "file", data, name)


@quick
@given(data=rebuilt_archives())
def test_archives_of_unsound_files(tmp_path: Path, data: bytes) -> None:
    check(tmp_path / "file", data, "a.zip")


_VALUES = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@quick
@given(
    rows=st.lists(st.dictionaries(st.sampled_from(["text", "title", "author", "license", "x"]), _VALUES), max_size=5)
)
def test_rows_of_any_json(tmp_path: Path, rows: list[dict[str, object]]) -> None:
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    assert len(check(tmp_path / "file", lines.encode(), "a.jsonl")) >= max(1, len(rows))


_LURE = "http://scenesign.invalid/x"
_RELATION = f'<Relationships xmlns="x"><Relationship Type="a/officeDocument" Target="{_LURE}"/></Relationships>'
_POINTERS = f"""<!DOCTYPE html PUBLIC "-//X//DTD X//EN" "{_LURE}.dtd"><html><head>
<base href="{_LURE}/"/><link rel="stylesheet" href="a.css"/><meta http-equiv="refresh" content="0;url={_LURE}"/>
<script src="{_LURE}.js"></script></head><body><img src="{_LURE}.png"/><iframe src="file:///etc/passwd"></iframe>
<object data="{_LURE}"></object><xi:include href="file:///etc/passwd"/><p>Text enough to be read.</p></body></html>"""


def _pointing(document: bytes, name: str, part: str) -> bytes:
    """A document one of whose parts points outside."""
    with zipfile.ZipFile(io.BytesIO(document)) as old:
        return zipped({member: old.read(member) for member in old.namelist()} | {name: part})


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.html", _POINTERS.encode()),
        ("a.epub", epub({"a.xhtml": _POINTERS})),
        ("b.epub", epub({"a.xhtml": page("en")}, container=CONTAINER.format(path=_LURE))),
        ("a.fb2", fb2(f'<p>Text.</p><image href="{_LURE}"/>', head=f"<?xml-stylesheet href='{_LURE}'?>")),
        ("b.fb2", fb2("<p>&x;</p>", head=f'<!DOCTYPE x [<!ENTITY x SYSTEM "{_LURE}">]>')),
        ("c.fb2", fb2("<p>Text.</p>", head=f'<!DOCTYPE x SYSTEM "{_LURE}">')),
        ("d.fb2", fb2('<xi:include href="file:///etc/passwd" xmlns:xi="http://www.w3.org/2001/XInclude"/><p>T.</p>')),
        ("a.docx", docx_of(["Text enough to be read.", _LURE])),
        ("b.docx", _pointing(docx_of(["Text."]), "_rels/.rels", _RELATION)),
        ("a.odt", _pointing(odt_of(["Text."]), "content.xml", f'<!DOCTYPE x SYSTEM "{_LURE}"><x/>')),
        ("a.rtf", rf"{{\rtf1 {{\field{{\*\fldinst INCLUDETEXT {_LURE}}}{{\fldrslt Text enough.}}}}}}".encode()),
        ("a.md", f"![a]({_LURE}) [b](file:///etc/passwd) Text enough to be read.".encode()),
        ("a.zip", zipped({"a.html": _POINTERS, "../../b.txt": "Text enough."})),
    ],
)
def test_no_parser_calls_anybody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, data: bytes) -> None:
    opened = opened_by(monkeypatch)
    with without_network(monkeypatch) as asked:
        found = check(tmp_path / "file", data, name)
    assert asked == []
    assert opened == [str(tmp_path / "file")]
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    assert "root:" not in "".join(item.text for item in found if isinstance(item, Book))
