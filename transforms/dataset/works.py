"""Which books are versions of one work, by the names of their files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import PurePosixPath

# A name that more books of one language share (`book.txt`, `text.epub`) says nothing of the work.
MOST_EDITIONS = 2


def works_of(books: Iterable[tuple[str, str, str]]) -> dict[str, str]:
    """The work that each book is a version of, by book id; "" where its file name doesn't say.

    books: book id, language and source of each. The name of a work is the file's without folders and suffixes, so that
    `en/a.txt` and `ru/a.txt` are taken for translations of each other. Rows and members of one file have none, nor have
    names that more than MOST_EDITIONS books of one language share.
    """
    named = [(book_id, language, _name(source)) for book_id, language, source in books]
    editions = Counter((name, language) for _, language, name in named)
    common = {name for (name, _), count in editions.items() if count > MOST_EDITIONS}
    return {book_id: "" if name in common else name for book_id, _, name in named}


def _name(source: str) -> str:
    name = PurePosixPath(source).name
    return "" if "#" in name else name.split(".")[0].casefold()
