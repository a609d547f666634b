"""The report's markup: nothing of a book becomes markup, equal datasets give equal pages, wrong use is explained."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from click.testing import CliRunner

from scenesign.pipeline.commands.report import report
from scenesign.pipeline.options.reproduce import build_command
from scenesign.pipeline.report.page import amount, embed_json, fingerprint, render, write_report
from scenesign.schemas.manifest import Manifest
from tests import reports


class Page(HTMLParser):
    """The tags and attributes of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def page_data(text: str) -> dict[str, list]:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)
    assert found
    return json.loads(found[1])


def test_build_makes_the_page_and_report_makes_the_same_again(demo: Path, tmp_path: Path) -> None:
    made = (demo / "report" / "report.html").read_bytes()
    uri, _ = write_report(str(demo), str(tmp_path / "again.html"))
    assert Path(uri).read_bytes() == made


def test_the_page_says_nothing_of_when_where_and_how_long(demo: Path, tmp_path: Path) -> None:
    text = (demo / "report" / "report.html").read_text(encoding="utf-8")
    manifest = Manifest.from_json((demo / "manifest.json").read_text(encoding="utf-8"))
    assert manifest.run["seconds"] > 0
    other = reports.report(manifest=replace(manifest, run={"seconds": 1e9}))
    assert render(other) == render(replace(other, manifest=replace(manifest, run={})))
    assert str(demo.parent) not in text
    assert str(Path.home()) not in text


def test_the_page_refers_to_nothing_outside_itself(demo: Path) -> None:
    page = Page((demo / "report" / "report.html").read_text(encoding="utf-8"))
    for tag, attributes in page.tags:
        assert tag not in {"link", "img", "iframe", "object", "embed", "base", "form"}
        for name in ("src", "href", "action", "data", "style", "srcset"):
            assert attributes.get(name, "#").startswith("#"), (tag, attributes)
        assert not any(name.startswith("on") for name in attributes)


HOSTILE = "<img src=x onerror='hacked=1'></script><script>hacked=1</script>{{ 7*7 }}<!-- &lt;\u2028\" onload=\"x"


def hostile_report() -> reports.ReportData:
    """The hostile text in every field that a book, a file name or a dataset's author can fill."""
    data = reports.report(levels=2)
    manifest = replace(
        reports.manifest(name=HOSTILE, levels=2),
        options={"embedder": HOSTILE, HOSTILE: HOSTILE},
        versions={HOSTILE: HOSTILE},
        books=(replace(reports.manifest().books[0], source=HOSTILE, title=HOSTILE, notes=(HOSTILE,)),),
        files=(replace(reports.manifest().files[0], path=HOSTILE),),
    )
    cards = tuple(
        replace(reports.card(i, 8, HOSTILE, HOSTILE, HOSTILE), glyph=HOSTILE[:1], name=HOSTILE) for i in range(8)
    )
    letters = tuple(replace(letter, name=HOSTILE, keywords={HOSTILE: (HOSTILE,)}) for letter in data.letters)
    strip = replace(
        data.strips[0],
        title=HOSTILE,
        author=HOSTILE,
        source=HOSTILE,
        language=HOSTILE,
        openings=(HOSTILE,) * 6,
        glyphs=HOSTILE[:12],
        titles=(HOSTILE, HOSTILE),
        cast=(replace(data.strips[0].cast[0], name=HOSTILE),),
    )
    refused = replace(data.rejects[0], source=HOSTILE, reason=HOSTILE, detail=HOSTILE)
    region = replace(data.regions[0], keywords={HOSTILE: (HOSTILE,)}, scenes={HOSTILE: 1})
    return replace(
        data,
        manifest=manifest,
        metrics={HOSTILE: HOSTILE, "translations/pairs": {HOSTILE: 1}},
        signs=cards,
        strips=(strip,),
        rejects=(refused,),
        letters=letters,
        regions=(region,) * 4,
        trimmed=(HOSTILE,),
    )


def test_text_of_books_stays_text() -> None:
    text = render(hostile_report())
    plain = Page(render(reports.report()))
    tags = [tag for tag, _ in Page(text).tags]
    assert "img" not in tags
    assert tags.count("script") == [tag for tag, _ in plain.tags].count("script") == 2
    assert "{{ 7*7 }}" in text
    assert page_data(text)["strips"][0]["openings"][0] == HOSTILE
    assert page_data(text)["strips"][0]["headings"][0] == HOSTILE
    assert page_data(text)["strips"][0]["cast"][0][0] == HOSTILE


def test_the_script_is_strict_from_its_first_statement_on() -> None:
    assert '<script>"use strict";' in render(reports.report(signs=8, scenes=4))


def test_books_that_are_missed_by_no_fault_of_theirs_are_told() -> None:
    data = reports.report()
    reasons, inputs = {"empty": 2, "unexpected": 1_001}, data.manifest.counts.books + 1_003
    counts = replace(data.manifest.counts, inputs=inputs, rejects=1_003, rejects_by_reason=reasons)
    told = "Missing by no fault of their own: 1,001, of reason <code>unexpected</code>."
    assert told in render(replace(data, manifest=replace(data.manifest, counts=counts)))
    assert "no fault" not in render(data)


