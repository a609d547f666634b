"""What a file's name says of the book in it: `Author_Title_1885`, `Surname, Given - Title`, `《题名》作者`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

_YEAR = r"(?:1[4-9]|20)\d\d"
_WITH_YEAR = re.compile(rf"(?P<author>[^_]{{2,60}})_(?P<title>[^_]{{1,120}})_{_YEAR}")
_TWO_FIELDS = re.compile(r"(?P<one>[^_]{2,120})_(?P<two>[^_]{2,120})|(?P<three>.{2,120}?)\s+[-–—]\s+(?P<four>.{2,120})")
_SURNAME_FIRST = re.compile(r"[^\W\d_][\w'’. -]{1,30},\s*[^\W\d_][\w'’. -]{1,40}")
_CHINESE = re.compile(r"《(?P<title>[^《》]{1,40})》\s*(?:作者[:：]?\s*)?(?P<author>[^\s《》_\d.]{2,16})?")
_BRACKETS = re.compile(rf"\s*[(\[（【](?:{_YEAR}|[a-z]{{2}})[)\]）】]\s*$")
_MARKS = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class FileName:
    """What a file's name says. stem: the name in words. candidates: two fields of which the text must say which is
    the author's; `title` and `author` are empty then."""

    stem: str
    title: str = ""
    author: str = ""
    candidates: tuple[str, str] | None = None

    def names(self, line: str) -> bool:
        """Whether a line of the book is the title that the file name has, or begins or ends with it."""
        found = folded(line)
        titles = (self.title,) if self.title else (self.stem, *(self.candidates or ()))
        wanted = [folded(title) for title in titles]
        return any(
            found == title or (len(title) > 3 and (found.startswith(title + " ") or found.endswith(" " + title)))
            for title in wanted
            if title
        )

    def has_author(self, line: str) -> bool:
        """Whether a line of the book holds the last name of an author in the file name."""
        words = set(folded(line).split())
        fields = (self.author,) if self.author else (self.candidates or ())
        for field in fields:
            name = folded(field.partition(",")[0] or field).split()
            if name and len(name[-1]) > 1 and name[-1] in words:
                return True
        return False

    def settled(self, lines: Sequence[str]) -> FileName:
        """With its candidates told apart, where one of them is a line of the book's title page."""
        found = [name for name in self.candidates or () if folded(name) in {folded(line) for line in lines[:1]}]
        if self.candidates is None or len(found) != 1:
            return self
        one, two = self.candidates
        return FileName(self.stem, found[0], two if found[0] == one else one)

    def is_title(self, line: str) -> bool:
        """Whether a line is nothing but the title that the file name has, or may have."""
        titles = (self.title,) if self.title else (self.candidates or ())
        return folded(line) in {folded(title) for title in titles}


def read_file_name(stem: str) -> FileName:
    """What the name of a file without folders and suffixes says of its book."""
    words = " ".join(re.sub(r"[-_]+", " ", stem).split())
    match = _WITH_YEAR.fullmatch(stem)
    if match:
        return FileName(words, _words(match["title"]), _words(match["author"]))
    match = _CHINESE.fullmatch(stem.strip())
    if match:
        return FileName(words, match["title"], match["author"] or "")
    match = _TWO_FIELDS.fullmatch(_BRACKETS.sub("", stem))
    if match is None:
        return FileName(words)
    one, two = (match["one"], match["two"]) if match["one"] else (match["three"], match["four"])
    first, second = (_SURNAME_FIRST.fullmatch(field.strip()) is not None for field in (one, two))
    if first != second:
        author, title = (one, two) if first else (two, one)
        return FileName(words, _words(title), " ".join(author.split()))
    return FileName(words, candidates=(_words(one), _words(two)))


def folded(text: str) -> str:
    """A title or name as it is compared: small letters and digits, words apart by one space, accents gone."""
    plain = "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))
    return _MARKS.sub(" ", plain.casefold()).strip()


def _words(field: str) -> str:
    return " ".join(re.sub(r"[-_]+", " ", field).split())
