"""Front matter of Markdown: keys and values, and nothing that is text."""

from __future__ import annotations

import pytest

from scenesign.transforms.read.front_matter import find_front_matter


@pytest.mark.parametrize(
    "block",
    [
        "---\ntitle: The Ford\nauthor: Jane Roe\n---\n",
        "\n---\ntitle: 'The Ford'\nauthor:\n  - Jane Roe\ntags: [a, b]\n...\n",
        "---\n# set by hand\nTitle: The Ford\nauthor: {name: Jane Roe}\ndescription: |\n  Long.\n\n  Longer.\n---\n",
        '+++\ntitle = "The Ford"\nauthor = "Jane Roe"\n[extra]\nx = 1\n+++\n',
        "% The Ford\n% Jane Roe\n",
        '{\n  "title": "The Ford",\n  "author": ["Jane Roe"]\n}\n',
        "---\n标题: The Ford\n作者: Jane Roe\n---\n",
    ],
)
def test_keys_and_values(block: str) -> None:
    found = find_front_matter(block + "Text.\n")
    assert (found.title, found.author) == ("The Ford", "Jane Roe")
    assert (block + "Text.\n")[found.end :] == "Text.\n"


@pytest.mark.parametrize(
    "text",
    [
        "---\n\nThe mill had not turned for a year.\n\n---\n\nMore.\n",
        "---\nChapter One\n---\nText.\n",
        "---\nHAMLET: To be, or not to be.\nHORATIO: My lord?\n---\n",
        "---\ntitle: never closed\n\nText.\n",
        "---\ntitle: The Ford\nAgnes came back to it.\n---\n",
        "+++\nA rule of crosses.\n+++\n",
        '{\n  "rope": "old"\n}\nText.\n',
        "{\nThe ferry.\n}\nText.\n",
        '{\n  "title": "never closed",\nText.\n',
        "Text.\n\n---\ntitle: The Ford\n---\n",
        "---\n---\nText.\n",
        "",
    ],
)
def test_text_between_rules_is_text(text: str) -> None:
    assert find_front_matter(text).end == 0


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "body",
    ["title: " + "[" * 5000, "title: !!python/object:os.system x",
     "a: &a [x, x]\n" + "".join(f"title: [*a, *a, {n}]\n" for n in range(200))],
)  # fmt: skip
def test_hostile_yaml(body: str) -> None:
    assert len(find_front_matter(f"---\n{body}\n---\nText.").title) <= 5_000 + 10
