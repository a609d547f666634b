"""Takes the pictures of a report that the documents show: `python docs/pictures.py out/demo`.

Needs Chromium and what tests need, and fonts of this machine for the books' own texts; glyphs have theirs in the page.
"""

from __future__ import annotations

import io
import shutil
import sys
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import sync_playwright

HERE = Path(__file__).parent
COLOURS = 128


def save(picture: bytes, name: str) -> None:
    """Writes a picture with few colours, which is a third of its size."""
    Image.open(io.BytesIO(picture)).convert("RGB").quantize(COLOURS).save(HERE / name, optimize=True)
    print(f"{HERE / name}: {(HERE / name).stat().st_size:,} bytes")


def clip(page: Any, first: str, last: str, margin: int = 24) -> dict[str, float]:
    """The part of a page from one element down to another, in CSS pixels of the whole page."""
    return page.evaluate(
        """([first, last, margin]) => {
            const [a, b] = [first, last].map(at => document.querySelector(at).getBoundingClientRect());
            return {
                x: Math.max(0, b.left - margin), y: a.top + scrollY,
                width: innerWidth - 2 * Math.max(0, b.left - margin), height: b.bottom - a.top + margin,
            };
        }""",
        [first, last, margin],
    )


def main(dataset: Path) -> None:
    """Takes the wide picture and the one of a phone."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    uri = (dataset / "report" / "report.html").resolve().as_uri()
    with sync_playwright() as running:
        browser = running.chromium.launch(executable_path=found, args=["--no-sandbox"])
        page = browser.new_context(viewport={"width": 1180, "height": 900}, reduced_motion="reduce").new_page()
        page.goto(uri)
        page.locator(".cell").nth(4).click()
        page.evaluate("document.activeElement.blur()")
        save(page.screenshot(full_page=True, clip=clip(page, "#atlas-title", "#cells")), "report.png")
        phone = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
        page = browser.new_context(**phone, color_scheme="dark", reduced_motion="reduce").new_page()
        page.goto(uri)
        page.locator("#search").fill("storm")
        page.locator(".search").evaluate("box => box.scrollIntoView()")
        save(page.screenshot(), "report-phone.png")
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
