"""Names in Japanese: runs of kanji or katakana that are spoken of by themselves and go on to act."""

from __future__ import annotations

import re
from collections import Counter

from scenesign.transforms.cast.anybody import ANYBODY
from scenesign.transforms.cast.cast import Mention
from scenesign.transforms.cast.spoken_of import SpokenOf

_LEAST_MENTIONS = 4
# A run is cut from the title that ends it, as long as something is left: 寒月君, 鈴木先生. お品 is a name, too.
_RUN = re.compile("お?[一-鿿㐀-䶿々]+|[ァ-ヴー]{2,}|(?<![A-ZＡ-Ｚa-zａ-ｚ])[A-ZＡ-Ｚ](?![A-ZＡ-Ｚa-zａ-ｚ])")
_TITLE = re.compile(
    "(?<=..)(?:先生|君|氏|様|殿|嬢|子爵|男爵|伯爵|侯爵|公爵|博士|老人|軍曹|中尉|大尉|少佐|大佐|中将|大将)$"
)
_CALLED = re.compile("さん|さま|ちゃん|くん|どの|様|君|氏|殿|先生|嬢|夫人|公")
# What joins the parts of one foreign name.
_JOINT = "・＝=･"
_ACTS = frozenset("はがも")
_OBJECT = "を"
# Words that are said of the noun after them end so, particles that end a phrase don't: a name is hardly ever described.
_DESCRIBING = frozenset("のいなたるだきぬ")
_COUNTED = re.compile(
    "[一二三四五六七八九十百千両数幾何毎]+(?:人|度|言|遍|方|旦|同|通|発|挺|時|時間|回|年|日|月|晩|夜|々|箇|個|本|枚|軒|頭|匹|疋|名|番|目|事|者|処|所|分|番目|瞬|体|切|人一人)*$"
)
_KINDS = re.compile(
    "(?:者|人|官|員|等|達|共|婦|屋|供|係|夫|気|中|上|下|前|後|日|夜|朝|時|年|月|頃|度|方|自身|閣下|国)$"
)
_ANYBODY = ANYBODY["ja"]


def japanese_mentions(text: str) -> list[Mention]:
    """The names of a Japanese text; the forms of one name, with titles and without, share their key."""
    runs = []
    seen: dict[str, SpokenOf] = {}
    joined: Counter[tuple[str, str]] = Counter()
    last = None
    for match in _RUN.finditer(text):
        start, end = match.span()
        form = match.group()
        name = _TITLE.sub("", form)
        here = seen.setdefault(name, SpokenOf())
        before, after = text[start - 1 : start], text[end : end + 1]
        here.count += 1
        here.acts += after in _ACTS
        here.objects += after == _OBJECT
        here.described += before in _DESCRIBING
        here.opens += not before or not before.isalnum()
        here.called += name != form or bool(_CALLED.match(text, end))
        if last and before and before in _JOINT and last[1] == start - 1:
            joined[last[0], name] += 1
        last = name, end
        runs.append((start, form, name))
    names = {name for name, here in seen.items() if _is_name(name, here)}
    # a first name that hardly stands without the last one means its bearer
    means = {a: b for (a, b), n in joined.items() if b in seen and n >= 0.6 * seen[a].count and n >= 3}
    names |= {name for pair in means.items() for name in pair if name not in _ANYBODY}
    bearers = {name: means.get(means.get(name, name), means.get(name, name)) for name in names}
    return [Mention(start, form, bearers[name]) for start, form, name in runs if name in names]


def _is_name(name: str, seen: SpokenOf) -> bool:
    if seen.count < _LEAST_MENTIONS or name in _ANYBODY or name.lstrip("お御") in _ANYBODY or _COUNTED.match(name):
        return False
    if name[0] == "御" or seen.objects > 0.15 * seen.count or (len(set(name)) == 1 and len(name) > 1):
        return False
    acts, described, opens, called = map(seen.share, (seen.acts, seen.described, seen.opens, seen.called))
    if "ァ" <= name[0] <= "ヿ":
        return described <= 0.35 and (acts >= 0.2 or (called >= 0.1 and seen.called > 1))
    if len(name) == 1:
        often = 10 if name != name.lower() else 40
        return seen.count >= often and acts >= 0.35 and described <= 0.12 and opens >= 0.4
    if called >= 0.1 and seen.called > 2:
        return described <= 0.35
    if _KINDS.search(name):
        return False
    return acts >= 0.25 and described <= 0.3 and opens >= 0.25 and seen.count >= 6
