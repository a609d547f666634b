"""Numbers as people write them: counts with their noun, bytes, times."""

from __future__ import annotations


def counted(count: int, noun: str, plural: str = "") -> str:
    """`1 book`, `1,200 books`; plural: where it isn't the noun with an s."""
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"


def human_bytes(count: float) -> str:
    """A number of bytes for a reader, `1.2 MB`."""
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000 or unit == "GB":
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    return ""


def duration(seconds: float) -> str:
    """`45 s`, `12 min`, `3 h 20 min`."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"


def series(words: list[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1] if words else "")))
