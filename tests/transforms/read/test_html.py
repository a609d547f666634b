"""Visible text of pages, whatever state they are in."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenesign.transforms.read.document import Paragraph
from scenesign.transforms.read.hand_broken import paragraphs_of
from scenesign.transforms.read.html import parse_html
from scenesign.transforms.read.page_blocks import settle_levels
from tests.transforms.read.files import B, H, read, write


def shown(page: str, *, site: bool = True) -> list[Paragraph]:
    """The paragraphs of a page."""
    return paragraphs_of(parse_html(page, site=site))[0]


def test_html(tmp_path: Path) -> None:
    page = """<!DOCTYPE html><html lang="en"><head><title>The  Tale</title><meta name="author" content="Jane Roe">
    <style>p {color: red}</style></head><body><nav><a href="#">Home</a></nav><h1>Chapter<br>One</h1>
    <script>var x = "<p>no</p>";</script><p>First &amp; <i>second</i>
    line&nbsp;here.<p>Unclosed <b>tag<hr><div>In a <span>div</span></div>tail
    <ul><li>one<li>two</ul><blockquote>a<br>b</blockquote></body></html>"""
    (document,) = read(write(tmp_path, "x.bin.html", page))
    assert document.title == "The Tale"
    assert document.author == "Jane Roe"
    assert document.language == "en"
    assert [(" ".join(text.split(" ")).strip(), kind) for text, kind in document.paragraphs or ()] == [
        ("Chapter One", H),
        ("First & second line\u00a0here.", None),
        ("Unclosed tag", None),
        ("* * *", B),
        ("In a div", None),
        ("tail", None),
        ("one", None),
        ("two", None),
        ("a\nb", None),
    ]


def test_html_by_content_and_by_declared_encoding(tmp_path: Path) -> None:
    text = "<html><head><meta charset='windows-1251'></head><body><p>Привет, мир</p></body></html>"
    (document,) = read(write(tmp_path, "page.txt", text.encode("cp1251")))
    assert document.paragraphs == (("Привет, мир", None),)
    assert document.encoding == "cp1251"


def test_html_whose_declaration_lies(tmp_path: Path) -> None:
    text = "<html><head><meta charset='us-ascii'></head><body><p>Привет, мир</p></body></html>"
    (document,) = read(write(tmp_path, "page.html", text))
    assert document.paragraphs == (("Привет, мир", None),)


def test_html_line_breaks_that_are_paragraphs() -> None:
    long = "A line of old web pages that goes on and on, well past the eighty characters of any verse. "
    paragraphs = shown(f"<body>{long}<br>{long}<br><br>Roses are red,<br>violets are blue.</body>")
    assert paragraphs == [(long.strip(), None), (long.strip(), None), ("Roses are red,\nviolets are blue.", None)]


def test_xhtml_habits() -> None:
    page = parse_html(
        "<?xml version='1.0' encoding='utf-8'?><html><head><title/><script src='x'/></head>"
        "<body><p>Text<a id='p1'/> goes on <![CDATA[& on]]>.</p><p/><p>End.</p></body></html>"
    )
    assert paragraphs_of(page)[0] == [("Text goes on & on.", None), ("End.", None)]
    assert page.linked == 0


def test_html_nested_too_deep_for_any_recursion() -> None:
    depth = 200_000
    assert shown("<div>" * depth + "deep" + "</div>" * depth) == [("deep", None)]


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "piece", ["<!--", "<![CDATA[", "<script ", "<a href=x>", "<p>", "<svg>", "[a](", "![", "*a ", "> "]
)
def test_marks_that_never_close_take_no_longer_than_any_text(tmp_path: Path, piece: str) -> None:
    # quadratic work on a megabyte would take hours
    for name in ("a.html", "a.md"):
        (document,) = read(write(tmp_path, name, "Words. " + piece * 200_000))
        assert document.paragraphs or document.text


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet=st.sampled_from(list("<>/&;!-[]apbh12 \n\"'=x\0\ud800Ж"))))
def test_any_text_is_some_html(text: str) -> None:
    for paragraph, _ in shown(text):
        assert paragraph.strip()


PROSE = "The mill had not turned for a year when Agnes came back to it, and dust lay on the stones. " * 5


def lines_of(page: str, *, site: bool = True) -> list[str]:
    return [" ".join(text.split(" ")).strip() for text, _ in shown(page, site=site)]


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("ri<span epub:type='pagebreak'>36</span>ver", "river"),
        ("ri<span class='pagenum'>[Pg 36]</span>ver", "river"),
        ("ri<a id='page36'>36</a>ver", "river"),
        ("ri<a name='Page_36'>[Pg 36]</a>ver", "river"),
        ("ri<a href='#Page_xii' id='Page_xii'>[Pg xii]</a>ver", "river"),
        ("ri<span class='ws-pagenum' title='x'>[36]</span>ver", "river"),
        ("rose <a id='p36'>37</a> up", "rose 37 up"),
        ("rose <a id='v36'>36</a> up", "rose 36 up"),
        ("rose<sup>[注1]</sup> up", "rose up"),
        ("rose<sup>①</sup> up", "rose up"),
        ("rose<sup>примеч. 2</sup> up", "rose up"),
        ("rose<span class='superscript'>1</span> up", "rose up"),
        ("5<sup>th</sup> M<sup>r</sup> m<sup>2</sup>", "5th Mr m2"),
        ("老<img alt='※(「口＋敢」、第3水準1-15-19)' class='gaiji'/>人", "老噉人"),
        ("老<img alt='U+5653'/>人", "老噓人"),
        ("老<img alt='第3水準9-99-99' class='figure'/>人", "老人"),
        ("ri<span role='doc-pagebreak' title='36'/></span>ver", "river"),
        ("rose<a epub:type='noteref' href='#n1'><sup>1</sup></a> up", "rose up"),
        ("rose<sup><a href='#fn1'>[1]</a></sup>.", "rose."),
        ("rose [<a href='#fn1'>1</a>].", "rose."),
        ("rose<a href='#note2'>2</a> up", "rose up"),
        ("morning.<sup>12</sup>", "morning."),
        ("see chapter <a href='#ch2'>2</a>", "see chapter 2"),
        ("10<sup>5</sup> m<sup>2</sup>, 1<sup>er</sup>", "105 m2, 1er"),
        ("a <a href='http://x.y/#fn1'>[1]</a> b", "a [1] b"),
        (
            "<span class='pagenum'>He counted thirty-six ships in the bay</span>",
            "He counted thirty-six ships in the bay",
        ),
        ("<ruby>漢<rp>(</rp><rt>かん</rt><rp>)</rp></ruby>字", "漢字"),
        ("<ruby>漢<rt>かん<rb>字<rt>じ</ruby>。", "漢字。"),
        ("a<wbr>b<foo>c</foo><span hidden>x</span><o:p></o:p>d", "abcd"),
        ("中文\n文字 and\nmore", "中文文字 and more"),
        ("a&#150;b &#x93;c&#148; &nbsp;&hellip;", "a–b “c” \u00a0…"),
        ("狼に<img class='gaiji' src='1.gif' alt='喰'>い", "狼に喰い"),
        ("A mill<img src='1.gif' alt='A mill by a river'> stood.", "A mill stood."),
        ("<span class='dropcap'>T</span> he mill", "The mill"),
        ("<span class='dropcap'>A</span> mill", "A mill"),
        ("<img class='initial' src='1.gif' alt='W'>inter", "Winter"),
    ],
)
def test_what_stands_in_a_line_and_what_does_not(source: str, text: str) -> None:
    assert lines_of(f"<p>{source}</p>", site=False) == [text]


@pytest.mark.parametrize(
    ("source", "texts"),
    [
        ("<div class='dropcap'>N</div><p>obody came.</p>", ["Nobody came."]),
        ("<p><img src='n.png' alt='N'></p><p>obody came.</p>", ["Nobody came."]),
        ("<p>B</p><p>baker, 12</p>", ["B", "baker, 12"]),
        ("<p>I</p><p>roses are red</p>", ["I", "roses are red"]),
        ("<figure><img src='n.png' alt='N'></figure><p>Nobody came.</p>", ["Nobody came."]),
        (
            "<dl><dt>Mill<dd>A house</dl><table><tr><td>rye<td>five<tr><td>oats</table>",
            ["Mill", "A house", "rye five", "oats"],
        ),
        ("<table><tr><td>名称</td>\n<td>備考</td></tr></table>", ["名称 備考"]),
        ("<ul><li>a<ol><li>b</ol><li>c</ul>", ["a", "b", "c"]),
        ("<p>a</p><hr epub:type='pagebreak'><p>b</p>", ["a", "b"]),
        ("<p>a</p><div aria-hidden='true'>* * *</div><p>b</p>", ["a", "* * *", "b"]),
    ],
)
def test_blocks(source: str, texts: list[str]) -> None:
    assert lines_of(source, site=False) == texts


@pytest.mark.parametrize(
    "piece",
    [
        "<nav><a href='/'>Home</a> <a href='/b'>Books</a></nav>",
        "<footer>© 2001 A House</footer>",
        "<header><a href='/'>A House</a></header>",
        "<div class='sidebar'><a href='/a'>More by her</a></div>",
        "<div id='footer'>Made by hand</div>",
        "<div role='navigation'>Home</div>",
        "<p hidden>unseen</p>",
        "<p style='color: red; display: none'>unseen</p>",
        "<template><p>unseen</p></template><noscript>unseen</noscript>",
    ],
)
def test_furniture_of_a_site_is_left_out(piece: str) -> None:
    assert lines_of(f"<body>{piece}<h1>Tale</h1><p>{PROSE}</p>{piece}") == ["Tale", PROSE.strip()]


@pytest.mark.parametrize(
    "page",
    [
        "<nav><p>{}</p><p>{}</p>",  # never closed
        "<body style='display:none'><p>{}</p><p>{}</p>",
        "<article><header>{}</header><p>{}</p></article>",
        "<div class='footer'><p>{}</p><p>{}</p></div>",
        "<div aria-hidden='true'><p>{}</p><p>{}</p></div>",
    ],
)
def test_the_book_itself_is_no_furniture(page: str) -> None:
    assert lines_of(page.format(PROSE, PROSE)) == [PROSE.strip()] * 2


@pytest.mark.parametrize("folder", ["", "/books/"])
def test_lines_over_and_under_the_text_of_a_site(tmp_path: Path, folder: str) -> None:
    turn = f"<p><a href='{folder}1.html'>Previous</a> | <a href='{folder}3.html'>Next</a></p>"
    (document,) = read(write(tmp_path, "a.html", f"<html><body>{turn}<h1>Two</h1><p>{PROSE}</p>{turn}</body></html>"))
    assert next(text for text, _ in document.paragraphs or ()) == "Two"
    assert len(document.paragraphs or ()) == 2
    assert document.notes == ("2 pieces of navigation or site furniture left out",)


def test_notes_go_with_a_count_and_the_text_around_them_stays(tmp_path: Path) -> None:
    page = f"""<html><body><p>It rose<sup id='r1'><a href='#fn1'>1</a></sup> and fell<a href='#n2'>*</a>.</p>
    <aside role='doc-footnote' id='fn1'><p>By the mark.</p></aside><p>{PROSE}</p>
    <p id='n2'><a href='#r2'>*</a> Again in spring.</p><p>The end.</p></body></html>"""
    (document,) = read(write(tmp_path, "a.html", page))
    assert [text.strip() for text, _ in document.paragraphs or ()] == ["It rose and fell.", PROSE.strip(), "The end."]
    assert document.notes == ("2 note marks left out", "2 notes left out")


WRAPPED = [
    "The mill at Harrow Ford had not turned for a year when Agnes came",
    "back to it. Dust lay on the stones and swallows had built in the old",
    "hopper. She opened every shutter and let the wind go through the big",
    "rooms.",
    "",
] * 5


@pytest.mark.parametrize("page", ["<pre>{}</pre>", "<p>{}</p>"])
def test_lines_wrapped_by_hand_are_joined(page: str) -> None:
    end = "\n" if "pre" in page else "<br>\n"
    assert lines_of(page.format(end.join(WRAPPED))) == [" ".join(WRAPPED[:4])] * 5


def test_verse_of_one_metre_stays_verse() -> None:
    verse = "<br>".join(
        ["And so the water rose that night above the wall of old grey stone", "So none that saw the morning light"] * 8
    )
    (text,) = lines_of(f"<p>{verse}</p>")
    assert text.count("\n") == 15


def test_chinese_paragraphs_that_line_breaks_end() -> None:
    lines = ["　　水车已经停了一年。", "　　“你来了？”他说。"] * 8
    assert lines_of("<div>" + "<br>\n".join(lines) + "</div>") == [line.strip() for line in lines]


def test_what_becomes_a_heading() -> None:
    deep = parse_html(f"<h5>One</h5><p>{PROSE}</p><h5>Two</h5><p>{PROSE}</p>")
    settle_levels([deep.blocks])
    assert [block.text for block in deep.blocks if block.kind is H] == ["One", "Two"]
    mixed = parse_html(f"<h2>One</h2><h5>by her</h5><p>{PROSE}</p><h2>Two</h2><h5>by him</h5>")
    settle_levels([mixed.blocks])
    assert [block.text for block in mixed.blocks if block.kind is H] == ["One", "Two"]
    titled = parse_html(f"<title>The Tale</title><p class='big'>The  Tale</p><p>{PROSE}</p>")
    assert titled.blocks[0].kind is H


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "piece",
    ["<img alt='W'>x ", "<sup>1</sup>a ", "a<a href='#n1'>1</a>", "<span hidden>x</span>", "<nav>", "<p id=a>B<p>c",
     "<td>a", "<rt>a<rb>b", "<br>", "<div class='" + "nav " * 200 + "'>", "&nbsp;<br>"],
)  # fmt: skip
def test_pieces_in_great_numbers(tmp_path: Path, piece: str) -> None:
    (document,) = read(write(tmp_path, "a.html", "<html><body><p>Words." + piece * (2_000_000 // len(piece) // 10)))
    assert (document.paragraphs or ())[0][0].startswith("Words.")


KOREAN = (
    "그해 가을에 늙은 뱃사공은 마지막으로 강가에\n"
    "내려갔고 마을에서 그를 본 사람은 아무도 없었으며\n"
    "아이들은 다음 날까지 그 일을 잊고 지냈다 그리고\n"
)
ARABIC = (
    "نزل الملاح العجوز إلى النهر في خريف تلك السنة للمرة الأخيرة\n"
    "ولم يره أحد من أهل القرية سوى الأطفال الذين كانوا يلعبون هناك\n"
    "عند المخاضة ولم يفكروا في الأمر مرة أخرى حتى جاء صباح اليوم\n"
)
THAI = (
    "ในปลายปีนั้นคนแจวเรือแก่ลงไปที่แม่น้ำเป็นครั้งสุดท้ายในชีวิต\n"
    "พร้อมกับสุนัขและไม้เท้าของเขาและไม่มีใครในหมู่บ้านเห็นเขาไป\n"
    "จากเด็กๆที่เล่นอยู่ที่ท่าข้ามน้ำและเด็กๆก็ไม่ได้คิดถึงเรื่องนั้น\n"
)


@pytest.mark.parametrize(("text", "joint"), [(KOREAN, "강가에 내려갔고"), (ARABIC, "الأخيرة ولم"), (THAI, "ในชีวิตพร้อม")])
@pytest.mark.parametrize("page", ["<pre>{}</pre>", "<p>{}</p>"])
def test_lines_wrapped_by_hand_in_scripts_without_case_are_joined(page: str, text: str, joint: str) -> None:
    lines = text * 5
    source = page.format(lines if "pre" in page else lines.replace("\n", "<br>\n"))
    ((paragraph, _),) = shown(source)
    assert joint in paragraph
    assert "\n" not in paragraph


def test_verse_in_scripts_without_case_stays_verse() -> None:
    lines = ["나는 강가에 서서", "배를 기다리네", "오지 않는 배를 기다리며 물결만 바라보네", "해는 지고"] * 4
    assert shown(f"<p>{'<br>'.join(lines)}</p>") == [("\n".join(lines), None)]


def test_a_short_page_of_full_lines_is_wrapped_and_a_stanza_is_not() -> None:
    wrapped = (
        "the ferry had not crossed the river for a year when she came\n"
        "back to it and found the rope in the reeds where it had lain\n"
    )
    ((text, _),) = shown(f"<pre>{wrapped * 2}</pre>")
    assert "\n" not in text
    stanza = "The ferry waits upon the stream\nand nobody will cross to-night\nfor all the water is a dream\nand all"
    assert shown(f"<pre>{stanza}</pre>") == [(stanza, None)]


def test_a_list_of_the_headings_below_it_is_the_contents(tmp_path: Path) -> None:
    links = "<ul><li><a href='#a'>One</a></li><li><a href='#b'>Two</a></li></ul>"
    chapters = "".join(f"<h2 id='{at}'>{name}</h2><p>{PROSE}</p>" for at, name in (("a", "One"), ("b", "Two")))
    page = f"<html><body><h1>Tale</h1>{links}{chapters}</body></html>"
    (document,) = read(write(tmp_path, "a.html", page))
    assert [text for text, _ in document.paragraphs or ()] == ["Tale", "One", PROSE.strip(), "Two", PROSE.strip()]
    other = page.replace(">One</a>", ">The rope</a>")  # links that are called otherwise may be text
    (document,) = read(write(tmp_path, "b.html", other))
    assert ("The rope", None) in (document.paragraphs or ())


def test_the_title_of_the_metadata_is_the_title(tmp_path: Path) -> None:
    head = "<head><title>A. Rower: The Ferry</title><meta name='DC.Title' content='The Ferry'></head>"
    (document,) = read(write(tmp_path, "a.html", f"<html>{head}<body><p>{PROSE}</p></body></html>"))
    assert document.title == "The Ferry"
