"""Who wrote a book: nobody in particular (`Various`, `佚名`), or a key that all spellings of one name share."""

from __future__ import annotations

from scenesign.transforms.text.file_names import folded

# By language: en, de, fr, es with pt and it, nl with pl and tr, ru, zh, ja, ko, ar and th.
_NOBODY = """
unknown, unknown author, author unknown, anonymous, anonymus, anon, various, various authors, several authors,
many authors, multiple authors, traditional, folk, folklore, folk tale, n/a, none, nil, null, no author, not known,
unnamed, unspecified, author, the author, authors,
unbekannt, unbekannter autor, unbekannter verfasser, anonym, diverse, diverse autoren, verschiedene,
verschiedene autoren, ohne verfasser, o. V., volksgut,
anonyme, inconnu, auteur inconnu, collectif, divers, divers auteurs, auteurs divers, sans auteur,
anónimo, anónima, desconocido, autor desconocido, varios, varios autores, AA. VV., VV. AA., autori vari, anonimo,
sconosciuto, autore sconosciuto, ignoto, desconhecido, autor desconhecido, vários, vários autores, popular,
anoniem, onbekend, auteur onbekend, diversen, diverse auteurs, nieznany, autor nieznany, różni autorzy, anonim,
praca zbiorowa, bilinmiyor, bilinmeyen, yazarı bilinmiyor, çeşitli yazarlar,
неизвестен, неизвестный, неизвестно, неизвестный автор, автор неизвестен, без автора, аноним, анонимный автор,
народная, народное, народный, народные, народное творчество, народная сказка, народные сказки, фольклор,
коллектив авторов, разные авторы, разные, сборник, эпос, автор,
佚名, 無名氏, 无名氏, 無名, 无名, 不詳, 不详, 未知, 作者不詳, 作者不详, 作者佚名, 匿名, 多人, 群體,
群体, 民間, 民间, 众人,
詠み人知らず, 読人不知, 読み人知らず, 作者未詳, 不明, 作者不明, 著者不明, 著者不詳,
작자미상, 작자 미상, 작가미상, 작가 미상, 미상, 저자 미상, 무명씨, 여러 저자,
مجهول, غير معروف, مؤلف مجهول, مجهول المؤلف, ไม่ทราบชื่อ, ไม่ปรากฏ, ไม่ปรากฏชื่อผู้แต่ง
"""
_PLACEHOLDERS = frozenset(folded(name) for name in _NOBODY.split(","))


def named_author(author: str) -> str:
    """The author, or "" where a placeholder stands for one: `Unknown`, `Various`, `Народная`, `佚名`."""
    name = folded(author)
    return author if name and name not in _PLACEHOLDERS else ""


def author_key(author: str) -> str:
    """What all spellings of an author's name share, whatever the order, case and marks; "" where nobody is named.

    `Tolstoy, Leo` and `Leo TOLSTOY` are one author, `Leo Tolstoy` and `L. Tolstoy` are two.
    """
    return " ".join(sorted(folded(named_author(author)).split()))
