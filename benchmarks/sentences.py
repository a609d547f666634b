"""How many of the golden rules of sentence ends come out right, language by language.

    python benchmarks/sentences.py FOLDER [--wrong] [--json FILE]

FOLDER: the spec files of the Pragmatic Segmenter (`spec/pragmatic_segmenter/languages`, MIT licence), or files in their
form: `Segmenter.new(text: "...", language: 'en')` and `to eq(["...", ...])`. A rule is right when all sentences are,
white space aside. `golden` are the rules that their authors call so, `all` adds their other examples, among them lists,
tables and texts of the web; those whose expected sentences are not the text itself are left out. `blank` is spaCy's
sentencizer alone.
"""

from __future__ import annotations

import argparse
import ast
import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import spacy

from scenesign.pipeline.output import settle_output
from scenesign.schemas.records import Block
from scenesign.transforms.scenes.sentences import split_sentences

_STRING = r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'"
_EXAMPLE = re.compile(
    rf"it (?:{_STRING}) do(?P<body>.*?)\n\s*expect\(ps\.segment\)\.to eq\(\[(?P<sentences>.*?)\]\)", re.DOTALL
)
_TEXT = re.compile(rf"text: (?P<text>{_STRING})")
_LANGUAGE = re.compile(r"language: ['\"](\w+)['\"]")


@dataclass(frozen=True)
class Example:
    """A text and its sentences. golden: its authors call it a rule."""

    language: str
    text: str
    sentences: tuple[str, ...]
    golden: bool


@dataclass(frozen=True)
class Row:
    """Examples of one language, and how many come out right."""

    language: str
    golden: int = 0
    golden_right: int = 0
    golden_blank: int = 0
    all: int = 0
    all_right: int = 0


def read_examples(source: str) -> Iterator[Example]:
    """The examples of a spec file whose sentences are their text."""
    golden_end = source.find("describe '#segment'", source.find("Golden Rules") if "Golden Rules" in source else 0)
    for match in _EXAMPLE.finditer(source):
        text = _TEXT.search(match["body"])
        if text is None or "clean: false" in match["body"] or "doc_type" in match["body"]:
            continue
        language = _LANGUAGE.search(match["body"])
        example = Example(
            language[1] if language else "en",
            _value(text["text"]),
            tuple(_value(each) for each in re.findall(_STRING, match["sentences"])),
            "Golden Rules" in source and (golden_end < 0 or match.start() < golden_end),
        )
        if _flat("".join(example.sentences)) == _flat(example.text):
            yield example


def _value(literal: str) -> str:
    """What a literal of Ruby says; its escapes in these files are those of Python."""
    return str(ast.literal_eval(literal.replace("\n", "\\n")))


def _flat(text: str) -> str:
    return "".join(text.split())


def sentences(text: str, language: str) -> list[str]:
    """The sentences of a text, without white space."""
    found = split_sentences(text, [Block(0, len(text))], language)
    return [_flat(text[each.start : each.end]) for each in found]


def blank_sentences(text: str, language: str) -> list[str]:
    """The same by spaCy's sentencizer."""
    try:
        model = spacy.blank(language)
    except (ImportError, OSError):
        model = spacy.blank("xx")
    model.add_pipe("sentencizer")
    return [flat for each in model(text).sents if (flat := _flat(each.text))]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--wrong", action="store_true", help="print what came out wrong")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    rows: dict[str, Row] = {}
    for path in sorted(options.folder.rglob("*_spec.rb")):
        for example in read_examples(path.read_text(encoding="utf-8")):
            expected = [_flat(each) for each in example.sentences]
            found = sentences(example.text, example.language)
            row = rows.get(example.language, Row(example.language))
            right = found == expected
            blank = example.golden and blank_sentences(example.text, example.language) == expected
            rows[example.language] = Row(
                row.language,
                row.golden + example.golden,
                row.golden_right + (example.golden and right),
                row.golden_blank + blank,
                row.all + 1,
                row.all_right + right,
            )
            if options.wrong and not right:
                print(example.language, "golden" if example.golden else "", *found, sep="\n  | ")
                print("  wanted", *expected, sep="\n  | ")
    print("| language | golden rules | right | blank | all | right |")
    print("|---|---:|---:|---:|---:|---:|")
    for _, row in sorted(rows.items()):
        print(
            f"| {row.language} | {row.golden} | {row.golden_right} | {row.golden_blank} | {row.all} | {row.all_right} |"
        )
    if options.json:
        options.json.write_text(json.dumps([asdict(row) for row in rows.values()], indent=1), encoding="utf-8")


if __name__ == "__main__":
    settle_output()
    main()
