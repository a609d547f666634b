"""Signs in the text that a scene may start at a sentence, in English, Russian and Chinese.

Plain compiled expressions, a few microseconds a sentence: spaCy's matchers need tokens first, which would cost
more than the search for scenes itself. A language without expressions of its own gets the cues that need none.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from safetensors import safe_open

from scenesign.schemas.records import Block, BlockKind, Sentence
from scenesign.transforms.scenes.information import information
from scenesign.transforms.support.steady import steady_log
from scenesign.transforms.support.threads import made_once

FEATURES = (
    "time",  # opens with a time: "The next morning", «На другой день», 次日
    "when",  # opens with a word that places what follows in time: "When", «Между тем», 忽
    "place",  # opens with a place: "In the garden", «В саду»
    "formula",  # opens as storytellers do: "Once upon a time", «Жил-был», 却说
    "there",  # opens by introducing: "There was", «Стоял», 有一
    "came",  # someone arrives
    "went",  # someone leaves
    "closed",  # the two sentences before: someone leaves, sleeps, dies, says goodbye
    "goes_on",  # opens with a word that refers back: "He", "But", «Он», 那
    "speech",  # is spoken
    "speech_before",  # share of the three sentences before that is spoken
    "speech_after",  # share of the three sentences from here that is spoken
    "named",  # has a name in its first words
    "cast_new",  # share of the names from here on that were not around just before
    "cast_gone",  # share of the names around just before that are not named from here on
    "length",  # log of its length over the book's median
    "length_after",  # the same of the three sentences from here, together
    "length_before",  # the same of the three sentences before, together
    "heading",  # reads like a heading that was not marked as one
    "after_heading",  # one of the two sentences before does
    "paragraph",  # starts a paragraph, in a book that marks them; else 0
    "inside",  # does not start a paragraph, in a book that marks them; else 0
    "worded",  # the language has expressions
)
# those that need expressions in the language
WORD_FEATURES = (
    *("time", "when", "place", "formula", "there", "came", "went", "closed", "goes_on"),
    *("named", "cast_new", "cast_gone", "worded"),
)
UNTRAINED = frozenset({"heading", "after_heading", "paragraph", "inside", "worded"})  # see boundary_evidence
WEIGHTS_FILE = Path(__file__).parent / "weights" / "scene_cues.safetensors"
_UNMARKED_HEADING, _INSIDE, _LIMITS = 4.0, -3.0, (-3.0, 4.0)
_COLUMN = {name: column for column, name in enumerate(FEATURES)}

_BEFORE, _AFTER = 12, 6  # sentences whose names count as around before and from here on
_LONGEST_PARAGRAPH = 40_000  # on the average of a book: 4,000 characters of information
_OPENING = 60  # characters of a sentence that count as its opening; a quarter of it in Chinese
_OPENERS = ('"', "“", "„", "«", "「", "『", "—", "–", "- ", "‘")  # of speech
_QUOTES = "\"'“”„‘’«»‹›「」『』—–- "


@dataclass(frozen=True)
class _Language:
    """The expressions of a language: `time` to `there` and `goes_on` for the start of a sentence in lower case,
    `closed` for anywhere in one in lower case (much faster than expressions that ignore case), the others as written.
    """

    time: re.Pattern[str]
    when: re.Pattern[str]
    place: re.Pattern[str]
    formula: re.Pattern[str]
    there: re.Pattern[str]
    came: re.Pattern[str]
    went: re.Pattern[str]
    closed: re.Pattern[str]
    goes_on: re.Pattern[str]
    name: re.Pattern[str]
    opening: int = _OPENING


def _expressions(language: str) -> _Language | None:
    return _LANGUAGES.get(language[:2])


_LANGUAGES = {
    "en": _Language(
        time=re.compile(
            r"(?:\S+ ){0,7}?(?:mornings?|afternoons?|evenings?|nights?|midnight|noon|midday|dawn|daybreak|"
            r"sunrise|sunset|nightfall|dusk|twilight|days?|weeks?|fortnight|months?|years?|hours?|minutes|"
            r"o['’]clock|spring|summer|autumn|winter|january|february|april|june|july|august|september|"
            r"october|november|december|monday|tuesday|wednesday|thursday|friday|saturday|sunday|christmas|"
            r"easter|breakfast|luncheon|dinner|supper)\b",
        ),
        when=re.compile(
            r"(?:when|while|as soon as|by the time|meanwhile|meantime|in the mean ?(?:time|while)|later|soon|"
            r"presently|afterwards?|after|before|until|at last|at length|at first|suddenly|next|once|since|"
            r"now|the moment|no sooner|scarcely|hardly|during|then it was)\b",
        ),
        place=re.compile(
            r"(?:in|at|on|upon|near|behind|beyond|outside|inside|across|down|up|over|under|above|beneath|"
            r"between|through|along|from|within|around) (?:the|a|an|his|her|their|our|my|one|this|that|[a-z])",
        ),
        formula=re.compile(
            r"(?:once upon|once there|long ago|many years|let us|"
            r"we (?:must|will|shall|have) (?:now )?(?:return|go|leave|see))\b",
        ),
        there=re.compile(r"(?:there (?:was|were|lived|is|are|had)|it (?:was|had been|is))\b"),
        came=re.compile(
            r"\b(?:came|arrived?|entered|returned|reached|approached|appeared|joined|met|arrival|landed|"
            r"found (?:him|her|them)sel(?:f|ves)|opened the door|knock(?:ed)?|visit(?:ed|or)?)\b"
        ),
        went=re.compile(
            r"\b(?:left|departed|went|gone|set (?:out|off|forth)|started|rode|drove|walked|travell?ed|"
            r"journey(?:ed)?|disappeared|vanished|retired|hurried|followed|carried|climbed|crossed)\b"
        ),
        closed=re.compile(
            r"\b(?:left|departed|went|gone|away|disappeared|vanished|retired|asleep|slept|sleep|bed|died|dead|"
            r"farewell|good-? ?bye|good-? ?night|the end|closed|shut|out of sight|home)\b",
        ),
        goes_on=re.compile(
            r"(?:he|she|it|they|his|her|their|its|him|them|this|these|those|that|such|but|and|so|then|yet|nor|"
            r"or|for|still|again|also|too|therefore|however|moreover|indeed|besides|perhaps|yes|no|oh|well|you|"
            r"your|what|why|how|which|who)\b",
        ),
        name=re.compile(r"(?<=[a-z,;’'] )[A-Z][a-z]{2,}\b"),
    ),
    "ru": _Language(
        time=re.compile(
            r"(?:\S+ ){0,6}?(?:утр(?:о|а|у|ом)|поутру|наутро|вечер\w*|ноч(?:ь|и|ью|ей)|полдень|полночь|"
            r"полудн\w+|рассвет\w*|закат\w*|сумерк\w*|дн(?:я|ю|и|ей|ём|ем|ями)|день|недел\w+|месяц\w*|"
            r"год(?:а|у|ы|ом)?|лет|час(?:а|у|ов|ом)?|минут\w*|весн\w+|лет(?:о|ом)|осен\w+|зим(?:а|ы|ой|ою)|"
            r"январ\w+|феврал\w+|март[ае]|апрел\w+|ма[яе]|июн\w+|июл\w+|август\w*|сентябр\w+|октябр\w+|"
            r"ноябр\w+|декабр\w+|понедельник\w*|вторник\w*|сред[уы]|четверг\w*|пятниц\w+|суббот\w+|"
            r"воскресень\w+|обед(?:а|ом|у)|ужин(?:а|ом|у)|рождеств\w+|пасх\w+)\b",
        ),
        when=re.compile(
            r"(?:когда|пока|между тем|тем временем|в это время|в то время|вскоре|скоро|потом|после|прежде|"
            r"до тех пор|едва|лишь|только что|как только|наконец|вдруг|однажды|раз |как-то|теперь|через|"
            r"спустя|с тех пор|прошл[оиа]|накануне|тотчас)",
        ),
        place=re.compile(
            r"(?:в|во|на|у|за|под|над|около|возле|близ|перед|среди|между|по|из|вдоль|посреди|позади|внизу|"
            r"вверху|наверху|вдали|там|здесь|тут) \w+",
        ),
        formula=re.compile(r"(?:жил[аи]?[- ]был|давно|много лет|в некотором)"),
        there=re.compile(r"(?:это был[оа]?|был[аио]?|стоял[аио]?|жил[аио]?)\b"),
        came=re.compile(
            r"\b(?:приш|приех|приход|приезж|вош[её]?л|входи|вернул|возврат|возвращ|подош|подъех|прибы|явил|"
            r"являл|появ|добрал|встрет|застал)\w*",
        ),
        went=re.compile(
            r"\b(?:уш[её]?л|уех|уход|уезж|выш[её]?л|выход|выех|отправ|пош[её]л|пошл|поех|исчез|скрыл|удал|"
            r"поскак|побеж|побрел|пустил|тронул)\w*"
        ),
        closed=re.compile(
            r"\b(?:уш[её]?л|уех|выш[её]?л|отправ|исчез|скрыл|удал|прости|прощай|прощан|заснул|уснул|спать|спал|"
            r"лег|лёг|умер|помер|кончен|кончил|домой|прочь)\w*",
        ),
        goes_on=re.compile(
            r"(?:он|она|оно|они|его|её|ее|их|ему|ей|им|это|этот|эта|эти|тот|та|те|такой|но|и|а|да|нет|ну|же|ведь|"
            r"однако|впрочем|притом|тоже|также|или|либо|потому|поэтому|зато|ты|вы|что|как|кто|какой|почему|"
            r"зачем)\b",
        ),
        name=re.compile(r"(?<=[а-яё,;] )[А-ЯЁ][а-яё]{2,}\b"),
    ),
    "zh": _Language(
        time=re.compile(
            r".{0,6}?(?:次日|翌日|明日|当日|當日|当晚|當晚|是夜|是日|一日|那日|这日|這日|这天|這天|那天|一天|第二天|"
            r"早晨|清晨|早上|天明|天晚|天色|当夜|當夜|一夜|夜里|夜裡|晚上|黄昏|黃昏|三更|二更|中午|正午|傍晚|"
            r"[数數几幾半两兩三五十百一二四六七八九]+[日天月年载載夜更]|[春夏秋冬][天日初末季]|之后|之後|以后|以後)"
        ),
        when=re.compile(
            r"(?:忽|正|后来|後來|不久|此时|此時|这时|這時|那时|那時|当时|當時|不一时|不一時|少顷|少頃|须臾|須臾|"
            r"顷刻|頃刻|未几|未幾|早有|刚|剛|才|等到|直到|却早|卻早|过了|過了|一时|一時|于是|於是|自此|自从|自從)"
        ),
        place=re.compile(r"(?:在|只见|只見|来到|來到|到了|行至|至于|那里|这里|那座|前面)"),
        formula=re.compile(
            r"(?:却说|卻說|且说|且說|话说|話說|再说|再說|话表|話表|却表|卻表|且表|单表|單表|单说|單說|只说|只說|"
            r"按下|话分两头|話分兩頭|从前|從前|原来|原來|闲话|閒話|不说|不說)"
        ),
        there=re.compile(r"(?:有一|有个|有個|有[二两兩三四五数數]|是[一个個])"),
        came=re.compile(r"(?:来到|來到|到了|前来|前來|来见|來見|进来|進來|入见|入見|而来|而來|回来|回來|报道|報道|至)"),
        went=re.compile(r"(?:去了|出了|离了|離了|辞|辭|拜别|拜別|起身|投|望|往|引兵|起兵|上马|上馬|而去|出门|出門|走)"),
        closed=re.compile(
            r"(?:去了|而去|去讫|而散|散了|睡|寝|安歇|死|回去|不题|不題|不提|退|告辞|告辭|别了|別了|归|歸)"
        ),
        goes_on=re.compile(r"(?:他|她|它|那|这|這|此|其|我|你|又|也|亦|便|就|遂|乃|但|而|故|因|若|何|不|道|曰|说|說)"),
        name=re.compile(r"(?<![\u4e00-\u9fff])[\u4e00-\u9fff]{2,3}(?=(?:[笑问問答叫喝怒大]{0,2}[道曰]))"),
        opening=_OPENING // 4,
    ),
}
_HEADING = re.compile(
    r"\W*(?:(?i:chapter|part|book|глава|часть|книга)\s+\S{1,12}(?:\s[^.!?]{0,60})?\W*|[IVXLC]{1,7}\W*|"
    r"第.{1,4}[回章节節卷].{0,60})$"
)


def cues(book_text: str, sentences: Sequence[Sentence], blocks: Sequence[Block], language: str) -> np.ndarray:
    """Evidence in the text for a scene to start at each sentence.

    sentences, blocks: as in `SegmentedBook` and `Book`: offsets into `book_text`, in order.
    language: a code whose first two letters choose the expressions.

    Returns float32 [sentences, len(FEATURES)]; most features are 0 or 1, shares are between 0 and 1, lengths are
    natural logs cut to [-2, 2]. Rows depend on the sentences around them, not on the far parts of the book but
    for its median sentence length and the names it knows.
    """
    texts = [book_text[s.start : s.end] for s in sentences]
    table = np.zeros((len(texts), len(FEATURES)), dtype=np.float32)
    if not texts:
        return table
    words = _expressions(language)
    bare = [text.lstrip(_QUOTES) for text in texts]
    if words is not None:
        table[:, _COLUMN["worded"]] = 1
        openings = [text[: words.opening].lower() for text in bare]
        for name in ("time", "when", "place", "formula", "there", "goes_on"):
            match = getattr(words, name).match
            table[:, _COLUMN[name]] = [match(opening) is not None for opening in openings]
        for name in ("came", "went"):
            seek = getattr(words, name).search
            table[:, _COLUMN[name]] = [seek(text) is not None for text in texts]
        closed = np.array([words.closed.search(text.lower()) is not None for text in texts])
        table[:, _COLUMN["closed"]] = _before(closed, 2) > 0
        table[:, _COLUMN["named"]], new, gone = _cast(texts, bare, words, language)
        table[:, _COLUMN["cast_new"]], table[:, _COLUMN["cast_gone"]] = new, gone
    spoken = np.array(_spoken(texts, sentences, blocks), dtype=np.float32)
    table[:, _COLUMN["speech"]] = spoken
    table[:, _COLUMN["speech_before"]] = _before(spoken, 3) / 3
    table[:, _COLUMN["speech_after"]] = _from(spoken, 3) / 3
    lengths = np.array([len(text) for text in texts], dtype=np.float64)
    median = max(float(np.median(lengths)), 1.0)
    for name, values in (
        ("length", lengths / median),
        ("length_after", _from(lengths, 3) / (3 * median)),
        ("length_before", _before(lengths, 3) / (3 * median)),
    ):
        table[:, _COLUMN[name]] = np.clip(steady_log(np.maximum(values, 1e-3)), -2, 2)
    heading = np.array([len(text) < 80 and _HEADING.match(text) is not None for text in texts])
    table[:, _COLUMN["heading"]] = heading
    table[:, _COLUMN["after_heading"]] = _before(heading, 2) > 0
    opens = {block.start for block in blocks if block.kind is BlockKind.PARAGRAPH}
    # a book in few blocks lost its paragraphs on the way here; by what they say, as languages differ in sentences
    if len(opens) > 1 and _LONGEST_PARAGRAPH * len(opens) > sum(map(information, texts)):
        starts = np.array([sentence.start in opens for sentence in sentences])
        table[:, _COLUMN["paragraph"]] = starts
        table[:, _COLUMN["inside"]] = ~starts
    return table


def boundary_evidence(table: np.ndarray) -> np.ndarray:
    """Log of how much likelier these cues are at the start of a scene than elsewhere.

    table: float32 [n, len(FEATURES)] as from `cues`. Returns float64 [n], cut to [-3, 4]: each sentence alone is weak
    evidence, whatever the weights say. The weights of what is in the words were learned from where the chapters of
    public-domain novels start (`benchmarks/fit_cues.py`); chapters teach nothing about paragraphs,
    because each starts one, nor about headings that went unmarked, so these two are set by hand.
    """
    weights, intercept = _weights()
    evidence = (table * weights).sum(axis=1) + intercept
    evidence += unmarked_headings(table) + _INSIDE * table[:, _COLUMN["inside"]]
    return np.clip(evidence, *_LIMITS)


def unmarked_headings(table: np.ndarray) -> np.ndarray:
    """Evidence, set by hand, of what reads like a heading that nobody marked as one: float64 [n]."""
    return _UNMARKED_HEADING * table[:, _COLUMN["heading"]].astype(np.float64)


@made_once()
def _weights() -> tuple[np.ndarray, float]:
    with safe_open(WEIGHTS_FILE, framework="numpy") as file:
        trained = dict(zip(file.metadata()["features"].split(), file.get_tensor("weights"), strict=True))
        intercept = float(file.get_tensor("intercept")[0])
    return np.array([trained.get(name, 0.0) for name in FEATURES]), intercept


def _before(values: np.ndarray, count: int) -> np.ndarray:
    """Sum of the `count` values before each, fewer at the start."""
    total = np.concatenate([[0.0], np.cumsum(values, dtype=np.float64)])
    at = np.arange(len(values))
    return total[at] - total[np.maximum(at - count, 0)]


def _from(values: np.ndarray, count: int) -> np.ndarray:
    """Sum of the `count` values from each on, fewer at the end."""
    total = np.concatenate([[0.0], np.cumsum(values, dtype=np.float64)])
    at = np.arange(len(values))
    return total[np.minimum(at + count, len(values))] - total[at]


def _spoken(texts: list[str], sentences: Sequence[Sentence], blocks: Sequence[Block]) -> list[bool]:
    """Which sentences are, in part or whole, spoken by someone in the story."""
    opens = {block.start for block in blocks}
    spoken, inside = [], False
    for text, sentence in zip(texts, sentences, strict=True):
        if sentence.start in opens:
            inside = False  # one mark forgotten must not turn the rest of the book round
        was_inside = inside
        begins = text.startswith(_OPENERS)
        has = begins
        if '"' in text:
            has = True
            odd = text.count('"') % 2 == 1
            inside = (not inside if odd else inside) or (begins and odd and was_inside)
        closes, starts = max(map(text.rfind, "”»」』")), max(map(text.rfind, "“«「『"))
        if closes >= 0 or starts >= 0:
            has = has or "“" in text or "”" in text or "「" in text or "」" in text
            inside = starts > closes
        spoken.append(has or was_inside)
    return spoken


def _cast(
    texts: list[str], bare: list[str], words: _Language, language: str
) -> tuple[list[bool], list[float], list[float]]:
    """For each sentence: whether it opens with a name, and how the names from it on differ from those before."""
    if language.startswith("zh"):
        counted = Counter(name for text in texts for name in words.name.findall(text))
        known = sorted((name for name, times in counted.items() if times > 2), key=len, reverse=True)[:400]
        any_name = re.compile("|".join(map(re.escape, known)) if known else r"(?!)")
        found = [set(any_name.findall(text)) for text in texts]
    else:
        found = [set(words.name.findall(text)) for text in texts]
        everyone = set().union(*found)
        for names, text in zip(found, bare, strict=True):
            first = text.partition(" ")[0].rstrip(".,;:!?'’s")
            if first in everyone:  # a capital at the start of a sentence tells nothing by itself
                names.add(first)
    named = [
        bool(names) and min(text.find(name) for name in names) < words.opening // 2
        for names, text in zip(found, bare, strict=True)
    ]
    around: Counter[str] = Counter()  # names of the sentences before
    ahead: Counter[str] = Counter()  # names from here on
    for names in found[:_AFTER]:
        ahead.update(names)
    new, gone = [], []
    for i in range(len(texts)):
        if i:
            around.update(found[i - 1])
            _take(ahead, found[i - 1])
            if i + _AFTER - 1 < len(texts):
                ahead.update(found[i + _AFTER - 1])
            if i > _BEFORE:
                _take(around, found[i - 1 - _BEFORE])
        shared = len(around.keys() & ahead.keys())
        new.append(1 - shared / len(ahead) if ahead else 0.0)
        gone.append(1 - shared / len(around) if around else 0.0)
    return named, new, gone


def _take(counts: Counter[str], names: set[str]) -> None:
    """Takes each name away once; a name that is left with none goes."""
    for name in names:
        counts[name] -= 1
        if not counts[name]:
            del counts[name]
