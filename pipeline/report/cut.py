"""Texts cut for the page, in bytes, so that every script gets about as much said."""

from __future__ import annotations


def first_words(text: str, limit: int) -> str:
    """The first words of a text on one line, at most `limit` bytes of UTF-8, an ellipsis at the end when cut."""
    # no more than `limit` characters can fit, however long the scene is
    flat = " ".join(text[: 2 * limit].split())
    if len(text) <= 2 * limit and len(flat.encode()) <= limit:
        return flat
    short = flat.encode()[: limit - 3].decode(errors="ignore")
    space = short.rfind(" ")
    return (short[:space] if space > len(short) // 2 else short).rstrip() + "…"