def test_the_command_of_a_search_can_be_copied_as_it_is() -> None:
    data = reports.report()
    text = render(replace(data, manifest=replace(data.manifest, name="a b'; rm")))
    assert "scenesign search &#39;a b&#39;&#34;&#39;&#34;&#39;; rm&#39; &#34;a storm at sea&#34;" in text.replace(
        '"a storm at sea"', "&#34;a storm at sea&#34;"
    )


def test_the_page_begins_with_what_was_measured() -> None:
    from scenesign.transforms.metrics.verdicts import verdicts

    metrics = {"bits/uniform": 9.0, "bits/unigram": 9.4, "bits/bigram": 9.3, "ami/sign_book": 0.05}
    data = reports.report(metrics=metrics)
    said = verdicts(replace(data.manifest, metrics=metrics))
    text = render(data)
    assert len(said) >= 1
    assert all(text.index(sentence.replace("'", "&#39;")) < text.index('id="atlas"') for sentence in said)


def test_a_glyph_that_the_font_has_not_is_told_by_its_number() -> None:
    data = reports.report(levels=3)
    signs = (replace(data.signs[0], glyph="\u9fa5", sign=20_901), *data.signs[1:])
    text = render(replace(data, signs=signs))
    assert page_data(text)["undrawn"] == "".join(sorted({"\u9fa5", *data.strips[0].glyphs[2::3]}))
    assert 'aria-label="Show topic 20901 in the atlas">20901</button>' in text
    assert page_data(render(reports.report(levels=2)))["undrawn"] == ""


def test_json_can_not_leave_its_script() -> None:
    text = str(embed_json({"a": HOSTILE}))
    assert not set("<>&\u2028\u2029") & set(text)
    assert json.loads(text) == {"a": HOSTILE}


def test_a_page_of_4096_signs_and_a_long_book_is_small() -> None:
    data = reports.report(signs=4096, scenes=2500)
    text = render(data)
    assert len(text) < 3_000_000
    assert len(page_data(text)["glyphs"]) == 4096


@pytest.mark.parametrize(
    "changes",
    [
        {"metrics": {}},
        {"letters": ()},
        {"metrics": {"novel/share": None, "translations/pairs": {}}},
        {"strips": ()},
        {"rejects": (), "trimmed": ()},
        {"samples": {}},
        {
            "signs": tuple(
                replace(reports.card(i, 8), keywords={}, examples=(), count=0, languages={}) for i in range(8)
            )
        },
    ],
)
def test_a_page_is_made_without_some_of_it(changes: dict[str, object]) -> None:
    text = render(replace(reports.report(), **changes))
    assert 'id="atlas"' in text
    assert "None" not in re.sub(r"<script.*?</script>", "", text, flags=re.DOTALL)


def test_the_page_shows_the_command(demo: Path) -> None:
    manifest = Manifest.from_json((demo / "manifest.json").read_text(encoding="utf-8"))
    command = build_command(manifest.options)
    assert "--signs 12 --glyphs 2" in command
    assert command in (demo / "report" / "report.html").read_text(encoding="utf-8")


def test_the_fingerprint_follows_every_digest() -> None:
    manifest = reports.manifest()
    other = replace(manifest, files=(replace(manifest.files[0], sha256="cd" * 32),))
    assert fingerprint(manifest) == fingerprint(replace(manifest, run={"seconds": 3}))
    assert fingerprint(manifest) != fingerprint(other)


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0, "", "0"),
        (3431, "", "3,431"),
        (999_999_999, "", "999,999,999"),
        (2_351_216_536_413, "", "2.35 × 10¹²"),
        (1.98e15, "FLOP", "1.98 PFLOP"),
        (999.6, "B", "1 kB"),
        (449_708_032, "B", "450 MB"),
        (3e21, "FLOP", "3,000 EFLOP"),
    ],
)
def test_amounts(value: float, unit: str, text: str) -> None:
    assert amount(value, unit) == text


def test_wrong_use_is_one_line(tmp_path: Path) -> None:
    done = CliRunner().invoke(report, [str(tmp_path / "nothing")])
    assert done.exit_code == 2
    assert done.output.startswith("error: ")
    assert done.output.count("\n") == 1
    assert "scenesign build" in done.output


def test_the_command_names_the_page(demo: Path, tmp_path: Path) -> None:
    output = tmp_path / "deep" / "page.html"
    done = CliRunner().invoke(report, [str(demo), "-o", str(output)])
    assert done.exit_code == 0, done.output
    assert str(output) in done.output
    assert output.read_text(encoding="utf-8").startswith("<!doctype html>")
    done = CliRunner().invoke(report, [str(demo), "-o", str(output), "--json"])
    said = json.loads(done.output)
    assert (said["page"], said["bytes"]) == (str(output), output.stat().st_size)
