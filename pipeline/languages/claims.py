"""The founding note's claims about languages, judged by what was measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scenesign.schemas.language_names import language_name
from scenesign.schemas.languages import UNSTATED, LanguageCost, ParallelText, WrittenSigns

NOTE = (
    "The founding note is the conversation that scenesign began with. It asked what it costs to train a model on"
    " Chinese characters, on Russian and on English, and claimed the figures below. It proposed to give every language"
    " the gain that it saw in Chinese, by signs that stand for whole scenes."
)


@dataclass(frozen=True)
class Claim:
    """A claim as a band for one figure of one language.

    figure: `tokens_per_word` or `premium` (tokens over English's), of subword tokenizers only: bytes and
        characters are not what a model is fed.
    """

    text: str
    language: str
    figure: str
    low: float
    high: float


CLAIMS = (
    Claim("Chinese takes 1-2 tokens per word", "zh", "tokens_per_word", 1.0, 2.0),
    Claim("Chinese takes 30-50 % fewer tokens than English", "zh", "premium", 0.5, 0.7),
    Claim("Russian takes 1.2-1.5 tokens per word", "ru", "tokens_per_word", 1.2, 1.5),
    Claim("English takes 1.5-2.5 tokens per word", "en", "tokens_per_word", 1.5, 2.5),
)
MOST_EXPENSIVE = "English is the most expensive"
SIGNS = "Signs bring Chinese's gain (30-50 % fewer tokens) to any language"
SIGNS_SHARE = 0.7  # of the text's tokens: the least gain that the claim names


@dataclass(frozen=True)
class ClaimVerdict:
    """verdict: `holds`, `fails`, `only when ...` or `not measured: ...`. measured: the range found, in words.

    corpora: what it rests on, each with the language it was written in. agree, of: measurements within the
        claim.
    """

    claim: str
    verdict: str
    measured: str
    corpora: tuple[str, ...]
    agree: int
    of: int


def judge(rows: Sequence[LanguageCost], written: Sequence[WrittenSigns] = ()) -> list[ClaimVerdict]:
    """A verdict on every claim. One that no row speaks to is `not measured`, with what is missing.

    written: what the signs among the rows cost as text.
    """
    subword = [row for row in rows if row.kind == "subword"]
    verdicts = [_judge_band(claim, subword) for claim in CLAIMS]
    verdicts.append(_judge_most_expensive(subword))
    verdicts.append(_judge_signs(rows, subword, written))
    return verdicts


def _judge_band(claim: Claim, subword: Sequence[LanguageCost]) -> ClaimVerdict:
    found = [
        (row, value)
        for row in subword
        if row.language == claim.language
        and (claim.figure != "premium" or row.base_language == "en")
        and (value := getattr(row, claim.figure)) is not None
    ]
    if not found:
        wanted = language_name(claim.language) + (" beside English" if claim.figure == "premium" else "")
        return ClaimVerdict(claim.text, f"not measured: no corpus has {wanted}", "", (), 0, 0)
    values = [value for _, value in found]
    if claim.figure == "premium":
        fewer = sum(value < 1 for value in values)
        measured = f"{_change(min(values))} to {_change(max(values))}; fewer at all in {fewer} of {len(values)}"
    else:
        measured = f"{min(values):.2f} to {max(values):.2f} tokens per word"
    agree = [row for row, value in found if claim.low <= value <= claim.high]
    return _verdict(claim.text, agree, [row for row, _ in found], measured)


def _judge_most_expensive(subword: Sequence[LanguageCost]) -> ClaimVerdict:
    english = [row for row in subword if row.language == "en" and row.base_language == "en"]
    others = {
        (row.corpus, row.tokenizer): [
            o.premium for o in subword if (o.corpus, o.tokenizer) == (row.corpus, row.tokenizer) and o.language != "en"
        ]
        for row in english
    }
    english = [row for row in english if others[row.corpus, row.tokenizer]]
    if not english:
        return ClaimVerdict(MOST_EXPENSIVE, "not measured: no corpus has English beside another", "", (), 0, 0)
    agree = [row for row in english if max(others[row.corpus, row.tokenizer]) < 1]
    cheapest = sum(min(others[row.corpus, row.tokenizer]) > 1 for row in english)
    return _verdict(MOST_EXPENSIVE, agree, english, f"the cheapest in {cheapest} of {len(english)} measurements")


def _judge_signs(
    rows: Sequence[LanguageCost], subword: Sequence[LanguageCost], written: Sequence[WrittenSigns]
) -> ClaimVerdict:
    """Holds only at a price, which is named: what a sign doesn't say, and rows of a vocabulary where it needs them."""
    signs = {(row.corpus, row.language): row for row in rows if row.kind == "signs"}
    pairs = [(row, sign.tokens / row.tokens) for row in subword if (sign := signs.get((row.corpus, row.language)))]
    if not pairs:
        why = "needs signs, and a corpus that says which document each row is from"
        return ClaimVerdict(SIGNS, f"not measured: {why}", "", (), 0, 0)
    found = list(signs.values())
    agree = [row for row, ratio in pairs if ratio <= SIGNS_SHARE]
    lost = [row.bits_lost_per_scene for row in found if row.bits_lost_per_scene is not None]
    conditions = []
    if agree and len(agree) < len(pairs):
        conditions.append(_where(agree, [row for row, _ in pairs]))
    as_text = [one.share for one in written]
    if not as_text or max(as_text) > SIGNS_SHARE:
        conditions.append("every sign is a row of the model's own vocabulary")
    if lost:
        conditions.append(f"{min(lost):,.0f} to {max(lost):,.0f} bits of each scene may go")
    verdict = (f"only when {', and '.join(conditions)}" if conditions else "holds") if agree else "fails"
    ratios = [ratio for _, ratio in pairs]
    measured = f"{percentages(ratios)} of the text's tokens"
    if as_text:
        measured += f" with a row per sign, {percentages(as_text)} written as text"
    return ClaimVerdict(SIGNS, verdict, measured, _corpora(found), len(agree), len(pairs))


def percentages(shares: Sequence[float]) -> str:
    """The least and the greatest of some shares, in percent: `0.47 to 1.00 %`."""
    return f"{100 * min(shares):.2f} to {100 * max(shares):.2f} %"


def _verdict(claim: str, agree: Sequence[LanguageCost], found: Sequence[LanguageCost], measured: str) -> ClaimVerdict:
    verdict = f"only when {_where(agree, found)}" if agree else "fails"
    if len(agree) == len(found):
        verdict = "holds"
    return ClaimVerdict(claim, verdict, measured, _corpora(found), len(agree), len(found))


def _where(agree: Sequence[LanguageCost], found: Sequence[LanguageCost]) -> str:
    """`the tokenizer is A or B; or C on bible`: which of the measurements agree."""
    everywhere, partly = [], []
    for tokenizer in dict.fromkeys(row.tokenizer for row in agree):
        yes = list(dict.fromkeys(row.corpus for row in agree if row.tokenizer == tokenizer))
        if len(yes) == len({row.corpus for row in found if row.tokenizer == tokenizer}):
            everywhere.append(tokenizer)
        else:
            partly.append(f"{tokenizer} on {' and '.join(yes)}")
    groups = [_or(everywhere)] if everywhere else []
    return "the tokenizer is " + "; or ".join([*groups, *partly])


def _or(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"


def _change(premium: float) -> str:
    share = round(100 * (premium - 1))
    return "as many" if share == 0 else f"{abs(share)} % {'more' if share > 0 else 'fewer'}"


def _corpora(rows: Sequence[LanguageCost]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(f"{row.corpus} ({direction(row.source_language)})" for row in rows))


def direction(source_language: str) -> str:
    """The language a corpus was written in, as reports put it."""
    return "original not stated" if source_language == UNSTATED else f"from {source_language}"


def cautions(corpora: Sequence[ParallelText]) -> list[str]:
    """What a reader must know before concluding: too few corpora, one direction, unknown originals."""
    said = []
    if len(corpora) == 1:
        said.append(
            "One corpus only. Lengths depend on genre, on the translators and on the original language as"
            " much as on"
            " the languages: draw no conclusion before a second corpus, of another kind and direction,"
            " agrees."
        )
    sources = {c.source_language for c in corpora if c.source_language != UNSTATED}
    if len(corpora) > 1 and len(sources) == 1:
        said.append(
            f"Every corpus whose original is stated was written in {sources.pop()}. A translation's"
            " length differs"
            " from an original's, so the other direction is needed before the ratios can be read as the"
            " languages'."
        )
    unknown = [c.name for c in corpora if c.source_language == UNSTATED]
    if unknown:
        said.append(
            f"Original language not stated for {', '.join(unknown)}: give it in the corpus's TOML or by"
            f" --source '{unknown[0]}=LANGUAGE'."
        )
    return said
