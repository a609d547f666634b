"""What a trained spaCy pipeline says of a book's names, where the user has one for its language."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scenesign.transforms.cast.cases import small_letters
from scenesign.transforms.cast.cast import Mention
from scenesign.transforms.support.spared_torch import give_torch_to_spacy
from scenesign.transforms.support.threads import Lender, made_once

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc, Span, Token

# Labels of people in the pipelines that spaCy publishes.
_PERSONS = frozenset({"PERSON", "PER", "persName", "PRS", "PS"})
# Characters that a pipeline reads at once: far below its own limit, because its memory grows with them.
_PIECE = 50_000
# A pipeline reads no more of a book than this, pieces spread over it: it takes a second for some ten thousand letters.
_MOST_CHARACTERS = 1_000_000
_PIPELINES = 2
# A name is a person's when the pipeline says so of most places; nobody's when it never does and the book rarely has it.
_MOSTLY = 0.5
_RARE = 10
_LEAST_MENTIONS = 4


@dataclass(frozen=True)
class NamedPeople:
    """Counts of forms, in `small_letters` where there are capitals.

    persons: how often each was called a person. read: how often it was read.
    """

    persons: Mapping[str, int]
    read: Mapping[str, int]

    def is_person(self, form: str) -> bool:
        """Whether most places of a form are a person's."""
        return self.persons.get(form, 0) > _MOSTLY * self.read.get(form, 0)

    def is_nobody(self, form: str) -> bool:
        """Whether a form is rare and was never called a person, though it was read."""
        return 0 < self.read.get(form, 0) < _RARE and not self.persons.get(form, 0)


def person_evidence(text: str, language: str, spacy_model: str | None) -> NamedPeople | None:
    """What a pipeline says; None without one, for a book in another language, and when it names no entities.

    language: ISO 639-1, of a script with capitals. spacy_model: name or folder of an installed pipeline.
    """
    persons: Counter[str] = Counter()
    read: Counter[str] = Counter()
    for doc in _read(text, language, spacy_model):
        read.update(_forms(doc, language))
        for person in _persons(doc):
            persons.update(_forms(person, language))
    return NamedPeople(dict(persons), dict(read)) if read else None


def with_people(text: str, mentions: Sequence[Mention], language: str, spacy_model: str | None) -> list[Mention]:
    """Mentions after a pipeline was asked, in a script without capitals.

    What it mostly calls a person and no rule found is added wherever it stands, with itself as key; names of which it
    calls no form a person go where they are rare. language, spacy_model: as above.
    """
    called: Counter[str] = Counter()
    pieces = []
    for doc in _read(text, language, spacy_model):
        pieces.append(doc.text)
        called.update(person.text.strip() for person in _persons(doc))
    if not pieces:
        return list(mentions)
    forms = {mention.form for mention in mentions}
    new = {name for name, count in called.items() if count >= _LEAST_MENTIONS and len(name) > 1} - forms
    persons = {form: sum(count for name, count in called.items() if form in name) for form in forms | new}
    people = NamedPeople(persons, {form: sum(piece.count(form) for piece in pieces) for form in forms | new})
    keys = {mention.key for mention in mentions if not people.is_nobody(mention.form)}
    found = [mention for mention in mentions if mention.key in keys]
    taken = bytearray(len(text))
    for mention in found:
        taken[mention.start : mention.start + len(mention.form)] = b"\1" * len(mention.form)
    for name in sorted(filter(people.is_person, new), key=lambda name: (-len(name), name)):
        for match in re.finditer(re.escape(name), text):
            if not any(taken[match.start() : match.end()]):
                taken[match.start() : match.end()] = b"\1" * len(name)
                found.append(Mention(match.start(), name, name))
    return sorted(found, key=lambda mention: mention.start)


def _read(text: str, language: str, spacy_model: str | None) -> Iterator[Doc]:
    """A text as a pipeline reads it, each piece gone when the next one comes; nothing where it has nothing to say."""
    if spacy_model is None:
        return
    with _namers(spacy_model).lend() as nlp:
        if nlp.lang != language or not {"ner", "entity_ruler"} & set(nlp.pipe_names):
            return
        for piece in _pieces(text, min(_PIECE, nlp.max_length)):
            # without a memory zone spaCy keeps every word it ever saw
            with nlp.memory_zone():
                yield nlp(piece)


def _persons(doc: Doc) -> Iterator[Span]:
    return (entity for entity in doc.ents if entity.label_ in _PERSONS)


def _forms(tokens: Iterable[Token], language: str) -> Iterator[str]:
    return (small_letters(token.text, language) for token in tokens if token.text[:1].isupper())


def _pieces(text: str, longest: int) -> Iterator[str]:
    """Pieces cut at white space where there is some, evenly spread when the text is longer than is read."""
    step = max(1, -(-len(text) // _MOST_CHARACTERS))
    start = number = 0
    while start < len(text):
        end = min(len(text), start + longest)
        if end < len(text):
            space = max(text.rfind(" ", start, end), text.rfind("\n", start, end))
            end = space + 1 if space > start else end
        if number % step == 0:
            yield text[start:end]
        start, number = end, number + 1


@made_once(4, heavy=True)
def _namers(name: str) -> Lender[Language]:
    give_torch_to_spacy()
    import spacy

    return Lender(lambda: spacy.load(name, exclude=["lemmatizer", "textcat", "parser"]), _PIPELINES)
