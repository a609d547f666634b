"""Members of an archive by the references that its own files make to them, however those are spelled."""

from __future__ import annotations

import posixpath
import unicodedata
from collections.abc import Iterable
from urllib.parse import unquote

_MOST_ESCAPES = 3  # times that a reference is escaped over


class Members:
    """Names of an archive's members, found by references that differ in escapes, letter case or Unicode form."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = frozenset(names)
        self._alike: dict[str, str] = {}
        self._bases: dict[str, set[str]] = {}
        for name in sorted(self._names):
            key = _key(_resolved("", name))
            self._alike.setdefault(key, name)
            self._bases.setdefault(posixpath.basename(key), set()).add(name)

    def find(self, folder: str, href: str) -> str:
        """The member that a reference in a file of `folder` means; "" where there is none.

        The spelling that is nearest to the reference wins: as it stands, unescaped, then alike, from the folder and
        from the root of the archive; last a name that only one member has in any folder.
        """
        href = href.split("#")[0].strip()
        if not href:
            return ""
        # a reference to a page of a site may have a query, and old programs escaped the bytes of their code page
        spelled = list(dict.fromkeys((href, unquote(href), href.split("?")[0], unquote(href, "latin-1"))))
        for base in (folder, ""):
            exact = [_resolved(base, spelling) for spelling in spelled]
            found = next((path for path in exact if path in self._names), "")
            found = found or next((self._alike[key] for key in map(_key, exact) if key in self._alike), "")
            if found:
                return found
        only = self._bases.get(posixpath.basename(_key(_resolved("", href))), set())
        return next(iter(only)) if len(only) == 1 else ""


def _resolved(folder: str, href: str) -> str:
    return posixpath.normpath(posixpath.join(folder, href.replace("\\", "/"))).lstrip("/")


def _key(path: str) -> str:
    """What all spellings of one path have in common."""
    for _ in range(_MOST_ESCAPES):
        path = unquote(path)
    return unicodedata.normalize("NFC", path.replace("+", " ").casefold())
