"""What a trained spaCy pipeline says of a book's names, where the user has one for its language."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import spacy
from spacy.language import Language
from spacy.tokens import Token

from scenesign.transforms.cast.cases import small_letters
from scenesign.transforms.support.threads import Lender, made_once

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


@dataclass(frozen=True)
class NamedPeople:
    """Counts of forms in `small_letters`. persons: how often it was called a person. read: how often it was read."""

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

    language: ISO 639-1. spacy_model: name or folder of an installed pipeline.
    """
    if spacy_model is None:
        return None
    persons: Counter[str] = Counter()
    read: Counter[str] = Counter()
    with _namers(spacy_model).lend() as nlp:
        if nlp.lang != language or not {"ner", "entity_ruler"} & set(nlp.pipe_names):
            return None
        for piece in _pieces(text, min(_PIECE, nlp.max_length)):
            # without a memory zone spaCy keeps every word it ever saw
            with nlp.memory_zone():
                doc = nlp(piece)
                read.update(_forms(doc, language))
                for entity in doc.ents:
                    if entity.label_ in _PERSONS:
                        persons.update(_forms(entity, language))
    return NamedPeople(dict(persons), dict(read))


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


@made_once(4)
def _namers(name: str) -> Lender[Language]:
    return Lender(lambda: spacy.load(name, exclude=["lemmatizer", "textcat", "parser"]), _PIPELINES)
