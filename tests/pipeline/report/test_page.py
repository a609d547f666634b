"""The report in a real browser: it draws, answers pointer, finger and keyboard, fits a phone, and calls nobody."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from scenesign.pipeline.report.page import render
from tests import reports
from tests.pipeline.report.test_report import HOSTILE, hostile_report

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed (pip install -e '.[dev]')")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here (Debian: apt-get install chromium)"),
    pytest.mark.timeout(120),
]
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@dataclass
class Opened:
    """A page, and what it did beside being shown."""

    page: Any
    said: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def at(self, sign: int) -> tuple[float, float]:
        """Where a sign is drawn, in the window."""
        place = self.page.evaluate("s => atlas.place(s)", sign)
        box = self.page.locator("#map").bounding_box()
        return box["x"] + place["x"], box["y"] + place["y"]

    def text(self, selector: str) -> str:
        return self.page.locator(selector).inner_text()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def show(browser: Any, tmp_path: Path) -> Iterator[Any]:
    """show(file or text, width, ...) opens a page; afterwards none may have complained or called anybody."""
    opened: list[Opened] = []

    def show(what: Path | str, width: int = 1280, height: int = 900, **options: Any) -> Opened:
        path = what if isinstance(what, Path) else tmp_path / "page.html"
        if isinstance(what, str):
            path.write_text(what, encoding="utf-8")
        context = browser.new_context(viewport={"width": width, "height": height}, **options)
        context.set_default_timeout(10_000)
        found = Opened(context.new_page())
        opened.append(found)
        found.page.on("console", lambda message: found.said.append(message.text))
        found.page.on("pageerror", lambda error: found.said.append(str(error)))
        found.page.on("request", lambda request: found.asked.append(request.url))
        found.page.goto(path.as_uri())
        found.page.locator("#map").scroll_into_view_if_needed()
        return found

    yield show
    for found in opened:
        assert found.said == []
        assert len(found.asked) == 1
        found.page.context.close()


@pytest.fixture(scope="module")
def plain() -> str:
    return render(reports.report(signs=8, scenes=40))


COLOURS_ON_MAP = """async () => {
    await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
    const canvas = document.getElementById("map");
    const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
    const seen = new Set();
    for (let i = 0; i < pixels.length; i += 4) if (pixels[i + 3] === 255) seen.add(pixels.slice(i, i + 3).join());
    return [...seen];
}"""


def test_the_demo_is_drawn(show: Any, demo: Path) -> None:
    opened = show(demo / "report" / "report.html")
    assert "119,170,221" in opened.page.evaluate(COLOURS_ON_MAP)  # the first region's colour
    assert opened.text("h1") == "demo"
    assert opened.page.locator(".ribbon").count() == 3  # the first book and its two translations
    scenes = opened.page.evaluate("data.strips[0].openings.length")
    assert opened.page.locator(".cell").count() == scenes > 0
    assert opened.page.locator("#made").get_by_text("scenesign build INPUT").is_visible()


def test_cells_are_topics_and_other_glyphs_are_told_by_their_letters(show: Any) -> None:
    opened = show(render(reports.report(levels=3, scenes=300)))
    cells = opened.page.locator(".cell").all_inner_texts()
    assert all("\u4e00" <= glyph <= "\u4e07" for glyph in cells)
    opened.page.locator(".cell").nth(0x2A).click()  # code 0x2a0 on both further levels: letters 2, 10, 0
    assert "letter 2.0.2 · letter 2.1.10 · letter 2.2.0" in opened.text("#scene")
    opened.page.evaluate("document.querySelectorAll('#scene details').forEach(d => { d.open = true; })")
    told = opened.text("#scene")
    assert "name 2" in told
    for level, glyph in ((2, "\ub1b1"), (3, "\u36a0")):
        assert glyph in told
        for letter, value in enumerate((2, 10, 0)):
            assert f"{['lead', 'vowel', 'tail'][letter]} {value} letter {level}.{letter}.{value}" in told
            assert f"w{level}{letter}{value:x}" in told
    opened.page.locator("#letters summary").nth(1).click()
    assert opened.page.get_by_role("row", name="vowel 10 letter 3.1.10").is_visible()


DRAWN = """async () => {
    await document.fonts.ready;
    const picture = (character) => {
        const canvas = Object.assign(document.createElement("canvas"), { width: 40, height: 40 });
        const context = canvas.getContext("2d");
        context.font = "32px " + getComputedStyle(document.documentElement).getPropertyValue("--glyph");
        context.fillText(character, 2, 32);
        return canvas.toDataURL();
    };
    return [[...document.fonts].map(font => font.family + " " + font.status), [...arguments[0]].map(picture)];
}"""


def test_glyphs_are_drawn_where_no_font_is_installed(show: Any) -> None:
    opened = show(render(reports.report(levels=2)))
    fonts, pictures = opened.page.evaluate(DRAWN.replace("arguments[0]", '"\u4e00\u4e07\uac01\uac1d\u0378"'))
    assert fonts == ["Scenesign Glyphs loaded"]
    assert len(set(pictures)) == 5  # boxes would be all alike; the last is one, since nobody has that character


def test_chapters_stand_over_their_scenes_and_can_be_chosen(show: Any, plain: str) -> None:
    opened = show(plain)
    page = opened.page
    assert page.locator(".part p").all_inner_texts() == ["CHAPTER I · The Letter", "Chapter 2"]
    assert [page.locator(".part").nth(i).locator(".cell").count() for i in (0, 1)] == [4, 36]
    assert page.locator(".cell").nth(3).inner_text().split() == ["\u4e03", "name", "3"]  # a short book names its topics
    assert page.locator("#chapters span").all_inner_texts() == ["The Letter", "Chapter 2"]
    ribbon, second = (page.locator(at).bounding_box() for at in (".ribbon canvas", "#chapters span:last-child"))
    assert second["x"] == pytest.approx(ribbon["x"] + ribbon["width"] * 4 / 40, abs=1.5)
    page.locator("#chapter").select_option("Chapter 2")
    assert opened.text("#scene").startswith("scene 5 of 40")
    page.locator(".cell").nth(2).click()
    assert "CHAPTER I · The Letter" in opened.text("#scene")
    assert page.locator("#chapter").input_value() == "0"


def test_rows_of_cells_are_walked_through_across_chapters(show: Any, plain: str) -> None:
    page = show(plain, 390, 844).page
    page.locator(".cell").nth(1).focus()
    first, fourth = page.evaluate(
        "[1, 4].map((scene) => document.querySelectorAll('.cell')[scene].getBoundingClientRect().top)"
    )
    assert fourth > first
    page.keyboard.press("ArrowDown")
    assert page.locator('.cell[aria-selected="true"]').get_attribute("data-scene") == "5"
    page.keyboard.press("ArrowUp")
    assert page.locator('.cell[aria-selected="true"]').get_attribute("data-scene") == "1"


def test_a_scene_is_found_by_its_words_and_opened(show: Any, plain: str) -> None:
    opened = show(plain)
    page = opened.page
    assert opened.text("#searched").startswith("Looks through 40 scenes")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "search"
    before = page.evaluate("document.documentElement.scrollHeight")
    page.keyboard.type("NUMBER 1")
    assert opened.text("#searched") == "16 of 40 scenes found."  # 1, 10 to 19, 21, 31; by topic 9, 25, 33
    assert page.locator(".result").first.locator(".said mark").all_inner_texts() == ["number", "1"]
    assert page.evaluate("document.documentElement.scrollHeight") == before
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert page.locator('.result[aria-selected="true"]').get_attribute("id") == "result-1"
    assert page.locator("#search").get_attribute("aria-activedescendant") == "result-1"
    page.keyboard.press("Enter")
    assert opened.text("#scene").startswith("scene 10 of 40")  # 1 is a whole word of its topic, and a part of 10
    assert page.evaluate("document.activeElement.dataset.scene") == "9"
    assert page.locator("#results").is_hidden()
    page.keyboard.press("ArrowRight")  # the keyboard goes on from there
    assert opened.text("#scene").startswith("scene 11 of 40")


ASKED = {
    "peter": "20 of 40",  # cast
    "name word3": "5 of 40",  # a topic's name, and a keyword
    "the letter": "4 of 40",  # a chapter's title
    "\u4e03": "5 of 40",  # a glyph
    "book 0": "40 of 40",  # the book's title
    "scene wörd3": "5 of 40",  # accents don't count
    "peter word3 nowhere": "None of 40",
    " .,!": "Looks through 40",
    "(": "Looks through 40",
}


def test_a_scene_is_found_by_all_that_is_told_of_it(show: Any, plain: str) -> None:
    opened = show(plain)
    for asked, found in ASKED.items():
        opened.page.locator("#search").fill(asked)
        assert opened.text("#searched").startswith(found), asked
        assert opened.page.locator("#results").is_visible() == found[0].isdigit()
    opened.page.locator("#search").fill("anna")
    opened.page.keyboard.press("Escape")
    assert opened.page.locator("#results").is_hidden()
    assert opened.page.locator("#search").input_value() == "anna"


def test_a_search_says_what_it_leaves_out(show: Any) -> None:
    data = reports.report(scenes=80)
    counts = replace(data.manifest.counts, scenes=5000)
    opened = show(render(replace(data, manifest=replace(data.manifest, counts=counts))))
    assert opened.text("#searched").startswith("Looks through 80 of 5,000 scenes")
    opened.page.locator("#search").fill("number")
    assert opened.text("#searched") == "80 of 80 scenes on this page found; the best 50 are shown."
    assert opened.page.locator(".result").count() == 50
    opened.page.keyboard.press("ArrowUp")  # from the first to the last
    opened.page.keyboard.press("Enter")
    assert opened.text("#scene").startswith("scene 50 of")


def test_charts_say_what_their_bars_show(show: Any) -> None:
    metrics = {"bits/uniform": 9.0, "bits/unigram": 9.4, "bits/bigram": 9.3, "ami/sign_book": -0.01}
    books = (reports.report().books[0],) * 2
    opened = show(render(reports.report(metrics=metrics, books=books)))
    page, chart = opened.page, opened.page.locator("figure").first
    assert "can't be foretold better than by an even guess" in chart.inner_text()
    line, bar = chart.locator("path").last.bounding_box(), chart.locator("rect").last.bounding_box()
    assert bar["x"] + bar["width"] > line["x"] + 2  # the topic before is worse, and its bar goes beyond the line
    assert page.locator("figure").nth(1).get_by_role("row", name="its book as by luck").is_visible()
    assert page.locator("figure").nth(1).locator("svg").count() == 0


def test_a_cast_is_a_line_each_in_step_with_the_scenes(show: Any, plain: str) -> None:
    opened = show(plain)
    assert opened.page.locator(".voice span").all_text_contents() == ["Anna", "Peter"]
    ribbon, line = (opened.page.locator(f"{row} canvas").first.bounding_box() for row in (".ribbon", ".voice"))
    assert (ribbon["x"], ribbon["width"]) == pytest.approx((line["x"], line["width"]), abs=1)
    told = opened.page.locator(".voice canvas").nth(1).get_attribute("aria-label")
    assert told == "Peter is named in 20 of 40 scenes, first in 1"
    opened.page.locator(".voice canvas").nth(1).click(position={"x": line["width"] * 2.5 / 40, "y": 8})
    assert opened.text("#scene").startswith("scene 3 of 40")
    assert opened.text("#scene .who") == "Anna, Peter"
    opened.page.locator(".cell").nth(3).click()
    assert opened.text("#scene .who") == "Anna"


BARS = """async () => {
    await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
    const canvas = document.querySelectorAll(".voice canvas")[1];
    const row = canvas.getContext("2d").getImageData(0, Math.round(canvas.height / 4), canvas.width, 1).data;
    const at = (scene) => row[4 * Math.round(canvas.width * (scene + 0.5) / 40) + 3];
    return [...Array(40).keys()].map(scene => at(scene) > 0);
}"""


def test_a_line_has_a_bar_where_a_scene_names_its_member(show: Any, plain: str) -> None:
    opened = show(plain)
    opened.page.locator(".cell").nth(0).click()
    assert opened.page.evaluate(BARS) == [scene % 2 == 0 for scene in range(40)]


def test_pointing_shows_a_sign_and_clicking_keeps_it(show: Any, plain: str) -> None:
    opened = show(plain)
    mouse = opened.page.mouse
    for sign in (0, 3, 7):
        mouse.move(*opened.at(sign))
        assert f"topic {sign} " in opened.text("#sign")
        assert f"word{sign}" in opened.text("#sign")
    mouse.move(2, 2)
    assert "Choose a topic" in opened.text("#sign")
    mouse.click(*opened.at(5))
    mouse.move(2, 2)
    assert "topic 5 " in opened.text("#sign")
    # 40 scenes walk through 8 signs: five of them carry the chosen one
    assert opened.page.locator(".cell.same").count() == 5
    opened.page.locator("#sign .near button").click()
    assert "topic 6 " in opened.text("#sign")


def test_the_keyboard_reaches_all_of_it(show: Any, plain: str) -> None:
    opened = show(plain)
    page, seen = opened.page, set()
    page.locator("#map").focus()
    for key in ["Enter", "ArrowRight", "ArrowDown", "ArrowLeft", "ArrowUp", "ArrowRight", "ArrowUp", "ArrowLeft"]:
        page.keyboard.press(key)
        seen.add(opened.text("#sign .head .meta").split(" ·")[0].split("topic ")[1])
    assert len(seen) >= 3
    page.keyboard.press("Escape")
    assert "Choose a topic" in opened.text("#sign")
    page.locator(".cell").first.focus()
    page.keyboard.press("ArrowRight")
    assert "scene 2 of 40" in opened.text("#scene")
    assert "unlike all that the script was made from" in opened.text("#scene")
    page.keyboard.press("End")
    assert "scene 40 of 40" in opened.text("#scene")
    assert page.locator('.cell[aria-selected="true"]').count() == page.locator('.cell[tabindex="0"]').count() == 1
    page.keyboard.press("ArrowUp")
    assert "scene 40 of" not in opened.text("#scene")


def test_zooming_keeps_signs_under_the_pointer(show: Any, plain: str) -> None:
    opened = show(plain)
    opened.page.mouse.click(*opened.at(4))
    opened.page.locator("#map").press("+")
    opened.page.locator("#map").press("+")
    assert opened.page.locator("#map.closer").count() == 1
    opened.page.mouse.move(*opened.at(4))
    assert "topic 4 " in opened.text("#sign")
    opened.page.locator("#whole").click()
    assert opened.page.locator("#map.closer").count() == 0


def test_search_and_regions_step_others_back(show: Any, plain: str) -> None:
    opened = show(plain)
    page = opened.page
    page.locator("#find").fill("WORD6")
    assert opened.text("#found") == "1 topic"
    page.keyboard.press("Enter")
    assert "topic 6 " in opened.text("#sign")
    page.locator("#find").fill("")
    page.locator("#legend button").nth(1).click()
    assert page.locator("#legend button").nth(1).get_attribute("aria-pressed") == "true"
    assert page.locator(".cell.dim").count() == 30  # signs of the other three of four regions
    page.locator("#legend button").nth(1).click()
    assert page.locator(".cell.dim").count() == 0


def overflow(page: Any) -> int:
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


@pytest.mark.parametrize("width", [390, 320])
def test_it_fits_a_phone_and_answers_a_finger(show: Any, demo: Path, width: int) -> None:
    opened = show(demo / "report" / "report.html", width, 844, has_touch=True, is_mobile=True)
    opened.page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    assert overflow(opened.page) == 0
    opened.page.locator("#map").scroll_into_view_if_needed()
    opened.page.touchscreen.tap(*opened.at(0))
    assert "topic 0 " in opened.text("#sign")
    opened.page.locator(".cell").nth(2).tap()
    assert "scene 3 of" in opened.text("#scene")
    assert overflow(opened.page) == 0


CONTRAST = """() => {
    const channel = c => { c /= 255; return c <= .04045 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4; };
    const light = hex => [1, 3, 5].map(i => channel(parseInt(hex.slice(i, i + 2), 16)))
        .reduce((sum, c, i) => sum + c * [.2126, .7152, .0722][i], 0);
    const ratio = (a, b) => (Math.max(light(a), light(b)) + .05) / (Math.min(light(a), light(b)) + .05);
    const value = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
    const pairs = {};
    for (const text of ["--ink", "--soft", "--accent"])
        for (const ground of ["--paper", "--panel"]) pairs[text + " on " + ground] = ratio(value(text), value(ground));
    for (const c of COLOURS) pairs["glyph on " + c] = ratio("#16181c", c);
    return pairs;
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_both_colour_schemes_can_be_read_and_switched(show: Any, plain: str, scheme: str) -> None:
    opened = show(plain, color_scheme=scheme)
    ground = "getComputedStyle(document.body).backgroundColor"
    before = opened.page.evaluate(ground)
    assert (before == "rgb(20, 22, 26)") == (scheme == "dark")
    for _ in range(2):
        contrast = opened.page.evaluate(CONTRAST)
        assert {pair for pair, ratio in contrast.items() if ratio < 4.5} == set()
        opened.page.locator("#theme").click()
    assert opened.page.evaluate(ground) == before


def test_everything_that_can_be_operated_has_a_name(show: Any, plain: str) -> None:
    opened = show(plain)
    nameless = opened.page.evaluate("""() => [...document.querySelectorAll("button, select, input, canvas, [role]")]
        .filter(e => !(e.ariaLabel || e.getAttribute("aria-labelledby") || e.labels?.length || e.textContent.trim()))
        .map(e => e.outerHTML.slice(0, 80))""")
    assert nameless == []
    assert opened.page.locator("h1").count() == 1
    assert opened.page.evaluate("document.documentElement.lang") == "en"


def test_text_of_books_stays_text(show: Any) -> None:
    opened = show(render(hostile_report()))
    opened.page.mouse.click(*opened.at(2))
    opened.page.locator(".cell").nth(1).click()
    assert HOSTILE.split("\u2028")[0] in opened.text("#sign")
    assert HOSTILE.split("\u2028")[0] in opened.text("#scene")
    assert HOSTILE.split("\u2028")[0] in opened.text("#score")
    assert HOSTILE.split("\u2028")[0] in opened.text("#cells")
    opened.page.locator("#search").fill("img src")
    assert HOSTILE.split("\u2028")[0] in opened.text("#results")
    assert opened.page.evaluate("typeof hacked") == "undefined"
    assert opened.page.locator("img").count() == 0
    assert opened.page.locator("script").count() == 2


def test_the_policy_lets_nothing_in_or_out(show: Any, plain: str) -> None:
    opened = show(plain)
    failed: list[str] = []
    opened.page.on("requestfailed", lambda request: failed.append(request.url))
    blocked = opened.page.evaluate("""async () => {
        const blocked = [];
        document.addEventListener("securitypolicyviolation", event => blocked.push(event.effectiveDirective));
        await fetch("https://example.invalid/").catch(() => {});
        const script = document.createElement("script");
        script.textContent = "hacked = 1";
        document.body.append(script, Object.assign(new Image(), { src: "https://example.invalid/a.png" }));
        await new Promise(done => setTimeout(done, 100));
        return [...new Set(blocked)].sort();
    }""")
    assert blocked == ["connect-src", "img-src", "script-src-elem"]
    assert opened.page.evaluate("typeof hacked") == "undefined"
    # the browser reports each of them, and the picture as a request that it never sent
    opened.said.clear()
    assert opened.asked[1:] == failed == ["https://example.invalid/a.png"]
    del opened.asked[1:]


def test_4096_signs_and_a_long_book(show: Any) -> None:
    opened = show(render(reports.report(signs=4096, scenes=2500)))
    assert opened.page.locator(".cell").count() == 2500
    # signs lie on each other here: whichever is nearest must be the one that is shown
    for sign in (0, 1000, 2047, 4095):
        opened.page.evaluate("s => keep(s)", sign)
        assert f"topic {sign} " in opened.text("#sign")
    opened.page.mouse.move(*opened.at(4095))
    assert "topic " in opened.text("#sign")
    opened.page.locator("#find").fill("word4094")
    assert opened.text("#found") == "1 topic"
    opened.page.mouse.click(*opened.at(4094))
    assert "topic 4094 " in opened.text("#sign")
    assert overflow(opened.page) == 0
