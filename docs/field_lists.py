"""Docstrings of this project as the site shows them: lines `name: what it is` become a list, examples become code."""

from __future__ import annotations

import re
from typing import Any

import griffe

_FIELD = re.compile(r"^([a-z_*][\w*]*(?:, [a-z_*][\w*]*)*): (?=\S)")
_PROMPT = ">>> "


def as_markdown(text: str, names: set[str]) -> str:
    """A docstring as Markdown.

    names: parameters or attributes of the object. A line or sentence that opens with one of them, or several, and a
    colon is an item of a list; what follows belongs to it until a blank line or the next item. An example, from its
    first prompt to a blank line, is a block of code.
    """
    one = "|".join(sorted(names)) or "(?!)"
    text = re.sub(rf"(?<=\.) (?=(?:{one})(?:, (?:{one}))*: )", "\n", text)
    lines: list[str] = []
    inside = ""  # an item, or an example
    for line in text.split("\n"):
        found = _FIELD.match(line)
        if inside == "example" and not line:
            lines.append("```")
        elif inside != "example" and line.startswith(_PROMPT):
            lines.append("```pycon")
            inside = "example"
        if inside != "example" and found and {name.strip("*") for name in found[1].split(", ")} <= names:
            if inside != "item" and lines and lines[-1]:
                lines.append("")
            words = ", ".join(f"`{name}`" for name in found[1].split(", "))
            lines.append(f"- {words}: {line[found.end() :]}")
            inside = "item"
        else:
            lines.append(f"  {line.strip()}" if inside == "item" and line else line)
            inside = inside if line else ""
    return "\n".join([*lines, "```"] if inside == "example" else lines)


class FieldLists(griffe.Extension):
    """Rewrites the docstrings of functions and classes when they are collected."""

    def on_function(self, *, func: griffe.Function, **_: Any) -> None:
        """A function, with the names of its parameters."""
        if func.docstring:
            func.docstring.value = as_markdown(func.docstring.value, {parameter.name for parameter in func.parameters})

    def on_class(self, *, cls: griffe.Class, **_: Any) -> None:
        """A class, with the names of its attributes and of what it is made with."""
        if cls.docstring:
            made_with = cls.members.get("__init__")
            names = {p.name for p in made_with.parameters} if isinstance(made_with, griffe.Function) else set()
            cls.docstring.value = as_markdown(cls.docstring.value, names | set(cls.members))
