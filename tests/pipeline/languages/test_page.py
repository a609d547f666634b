"""The page of a comparison: nothing is fetched, nothing runs, and what is shown is text."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser

from scenesign.pipeline.languages.claims import CLAIMS, NOTE, judge
from scenesign.pipeline.languages.measure import measure_tokens
from scenesign.pipeline.languages.page import render_comparison
from scenesign.pipeline.languages.signs import TOPICS, vocabulary_price
from scenesign.pipeline.languages.tables import Comparison
from scenesign.pipeline.languages.tokenizers import ANCHORS
from scenesign.schemas.languages import MODEL_SHAPES, GlyphCost, MissingTokenizer, ParallelText

SHAPE = MODEL_SHAPES["llama-3-8b"]
EVIL = "<script>alert(1)</script>\"'&"


def comparison() -> Comparison:
    text = ParallelText(EVIL, {"en": ("a b",) * 6, "zh": ("中文",) * 6}, source_language="en", warnings=(EVIL,))
    rows = measure_tokens(text, [ANCHORS["characters"]], SHAPE)
    return Comparison(
        corpora=(text,),
        rows=tuple(rows),
        missing=(MissingTokenizer("gone", EVIL),),
        glyphs=(GlyphCost("t", TOPICS, 512, 1.5),),
        verdicts=tuple(judge(rows)),
        shape=SHAPE,
        seed=0,
        resamples=1000,
        vocabulary=vocabulary_price("script", (512, 4096), SHAPE),
    )


class Tags(HTMLParser):
    """Elements and attributes of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def test_the_policy_allows_its_own_style_and_nothing_else() -> None:
    page = render_comparison(comparison())
    (style,) = re.findall(r"<style>(.*?)</style>", page, flags=re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    tags = Tags(page).found
    (stated,) = [given["content"] for tag, given in tags if given.get("http-equiv") == "Content-Security-Policy"]
    assert stated == policy
    assert {tag for tag, _ in tags}.isdisjoint({"script", "link", "img", "iframe", "object", "form"})
    names = {name for _, given in tags for name in given}
    assert not {name for name in names if name == "style" or name.startswith("on") or name == "src"}
    assert all(given["href"].startswith("#") for tag, given in tags if given.get("href"))


def test_what_comes_from_outside_is_text() -> None:
    page = render_comparison(comparison())
    assert "<script" not in page
    # the name of the corpus in the contents, its heading and a table; a warning; why a tokenizer is missing
    assert page.count("&lt;script&gt;") >= 5


def test_links_of_the_contents_lead_somewhere() -> None:
    tags = Tags(render_comparison(comparison())).found
    ids = [given["id"] for _, given in tags if "id" in given]
    assert {given["href"][1:] for tag, given in tags if tag == "a"} <= set(ids)
    assert len(ids) == len(set(ids))


def test_the_note_is_explained_and_every_claim_stands_with_what_was_measured() -> None:
    page = render_comparison(comparison())
    assert NOTE in page
    for claim in CLAIMS:
        assert f'<th scope="row">{claim.text}</th>' in page
    assert "<strong>not measured</strong>: no corpus has Russian" in page
    assert "37,748,736" in page  # weights of a row for each glyph
