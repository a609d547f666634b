"""Names in Chinese: strings that open clauses and go on to speak, or that begin with a surname."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from functools import cache

import numpy as np

from scenesign.transforms.cast.anybody import ANYBODY
from scenesign.transforms.cast.cast import Mention
from scenesign.transforms.cast.strings import Repeated, greatest_share, letter_codes, repeated_strings
from scenesign.transforms.signs.glosses.words import chinese_words, simplified_letters
from scenesign.transforms.support.threads import made_once

_LEAST_MENTIONS = 4
_SURNAMES = frozenset(
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴"
    "夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文庞樊兰殷施陶洪翟"
    "安颜倪严牛温芦季俞章鲁葛伍韦申尤毕聂丛焦向柳邢路岳齐梅莫庄辛管祝左涂谷祁舒耿牟卜詹关苗凌费纪靳盛童欧甄项曲"
    "成游阳裴席卫查屈鲍位覃霍翁隋植甘景薄单包司柏宁柯阮桂闵解强柴华车冉房边辜吉饶刁瞿戚丘古米池滕晋苑邬臧畅宫来嵺"
    "苟全褚廉简娄盖符奚木穆党燕郎邸冀谈姬屠连郜晏栾郁商蒙计喻揭窦迟宇敖糜鄢冷卓花仇艾蓝都巩稽井练仲乐虞卞封竺冼原"
    "官衣楚佟栗匡宗应台巫鞠僧桑荆谌银扬明沙伏岑习胥保和蔺匪邝濮昌支皮乌狄宓伊步后况展澹祖荀羊惠麴储宿暴束能双闻邴"
    "干逄姑尚农别璩红慎笪晁庾暨居衡归茅淳鞏厉訾阚沃"
)
_DOUBLE_SURNAME_WORDS = """
欧阳 司马 诸葛 上官 公孙 夏侯 皇甫 尉迟 慕容 令狐 长孙 宇文 司徒 司空 东方 西门 南宫 独孤 呼延 端木 轩辕 百里
申屠 拓跋 公冶 赫连 澹台 钟离
"""
_DOUBLE_SURNAMES = frozenset(_DOUBLE_SURNAME_WORDS.split())
# What a person is called by; after a surname it makes a name, alone it is anybody's.
_TITLE_WORDS = """
先生 老爷 太太 小姐 姑娘 夫人 公子 大人 员外 相公 奶奶 大爷 二爷 三爷 四爷 五爷 大王 太守 知县 知府 知州 将军
丞相 太师 太尉 元帅 都督 总兵 御史 尚书 侍郎 翰林 学士 道人 道士 和尚 长老 禅师 法师 师父 师傅 老师 教授 医生
大夫 掌柜 老板 经理 科长 局长 厂长 主任 队长 书记 同志 大哥 二哥 三哥 大嫂 二嫂 大姐 二姐 妈妈 嬷嬷 婆婆 公公
婆 翁 公 爷 氏 王 侯 君 生 兄 嫂 娘 姐 妹 哥 妈 婶 叔 伯 姨 老 总 家 郎 秀才 举人 监生 孝廉 乡绅 乡宦 都司
指挥 千户 守备 殿直 招讨 推官 大尹 太爷 道台 制台 抚台 主事 中堂 真人 天王 天尊 道长 女士 主席 总理 部长 校长
博士 警官 侦探
"""
_TITLES = frozenset(_TITLE_WORDS.split())
_ANYBODY = ANYBODY["zh"]
# Surnames that are everyday words as well.
_DOUBTFUL = frozenset("莫万时那原胡何安易常应令步强解蒙别连都水和保向于单平能从成古曲满方白高黄")
# Of these, words that stand before somebody: 向袭人 is to 袭人.
_BEFORE = frozenset("向于和与连从应令")
_SPEAKS = "道曰云说问答叹喝骂喊叫嚷"
# What may stand between a name and the verb of speech.
_HOW = "笑怒大忙便又也就乃因冷急听了哭含说问答回叹喝骂喊叫先却再遂泣谢对连奏应拜跪劝嘆即才只着亦喜惊复接低高厉声"
# What a clause goes on with after the one it is about.
_GOES_ON = (
    "著的也便就又在是却已还一听看见走站坐笑不没从道忙对将把说问想有只都被到来去拿回跟和与为要向正才更最并则乃遂亦即"
    "因自其心了很似能会可未且望答叹喝骂喊叫接放抬低点摇伸拉打给吃立躺睡醒出进上下知觉认以等"
)
# Letters that no name begins or ends with, unless the dictionary has it as a name.
_NEVER_FIRST = frozenset(
    "著并嗳唉哎大暗喝接分出纵传饶劣愚贤贱敝尊仁舍终欲祇竟料须快镇件前用上便忙又乃却就也都只不其此这那之的了着在与将把被对问"
    "说道曰听见看叫令使请同及或且因故若如虽但可有无是为我你他她它您吾汝俺咱某谁每众诸几一两各则而以于从向到去来已"
    "既倘很更最再还才仍尚遂即乎矣焉哉吗呢吧啊呀哩罢么们个些什怎自本该心口"
)
_NEVER_LAST = frozenset(
    "道曰说问答叹喝骂喊叫嚷听见看便就又也都只的了是在不与将把被忙着来去到过得之而其此这我你他她们时里上中前后内外"
    "处一个么吗呢吧啊呀哩罢则以于从已既很更最再还才仍遂即乎矣焉哉些什怎自该为有无可因若如虽但且或及同请令使让给对"
    "向往所等亦乃却大笑怒想知起出要能会字兵军报诗著"
)
_NAMES = frozenset(("nr", "nrt", "nrfg"))
_THINGS = frozenset(("n", "ns", "nz", "nt", "j", "nrfg"))
# A full name that is used less than this share of a given name's places is another person's.
_USED = 0.01
_NUMERALS = "一二两三四五六七八九十百千万数"
# After these stands a kind of person; a name hardly ever does.
_COUNTING = "个位名众诸些两几"
# Words in the corpus that the list of words counts in.
_CORPUS = 60e6
# Letters that foreign names are written with.
_FOREIGN = frozenset(
    "阿埃艾爱安奥巴班邦保鲍贝比彼波伯勃布察达丹道德狄迪蒂第丁东杜多恩尔法凡菲费芬丰佛弗福夫富盖冈高戈哥格古哈海汉"
    "豪赫亨胡怀惠霍基吉季加杰金卡凯康考柯科克肯库拉莱赖兰朗劳勒雷蕾丽利莉里理立连列林琳留卢鲁路伦罗洛吕马玛迈曼梅"
    "门蒙米密明莫默姆穆拿纳娜南内尼妮涅宁纽努诺欧帕潘佩彭皮平普奇齐契切琴琼丘让热日荣茹瑞萨塞森沙莎山舍圣诗施史舒"
    "斯司丝思苏索塔泰坦汤唐特提图托瓦万维温文沃乌伍西希席锡夏谢辛休逊雅亚扬耶叶伊依英尤约泽扎詹珍芝兹佐渥什车娃捷"
    "绥历娅"
)
_LONGEST = 8
_BASE = 0x3400
_TOP = 0xA000


def chinese_mentions(text: str) -> list[Mention]:
    """The names of a Chinese text, simplified or traditional; the forms of one person share their key."""
    simple = text.translate(simplified_letters())
    letters = _letters(simple)
    strings = repeated_strings(letters, _speaking(letters), _LEAST_MENTIONS, _LONGEST, 0.1)
    found = ((simple[seen.starts[0] : seen.starts[0] + seen.length], seen) for seen in strings)
    names = _whole_names({name: seen for name, seen in found if _is_name(name, seen, len(text))})
    persons = _persons(names)
    taken = np.zeros(len(text), bool)
    mentions: list[Mention] = []
    for name in sorted(names, key=lambda name: (-len(name), name)):
        starts = _apart(names[name].starts, len(name))
        starts = starts[~np.any([taken[starts + i] for i in range(len(name))], axis=0)]
        for i in range(len(name)):
            taken[starts + i] = True
        mentions += (Mention(start, text[start : start + len(name)], persons[name]) for start in starts.tolist())
    mentions += _by_last_letter(text, np.where(taken, 0, letters), letters, mentions)
    return sorted(mentions, key=lambda m: m.start)


def _by_last_letter(text: str, free: np.ndarray, letters: np.ndarray, mentions: Sequence[Mention]) -> list[Mention]:
    """Classical prose names again by the last letter alone whom it has named in full: 曹操 … 操曰.

    Such a letter opens a clause and goes on as a name does; that it is one shows where it speaks. Of several whose
    names end so it means the one named last. free: letters that are in no mention yet, 0 for the others.
    """
    owners: dict[str, list[tuple[int, str]]] = {}
    for mention in sorted(mentions, key=lambda m: m.start):
        surname, last = _surname(mention.key), mention.key[-1]
        if surname and mention.key == surname + last and last not in _TITLES:
            owners.setdefault(last, []).append((mention.start, mention.key))
    opens = np.flatnonzero((free > 0) & np.r_[True, letters[:-1] == 0])
    opens = opens[np.argsort(letters[opens], kind="stable")]
    speaks = _speaking(letters)[opens + 1]
    goes_on = _table(_GOES_ON + _HOW + _SPEAKS)[np.r_[letters, 0][opens + 1]]
    found = []
    firsts = letters[opens]
    for letter, named in owners.items():
        here = slice(*np.searchsorted(firsts, [ord(letter), ord(letter) + 1]))
        count = here.stop - here.start
        if count < _LEAST_MENTIONS or speaks[here].sum() < max(3, 0.1 * count):
            continue
        places = [start for start, _ in named]
        for start in opens[here][goes_on[here]].tolist():
            before = bisect_left(places, start)
            if before:
                found.append(Mention(start, text[start], named[before - 1][1]))
    return found


def _letters(text: str) -> np.ndarray:
    """Chinese characters, and single capitals after one (阿Q): int64 [characters], 0 elsewhere."""
    codes = letter_codes(text)
    wide = (codes >= ord("Ａ")) & (codes <= ord("Ｚ"))
    codes = np.where(wide, codes - ord("Ａ") + ord("A"), codes)
    chinese = (codes >= _BASE) & (codes < _TOP)
    latin = (codes >= ord("A")) & (codes <= ord("Z"))
    after = np.r_[False, chinese[:-1]] & ~np.r_[latin[1:], False]
    return np.where(chinese | latin & after, codes, 0)


def _apart(starts: np.ndarray, length: int) -> np.ndarray:
    """Of places that overlap, the first ones."""
    if (np.diff(starts) >= length).all():
        return starts
    kept = [-length]
    for start in starts.tolist():
        if start >= kept[-1] + length:
            kept.append(start)
    return np.array(kept[1:])


def _speaking(letters: np.ndarray) -> np.ndarray:
    """Where what is said is announced: up to four letters of manner, a verb of speech, and no letter after it."""
    verb, manner = _table(_SPEAKS)[letters], _table(_HOW)[letters]
    none_after = np.r_[letters[1:] == 0, True]
    here = np.r_[verb & none_after, False]
    for _ in range(4):
        here[:-1] |= manner & here[1:]
    return here


@cache
def _table(letters: str) -> np.ndarray:
    table = np.zeros(_TOP, bool)
    table[[ord(letter) for letter in letters]] = True
    return table


def _surname(name: str) -> str:
    return name[:2] if name[:2] in _DOUBLE_SURNAMES else name[:1] if name[0] in _SURNAMES else ""


def _is_name(name: str, seen: Repeated, letters: int) -> bool:
    """Whether a string is a name by what it is made of, and by what stands before and after it."""
    tag, usual = chinese_tags().get(name, ("", 0))
    surname = _surname(name)
    foreign = len(name) > 2 and _FOREIGN.issuperset(name)
    known = tag in _NAMES and (len(name) < 4 or len(surname) == 2 or foreign)
    speaks = seen.flagged / seen.count
    if _is_anybody(name, seen) or (len(name) > 4 and not known and not foreign):
        return False
    if greatest_share(seen.before) > 0.6 or greatest_share(seen.after) > 0.7:
        return False
    opens = seen.opens / seen.count
    if foreign and not tag:
        return opens >= 0.2
    if (name[0] in _NEVER_FIRST and len(surname) < 2) or name[-1] in _NEVER_LAST:
        # lists of words hold some phrases from novels as names; some surnames are such letters
        rare = len(name) == 2 if known else len(name) == 3 and not tag and opens >= 0.3 and name[-1] not in _NEVER_LAST
        return bool(surname) and rare and speaks >= 0.05
    goes_on = seen.opens >= 6 and opens >= 0.4 and _goes_on(seen.after)
    bears_surname = bool(surname) and surname not in _DOUBTFUL
    if known:
        return goes_on or (seen.flagged > 1 and speaks >= 0.02) or (bears_surname and opens >= 0.2)
    if tag:
        spoken = seen.flagged >= 5 and speaks >= 0.08 and opens >= 0.2
        return tag in _THINGS and (spoken or (goes_on and seen.count / letters >= 100 * usual / _CORPUS))
    if goes_on or (seen.flagged > 1 and speaks >= 0.03 and opens >= 0.2):
        return True
    return bears_surname and len(name) - len(surname) <= 2 and opens >= 0.3


def _is_anybody(name: str, seen: Repeated) -> bool:
    """Whether a string means anybody of a kind: by itself, by what it ends on, or because its kind can be counted."""
    if name in _ANYBODY or name in _TITLES or (len(set(name)) == 1 and len(name) > 2):
        return True
    if _counts_people(name, seen):
        return True
    if name[0] in "老小大众诸" and name[1:] in (_ANYBODY | _TITLES):
        return True
    if name[-1] in _SPEAKS + "笑" and (name[:-1] in _ANYBODY or (name[-1] != "云" and len(name) == 2)):
        return True
    return bool(_table(_COUNTING)[seen.before].mean() > 0.03 or (seen.after == ord("们")).mean() > 0.02)


def _counts_people(name: str, seen: Repeated) -> bool:
    """Whether a string is, or is cut from, a number of people: 二位相公, 陆二人."""
    if name[-1] == "人":
        return name[0] in _NUMERALS or name[-2] in _NUMERALS
    if name[-1] in _NUMERALS:
        return bool((seen.after == ord("人")).mean() > 0.3)
    return name[0] in _NUMERALS and name[1] in _COUNTING


def _goes_on(after: np.ndarray) -> bool:
    letters = after[after > 0]
    return len(letters) >= 3 and bool(_table(_GOES_ON)[letters].mean() >= 0.3)


def _whole_names(names: Mapping[str, Repeated]) -> dict[str, Repeated]:
    """Names without those that are another with something before or after it, and without bare surnames."""
    families = {name[:2] for name in names if len(name) > 2 and name[:2] in _DOUBLE_SURNAMES}
    return {name: seen for name, seen in names.items() if name not in families and not _extends(name, seen, names)}


def _extends(name: str, seen: Repeated, names: Mapping[str, Repeated]) -> bool:
    if chinese_tags().get(name, ("", 0))[0] in _NAMES and name[-1] not in _SPEAKS:
        return False
    parts = (name[a:b] for a in range(len(name)) for b in range(a + 2, len(name) + 1) if b - a < len(name))
    inside = (part for part in parts if part in names and names[part].count > 1.6 * seen.count)
    return any(_surname(name) in _BEFORE or not _adds_surname(name, part) for part in inside)


def _adds_surname(name: str, given: str) -> bool:
    """Whether a name is a given name after a surname: of two letters, and no name of its own kind already."""
    surname = _surname(name)
    if not surname or name != surname + given or len(given) != 2 or given[-1] in _TITLES:
        return False
    return not (_surname(given) and chinese_tags().get(given, ("", 0))[0] in _NAMES)


def _persons(names: Mapping[str, Repeated]) -> dict[str, str]:
    """The person whom each name means.

    A given name means the one full name that ends with it, if it is used enough to be the same person's: 甄宝玉 isn't
    宝玉. A syllable that makes a name familiar doesn't change who it is: 凤姐儿.
    """
    full: dict[str, list[str]] = {}
    for name in names:
        given = name[len(_surname(name)) :]
        if given in names and _adds_surname(name, given):
            full.setdefault(given, []).append(name)
    persons = {}
    for name, seen in names.items():
        short = name[:-1] if name[-1] == "儿" and name[:-1] in names else name
        owners = full.get(short, [])
        alone = len(owners) == 1 and names[owners[0]].count >= _USED * seen.count
        persons[name] = owners[0] if alone else short
    return persons


@made_once(heavy=True)
def chinese_tags() -> dict[str, tuple[str, int]]:
    """jieba's words of two letters and more with their tags and how often its corpus has them."""
    with chinese_words().get_dict_file() as lines:
        rows = (line.decode().split() for line in lines)
        return {word: (tag, int(count)) for word, count, tag in rows if len(word) > 1}
