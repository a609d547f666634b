"""Values of options that are more than a text or a number: how they are read, and how they are spelled again."""

from __future__ import annotations

import difflib
import os
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields, replace

from scenesign.pipeline.options.errors import UsageError
from scenesign.schemas.records import in_unicode
from scenesign.transforms.signs.glyphs import MAX_LEVELS, USUAL_GLYPHS
from scenesign.transforms.support.limits import Limits
from scenesign.transforms.text.language_codes import UnknownLanguageError, language_code

_UNREAD = re.compile("[\ud800-\udfff]")
SPLITS = "train=0.9,validation=0.05,test=0.05"


def check_name(option: str, path: str) -> None:
    """Raises UsageError for a place that libraries can't write to, because its name is no Unicode."""
    whole = os.path.abspath(path)
    if not _UNREAD.search(whole):
        return
    if _UNREAD.search(in_unicode(whole)):
        raise UsageError(f"{option} {path}: a name in its path holds bytes that are no UTF-8; choose another place")
    raise UsageError(
        f"{option} {path}: the locale's encoding ({sys.getfilesystemencoding()}) can't read that name; set "
        "PYTHONUTF8=1, or choose another place"
    )


def parse_splits(given: str | Mapping[str, float]) -> tuple[tuple[str, float], ...]:
    """`train=0.9,test=0.1`, or names to shares, as pairs.

    Raises UsageError unless the names are plain and the shares add up to 1.
    """
    text = given if isinstance(given, str) else ",".join(f"{name}={share}" for name, share in given.items())
    pairs = []
    for item in text.split(","):
        name, equals, share = item.strip().partition("=")
        if not equals or not re.fullmatch(r"[a-z][a-z0-9_]*", name):
            raise UsageError(f"--splits: '{item.strip()}' is not NAME=SHARE, as in {SPLITS}")
        try:
            pairs.append((name, float(share)))
        except ValueError:
            raise UsageError(f"--splits: '{share}' is not a number; write e.g. {name}=0.9") from None
    if len({name for name, _ in pairs}) < len(pairs):
        raise UsageError(f"--splits: a name occurs twice in '{text}'")
    total = sum(share for _, share in pairs)
    if any(not share > 0 for _, share in pairs) or not abs(total - 1.0) <= 1e-6:
        raise UsageError(f"--splits: the shares of '{text}' add up to {total:g}; they must be above 0 and add up to 1")
    return tuple(pairs)


def parse_language(given: str | None) -> str | None:
    """The code of a language by its code or English name; None where nothing is given. Raises UsageError."""
    try:
        return language_code(given or "") or None
    except UnknownLanguageError as error:
        raise UsageError(f"--language: {error}; give a code such as ru, or a name such as Russian") from None


def parse_signs(given: str | int | None) -> int | None:
    """`auto` (None) or a number of topics. Raises UsageError."""
    text = "auto" if given is None else str(given)
    if text == "auto":
        return None
    # one sign for all scenes says nothing of any
    if not text.isdecimal() or int(text) < 2:
        raise UsageError(f"--signs: '{text}' is neither 'auto' nor a whole number above 1")
    return int(text)


def parse_glyphs(given: str | int | None) -> int:
    """How many glyphs a scene is written in; the usual number where nothing is given. Raises UsageError."""
    text = str(USUAL_GLYPHS if given in (None, "") else given)
    if not text.isdecimal() or not 1 <= int(text) <= MAX_LEVELS:
        raise UsageError(f"--glyphs: '{text}' is not a whole number from 1 to {MAX_LEVELS}")
    return int(text)


def parse_limits(given: Sequence[str] | Mapping[str, int]) -> Limits:
    """`NAME=NUMBER` each, or names to numbers, over the defaults.

    Raises UsageError for a name that is no limit, or a number below 1.
    """
    if isinstance(given, str):
        given = [given]
    texts = [f"{name}={number}" for name, number in given.items()] if isinstance(given, Mapping) else given
    names = [limit.name for limit in fields(Limits)]
    chosen: dict[str, int] = {}
    for text in texts:
        name, equals, number = text.partition("=")
        name, number = name.strip().replace("-", "_"), number.strip().replace("_", "")
        if name not in names:
            near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
            hint = f"did you mean {near[0]}?" if near else f"these are: {', '.join(names)}"
            raise UsageError(f"--limit: '{name}' is no limit: {hint}")
        if not equals or not number.isdecimal() or int(number) < 1:
            raise UsageError(f"--limit: '{text}' is not NAME=NUMBER with a whole number above 0, as in {name}=1000000")
        chosen[name] = int(number)
    return replace(Limits(), **chosen)


def parse_licence(given: str) -> str:
    """The name of a licence on one line, whatever white space was in it."""
    return " ".join(given.split())


def spell_limits(limits: object) -> tuple[str, ...]:
    """Limits of a manifest as `NAME=NUMBER`, but for those at their defaults."""
    if not isinstance(limits, Mapping):
        return ()
    usual = asdict(Limits())
    return tuple(f"{name}={number}" for name, number in sorted(limits.items()) if usual.get(name) != number)


def spell(value: object) -> tuple[str, ...]:
    """A value of a manifest as it's given on the command line; none for one that was not given."""
    return () if value is None or value == "" else (str(value),)


def parse_rules(given: str | os.PathLike[str] | None) -> object:
    """The rules in a file, by its path. Raises UsageError."""
    from scenesign.transforms.support import storage
    from scenesign.transforms.text.boilerplate import Boilerplate, parse_boilerplate

    if given is None:
        return Boilerplate()
    path = os.fspath(given)
    try:
        return parse_boilerplate(storage.read_bytes(path).decode("utf-8"), path)
    except UnicodeDecodeError as error:
        raise UsageError(f"--boilerplate: {path} is not UTF-8 ({error.reason})") from error
    except (OSError, ValueError) as error:
        raise UsageError(f"--boilerplate: {error}") from error


def spell_rules(sha256: object) -> tuple[str, ...]:
    """A place for the rules that were used: their digest doesn't say where they lie."""
    return () if sha256 is None else ("RULES",)


def spell_frozen(sha256: object) -> tuple[str, ...]:
    """A place for the inventory that was used: its digest doesn't say where it lies. Without one it was fitted."""
    return ("fit",) if sha256 is None else ("INVENTORY",)
