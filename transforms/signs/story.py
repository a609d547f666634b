"""What a string of glyphs tells: scene by scene its topic, what changed in its letters, and scenes like it.

A topic's ideograph opens a scene and composed glyphs spell out the rest, so a string is cut into scenes without being
told how many glyphs a scene was written in.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from scenesign.schemas.inventory import InventoryInfo
from scenesign.transforms.cast.cast import CastMember
from scenesign.transforms.signs.glosses.glossary import Exemplar, LetterEntry, SignEntry, called
from scenesign.transforms.signs.glyphs import glyphs, signs_of
from scenesign.transforms.signs.numbering import first_signs, letters_of_sign

# Characters that are named where more are unknown.
_NAMED = 8
_EXAMPLES = 3
# Letters of a word that any of its forms begins with, at least.
_STEM = 4


@dataclass(frozen=True)
class WrittenScene:
    """The glyphs of one scene: a sign per level, from level 1 on, and the same as characters."""

    signs: tuple[int, ...]
    glyphs: str


@dataclass(frozen=True)
class ToldScene:
    """What the glyphs of a scene tell.

    letters: of its composed glyphs, lead, vowel and tail of each; none in an inventory of protocol 1. changed: those
    of them that the scene before did not have; none for the first scene. words: what such a scene is likely to speak
    of, in the reader's language, best first; none where the inventory has no vocabulary of it. examples: scenes that
    share these glyphs, those that open with most of `words` first. cast: whom the scene names, where it is known which
    one of which book it is.
    """

    glyphs: str
    signs: tuple[int, ...]
    topic: SignEntry
    letters: tuple[LetterEntry, ...]
    changed: tuple[LetterEntry, ...]
    words: tuple[str, ...]
    examples: tuple[Exemplar, ...]
    cast: tuple[CastMember, ...] = ()

    def name(self, language: str) -> str:
        """What its topic is called in a language (ISO 639-1): its name, or its first two keywords; empty where none."""
        return called(self.topic, language)

    def keywords(self, language: str) -> tuple[str, ...]:
        """Words of its topic in a language (ISO 639-1); empty where the glossary has none."""
        return self.topic.keywords.get(language, ())


def written_scenes(text: str, info: InventoryInfo) -> tuple[list[WrittenScene], list[str]]:
    """Cuts a string of glyphs into scenes; also what could not be read, a line each. White space is skipped."""
    signs, unknown = signs_of(text, info.sizes, info.composed)
    notes = []
    if unknown:
        shown = " ".join(dict.fromkeys(unknown[:_NAMED])) + (" …" if len(unknown) > _NAMED else "")
        notes.append(
            f"{_counted(len(unknown), 'character')} of no sign of {info.script or 'this inventory'}, left out: {shown} "
            "(no glyphs, or glyphs of another script)"
        )
    firsts = first_signs(info.sizes).tolist()
    scenes: list[list[int]] = []
    early: list[int] = []
    astray: list[int] = []
    for sign in signs:
        level = sum(sign >= first for first in firsts)
        if level == 1:
            scenes.append([sign])
        elif not scenes:
            early.append(sign)
        elif level == len(scenes[-1]) + 1:
            scenes[-1].append(sign)
        else:
            astray.append(sign)
    if early:
        shown = glyphs(early[:_NAMED], info.sizes, info.composed)
        notes.append(
            f"the string starts in the middle of a scene: {_counted(len(early), 'glyph')} before the first topic left "
            f"out: {shown}"
        )
    if astray:
        shown = glyphs(astray[:_NAMED], info.sizes, info.composed)
        notes.append(f"{_counted(len(astray), 'glyph')} out of turn in a scene, left out: {shown}")
    return [WrittenScene(tuple(scene), glyphs(scene, info.sizes, info.composed)) for scene in scenes], notes


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}{'s' if count != 1 else ''}"


def tell_scenes(
    scenes: Sequence[WrittenScene],
    info: InventoryInfo,
    topics: Sequence[SignEntry],
    letters: Sequence[LetterEntry],
    words: Sequence[tuple[str, ...]],
    language: str,
) -> Iterator[ToldScene]:
    """What written scenes tell, to a reader of a language (ISO 639-1).

    topics, letters: the glossary, in order of ids; no letters in an inventory of protocol 1. words: of each scene.
    """
    before: frozenset[tuple[int, int, int]] | None = None
    for scene, likely in zip(scenes, words, strict=True):
        rows = [row for sign in scene.signs[1:] for row in letters_of_sign(sign, info.sizes)] if letters else []
        spelled = tuple(letters[row] for row in rows)
        own = frozenset((entry.level, entry.letter, entry.value) for entry in spelled)
        changed = () if before is None else tuple(e for e in spelled if (e.level, e.letter, e.value) not in before)
        topic = topics[scene.signs[0]]
        shown = _examples((topic, *spelled), language, likely)
        yield ToldScene(scene.glyphs, scene.signs, topic, spelled, changed, likely, shown)
        before = own


def _examples(entries: Sequence[SignEntry | LetterEntry], language: str, words: Sequence[str]) -> tuple[Exemplar, ...]:
    """Scenes of the reader's language, or of any where there are none.

    Those that open with most of the words come first, then the topic's own, then those that more glyphs share.
    """
    for mine in (language, ""):
        named: Counter[tuple[str, int]] = Counter()
        first: dict[tuple[str, int], tuple[int, Exemplar]] = {}
        for rank, entry in enumerate(entries):
            for example in entry.examples:
                if mine in ("", example.language):
                    place = (example.book_id, example.scene)
                    named[place] += 1
                    first.setdefault(place, (min(rank, 1), example))
        if named:
            held = {place: len(words_in(example.text, words)) for place, (_, example) in first.items()}
            ordered = sorted(named, key=lambda p: (-held[p], first[p][0], -named[p], first[p][1].distance, p))
            return tuple(first[place][1] for place in ordered[:_EXAMPLES])
    return ()


def words_in(text: str, words: Sequence[str]) -> tuple[str, ...]:
    """Those words that a text has, in whatever form: a form is told by how it begins, but for its last two letters.

    >>> words_in("They sailed along the shores of the sea.", ["sail", "shore", "seal", "ship"])
    ('sail', 'shore')
    """
    small = text.casefold()
    return tuple(word for word in words if re.search(_beginning(word.casefold()), small))


def _beginning(word: str) -> str:
    # ideographs are written without spaces; of short words the whole is their beginning
    spaced = r"\b" if word[:1] < "\u1100" else ""
    return spaced + re.escape(word[: max(_STEM, len(word) - 2)])


def keywords_in(keywords: Mapping[str, tuple[str, ...]], language: str, count: int) -> tuple[str, ...]:
    """The first keywords in a language; where there are none, those of English, then of any other."""
    for code in (language, "en", *sorted(keywords)):
        if keywords.get(code):
            return keywords[code][:count]
    return ()
