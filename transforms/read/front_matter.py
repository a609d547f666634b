"""The block of keys and values that may stand before a Markdown text, and nothing else that stands there."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import yaml

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_FENCES = {"---": ("---", "..."), "+++": ("+++",)}
_KEY = re.compile(r"([\"']?)([^\W\d][\w .-]{0,40})\1[ \t]*:(?:[ \t].*)?")
_TOML_KEY = re.compile(r"[\w.\"'-]{1,60}[ \t]*=.*|\[{1,2}[^\[\]]{1,60}\]{1,2}")
_INNER_LINE = re.compile(r"[ \t]+\S.*|-(?:[ \t].*)?|#.*|[\])}],?")
_PANDOC = re.compile(r"%[ \t]+(\S[^\n]*)\n(?:%[ \t]*([^\n]*)\n)?(?:%[ \t]*[^\n]*\n)?")
_MOST_LINES = 300
_LONGEST_FIELD = 1_000  # characters
_LONGEST_JSON = 20_000
_DEEPEST = 3  # lists and groups inside a value
# What each field is called, in small letters.
_NAMES = {
    "title": "title titre titel título titulo titolo tytuł название заголовок заглавие "
    "标题 標題 书名 書名 題名 タイトル 제목",
    "author": "author authors creator auteur autor autora autore автор 作者 著者 저자 지은이",
    "license": "license licence rights copyright lizenz licencia лицензия 许可 ライセンス",
    "language": "language lang locale langue sprache idioma lingua język язык 语言 語言 言語 언어",
}
_FIELDS = {word: name for name, words in _NAMES.items() for word in words.split()}
# Keys that a block without any of those is known by.
_USUAL = frozenset(
    {"date", "layout", "tags", "tag", "category", "categories", "slug", "draft", "description", "summary", "subtitle"}
    | {"publisher", "series", "permalink", "weight", "type", "url", "id", "source", "isbn", "year", "genre", "keywords"}
    | {"cover", "image", "aliases", "toc", "documentclass", "abstract", "comments", "translator", "book", "chapter"}
    | {"part", "дата", "теги", "日期", "分类", "标签"}
)


@dataclass(frozen=True)
class FrontMatter:
    """What stands before a text. end: where the text begins, in characters."""

    end: int = 0
    title: str = ""
    author: str = ""
    license: str = ""
    language: str = ""


def find_front_matter(text: str) -> FrontMatter:
    """The front matter of a text: YAML between `---`, TOML between `+++`, JSON, or pandoc's lines after `%`.

    Where other lines stand between two rules they are text, and the text begins at 0.
    """
    at = len(text[:100]) - len(text[:100].lstrip("\n"))
    if text.startswith("{\n", at):
        return _json_front(text, at)
    if found := _PANDOC.match(text, at):
        return FrontMatter(found.end(), title=found[1], author="; ".join((found[2] or "").split(";")))
    lines: list[str] = []
    fence = ""
    end = at
    while end < len(text) and len(lines) < _MOST_LINES:
        stop = text.find("\n", end)
        stop = len(text) if stop < 0 else stop
        line = text[end:stop].rstrip()
        end = stop + 1
        if not fence:
            if line not in _FENCES:
                return FrontMatter()
            fence = line
        elif line in _FENCES[fence]:
            fields = _yaml_fields(lines) if fence == "---" else _toml_fields(lines)
            return FrontMatter(min(end, len(text)), **fields) if fields is not None else FrontMatter()
        else:
            lines.append(line)
    return FrontMatter()


def _json_front(text: str, at: int) -> FrontMatter:
    """The group that opens the text, where a line of its own ends it."""
    close = text.find("\n}\n", at, at + _LONGEST_JSON)
    if close < 0:
        return FrontMatter()
    try:
        fields = _known(json.loads(text[at : close + 2]))
    except (ValueError, RecursionError):
        return FrontMatter()
    return FrontMatter(close + 3, **fields) if fields else FrontMatter()


def _yaml_fields(lines: list[str]) -> dict[str, str] | None:
    """The fields of a block of YAML, None where its lines are none."""
    keys = [found[2].lower() for line in lines if (found := _KEY.fullmatch(line))]
    first = next((line for line in lines if line and not line.startswith("#")), "")
    if not _KEY.fullmatch(first) or not all(
        not line or _KEY.fullmatch(line) or _INNER_LINE.fullmatch(line) for line in lines
    ):
        return None
    if _FIELDS.keys().isdisjoint(keys) and _USUAL.isdisjoint(keys):
        return None  # a scene of a play: "HAMLET: To be, or not to be."
    try:
        return _known(yaml.load("\n".join(lines), Loader=yaml.BaseLoader))
    except (yaml.YAMLError, RecursionError, ValueError):
        pairs = (line.partition(":") for line in lines if _KEY.fullmatch(line))
        return _known({key.strip("\"' "): value.strip().strip("\"'") for key, _, value in pairs})


def _toml_fields(lines: list[str]) -> dict[str, str] | None:
    if not any(_TOML_KEY.fullmatch(line) for line in lines):
        return None
    try:
        return _known(tomllib.loads("\n".join(lines)))
    except (tomllib.TOMLDecodeError, RecursionError, ValueError):
        return None


def _known(values: object) -> dict[str, str]:
    """The fields of a book among what was read."""
    found: dict[str, str] = {}
    for key, value in values.items() if isinstance(values, dict) else ():
        name = _FIELDS.get(str(key).lower())
        line = ", ".join(_words(value, _DEEPEST))[:_LONGEST_FIELD]
        if name and line:
            found.setdefault(name, line)
    return found


def _words(value: object, depth: int) -> Iterator[str]:
    """The texts of a value: itself, the parts of a list, or the name in a group."""
    if isinstance(value, dict):
        value = next((value[key] for key in ("name", "text", "title", "given", "code") if key in value), None)
    if isinstance(value, list) and depth:
        for part in value[:20]:
            yield from _words(part, depth - 1)
    elif value is not None and not isinstance(value, (list, dict)):
        text = " ".join(str(value)[:_LONGEST_FIELD].split())
        if text:
            yield text
