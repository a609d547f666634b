"""Names in Chinese: strings that open clauses and go on to speak, or that begin with a surname."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence

import numpy as np

from scenesign.transforms.cast.cast import Mention
from scenesign.transforms.cast.strings import Repeated, greatest_share, letter_codes, repeated_strings
from scenesign.transforms.signs.glosses.words import chinese_words, simplified_letters
from scenesign.transforms.support.threads import made_once

LEAST_MENTIONS = 4
_SURNAMES = frozenset(
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜"
    "范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文庞樊兰殷施陶洪翟安颜倪严牛温芦季俞章鲁葛"
    "伍韦申尤毕聂丛焦向柳邢路岳齐梅莫庄辛管祝左涂谷祁时舒耿牟卜詹关苗凌费纪靳盛童欧甄项曲成游阳裴席卫查屈鲍位覃霍翁隋植甘景薄"
    "单包司柏宁柯阮桂闵解强柴华车冉房边辜吉饶刁瞿戚丘古米池滕晋苑邬臧畅宫来嵺苟全褚廉简娄盖符奚木穆党燕郎邸冀谈姬屠连郜晏栾郁"
    "商蒙计喻揭窦迟宇敖糜鄢冷卓花仇艾蓝都巩稽井练仲乐虞卞封竺冼原官衣楚佟栗匡宗应台巫鞠僧桑荆谌银扬明沙薄伏岑习胥保和蔺匪邝濮昌"
    "支皮乌狄宓伊步后况展殷唐澹祖荀羊惠麴储井宿暴束能双闻邴干逄姑尚农别璩红慎笪晁庾暨居衡步归晁茅淳鞏厉訾阚那沃步"
)
_DOUBLE_SURNAMES = frozenset("欧阳 司马 诸葛 上官 公孙 夏侯 皇甫 尉迟 慕容 令狐 长孙 宇文 司徒 司空 东方 西门 南宫 独孤 呼延 端木 轩辕 百里 申屠  拓跋 公冶 赫连 澹台 钟离".split())
# What a person is called by; after a surname it makes a name, alone it is anybody's.
_TITLES = frozenset(
    "先生 老爷 太太 小姐 姑娘 夫人 公子 大人 员外 相公 奶奶 大爷 二爷 三爷 四爷 五爷 大王 太守 知县 知府 知州 将军 丞相 太师 太尉 元帅 都督 总兵 御史 尚书 "
    "侍郎 翰林 学士 道人 道士 和尚 长老 禅师 法师 师父 师傅 老师 教授 医生 大夫 掌柜 老板 经理 科长 局长 厂长 主任 队长 书记 同志 大哥 二哥 三哥 大嫂 二嫂 大姐 二姐 "
    "妈妈 嬷嬷 婆婆 公公 婆 翁 公 爷 氏 王 侯 君 生 兄 嫂 娘 姐 妹 哥 妈 婶 叔 伯 姨 老 总 家 郎 秀才 举人 监生 孝廉 乡绅 乡宦 都司 指挥 千户 守备 殿直 招讨 推官 大尹 太爷 道台 制台 抚台 "
    "主事 中堂 真人 天王 天尊 道长 女士 主席 总理 部长 校长 博士 警官 侦探".split()
)
_ANYBODY = frozenset(
    "古人 古人云 仁兄 众人 二人 三人 两人 四人 老者 妇人 女子 男子 婆子 丫头 丫鬟 家人 差人 国王 皇帝 皇上 天子 陛下 圣上 万岁 太子 公主 皇后 娘娘 士兵 小人 老人 女人 男人 孩子 小孩 母亲 父亲 老师 "
    "爹爹 爸爸 哥哥 弟弟 姐姐 妹妹 儿子 女儿 丈夫 妻子 嫂嫂 叔叔 伯伯 姑姑 姨娘 舅舅 岳父 岳母 祖母 祖父 爷爷 主人 主人家 店家 店主 店主人 小二 店小二 书生 秀才 客人 仆人 门公 门子 公差 县令 百姓 大臣 "
    "众官 众将 军士 小军 军官 军校 探子 使者 左右 大众 人家 别人 旁人 大家 老汉 老翁 老头 老头子 老妇 老婆 老婆子 少年 青年 小童 童子 道童 道姑 尼姑 女儿 妾身 奴家 浑家 伴当 主管 家丁 管家 安人 孺人 老夫人 "
    "老太太 老太 老妈 老妪 妓女 女郎 仙女 小生 臣妾 群臣 百官 文武 诸侯 诸将 诸人 恶人 强盗 贼人 妖精 妖怪 妖魔 那怪 小妖 神仙 仙人 佛祖 上帝 县官 官人 媒婆 主公 侍儿 侍女 宫女 "
    "太监 内侍 内监 来人 从人 随从 原差 衙役 轿夫 车夫 船家 艄公 樵夫 渔翁 农夫 猎户 屠户 乳母 奶妈 老仆 书童 小厮 小僧 贫僧 贫道 老夫 老身 老朽 学生 门生 弟子 徒弟 师兄 师弟 师妹 贤弟 贤婿 娘子 大嫂 大娘 "
    "亲家 表兄 表妹 朋友 同学 教师 洋人 外国人 中国人 翻译 百总 地方 乡人 村人 里长 保正 老先生 老相公 老娘 老爹 老母 母子 父子 夫妻 夫妇 兄弟 姊妹 主仆 君臣 师徒 诗人 新人 美人 佳人 才子 状元 探花 榜眼 "
    "寡人 本官 下官 卑职 晚生 小弟 愚兄 在下 老臣 微臣 大师 老僧 小姐 大小姐 二小姐 少爷 大少爷 二少爷 少奶奶 大老爷 大奶奶 二奶奶 老太爷 太公 老丈 丈人 丈母 女婿 媳妇 外甥 侄儿 孙子 公婆 翁姑".split()
)
# Surnames that are everyday words as well.
_DOUBTFUL = frozenset("莫万时那原胡何安易常应令步强解蒙别连都水和保向于单解平能从成古曲满方白高黄")
_SPEAKS = "道曰云说问答叹喝骂喊叫嚷"
# What may stand between a name and the verb of speech.
_HOW = "笑怒大忙便又也就乃因冷急听了哭含说问答回叹喝骂喊叫先却再遂泣谢对连奏应拜跪劝嘆即才只着亦喜惊复接低高厉声"
# What a clause goes on with after the one it is about.
_GOES_ON = (
    "的也便就又在是却已还一听看见走站坐笑不没从道忙对将把说问想有只都被到来去拿回跟和与为要向正才更最并则乃遂亦即因自其心了很似能会可未且望答叹喝骂"
    "喊叫接放抬低点摇伸拉打给吃喝立躺睡醒出进上下知觉认以等"
)
# Letters that no name begins or ends with, unless the dictionary has it as a name.
_NEVER_FIRST = frozenset(
    "大暗喝接分出纵传饶劣愚贤贱敝尊仁舍终欲祇竟料须快镇件前用上便忙又乃却就也都只不其此这那之的了着在与将把被对问说道曰听见看叫令使请同及或且因故若如虽但可有无是为我你他她它您吾汝俺咱某谁每众诸几一两各"
    "则而以于从向到去来已既倘很更最再还才仍尚遂即乎矣焉哉吗呢吧啊呀哩罢么们个些什怎自本该心口"
)
_NEVER_LAST = frozenset(
    "道曰说问答叹喝骂喊叫嚷听见看便就又也都只的了是在不与将把被忙着来去到过得之而其此这我你他她们时里上中前后内外处一个们么吗呢吧啊呀哩罢"
    "则以于从已既很更最再还才仍遂即乎矣焉哉些什怎自该为有无可因若如虽但且或及同请令使让给对向往因所等亦乃却大笑怒想知起出人要能会字兵军报"
)
_NAMES = frozenset(("nr", "nrt", "nrfg"))
_THINGS = frozenset(("n", "ns", "nz", "nt", "j", "nrfg"))
# After these stands a kind of person; a name hardly ever does.
_COUNTING = "个位名众诸些两几"
# Words in the corpus that the list of words counts in.
_CORPUS = 60e6
# Letters that foreign names are written with.
_FOREIGN = frozenset(
    "阿埃艾爱安奥巴班邦保鲍贝比彼波伯勃布察达丹道德狄迪蒂第丁东杜多恩尔法凡菲费芬丰佛弗福夫富盖冈高戈哥格古哈海汉豪赫亨胡怀惠霍基吉季加杰金卡凯康考柯科克肯"
    "库拉莱赖兰朗劳勒雷蕾丽利莉里理立连列林琳留卢鲁路伦罗洛吕马玛迈曼梅门蒙米密明莫默姆穆拿纳娜南内尼妮涅宁纽努诺欧帕潘佩彭皮平普奇齐契切琴琼丘让热日荣茹瑞"
    "萨塞森沙莎山舍圣诗施史舒斯司丝思苏索塔泰坦汤唐特提图托瓦万维温文沃乌伍西希席锡夏谢辛休逊雅亚扬耶叶伊依英尤约泽扎詹珍芝兹佐渥什车切尔娃巴捷吕绥"
)
_LONGEST = 8
_BASE = 0x3400
_TOP = 0xA000


def chinese_mentions(text: str) -> list[Mention]:
    """The names of a Chinese text, simplified or traditional; the forms of one person share their key."""
    simple = text.translate(simplified_letters())
    letters = _letters(simple)
    strings = repeated_strings(letters, _speaking(letters), LEAST_MENTIONS, _LONGEST, 0.1)
    found = ((simple[seen.starts[0] : seen.starts[0] + seen.length], seen) for seen in strings)
    names = _whole_names({name: seen for name, seen in found if _is_name(name, seen, len(text))})
    persons = _persons(names)
    taken = np.zeros(len(text), bool)
    mentions = []
    for name in sorted(names, key=lambda name: (-len(name), name)):
        starts = _apart(names[name].starts, len(name))
        starts = starts[~np.any([taken[starts + i] for i in range(len(name))], axis=0)]
        for i in range(len(name)):
            taken[starts + i] = True
        mentions += [Mention(start, text[start : start + len(name)], persons[name]) for start in starts.tolist()]
    mentions += _by_last_letter(simple, text, letters, mentions)
    return sorted(mentions, key=lambda m: m.start)


def _by_last_letter(simple: str, text: str, letters: np.ndarray, mentions: Sequence[Mention]) -> list[Mention]:
    """Classical prose names again by the last letter alone whom it has named in full: 曹操 … 操曰.

    Such a letter opens a clause and goes on as a name does; that it is one shows where it speaks. Of several whose
    names end so it means the one named last.
    """
    owners: dict[str, list[tuple[int, str]]] = {}
    for mention in sorted(mentions, key=lambda m: m.start):
        surname, last = _surname(mention.key), mention.key[-1]
        if surname and mention.key == surname + last and last not in _TITLES:
            owners.setdefault(last, []).append((mention.start, mention.key))
    wanted = _table("".join(owners))[letters]
    opens = np.flatnonzero(wanted & np.r_[True, letters[:-1] == 0])
    speaks = _speaking(letters)
    after = np.r_[letters, 0][opens + 1]
    found = []
    for letter, named in owners.items():
        here = opens[letters[opens] == ord(letter)]
        if len(here) < LEAST_MENTIONS or speaks[here + 1].sum() < max(3, 0.1 * len(here)):
            continue
        places = [start for start, _ in named]
        for start in here[_table(_GOES_ON + _HOW)[after[letters[opens] == ord(letter)]]].tolist():
            if (last := bisect_left(places, start)) > 0:
                found.append(Mention(start, text[start], named[last - 1][1]))
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


def _table(letters: str) -> np.ndarray:
    table = np.zeros(_TOP, bool)
    table[[ord(letter) for letter in letters]] = True
    return table


def _goes_on(after: np.ndarray) -> bool:
    letters = after[after > 0]
    return len(letters) >= 3 and bool(_table(_GOES_ON)[letters].mean() >= 0.3)


def _surname(name: str) -> str:
    return name[:2] if name[:2] in _DOUBLE_SURNAMES else name[:1] if name[0] in _SURNAMES else ""


def _is_name(name: str, seen: Repeated, letters: int) -> bool:
    tag, usual = chinese_tags().get(name, ("", 0))
    if name in _ANYBODY or name in _TITLES or len(set(name)) == 1 and len(name) > 2:
        return False
    if name[0] in "老小大众诸" and name[1:] in (_ANYBODY | _TITLES):
        return False
    if len(name) > 4 and not (tag in _NAMES or _FOREIGN.issuperset(name)):
        return False
    surname = _surname(name)
    known = tag in _NAMES and (len(name) < 4 or len(surname) == 2 or _FOREIGN.issuperset(name))
    opens, speaks = seen.opens / seen.count, seen.flagged / seen.count
    if name[-1] in _SPEAKS + "笑" and (name[:-1] in _ANYBODY or name[-1] != "云" and len(name) == 2):
        return False
    if not tag and len(name) > 2 and _FOREIGN.issuperset(name):
        return opens >= 0.2 and greatest_share(seen.before) <= 0.6 and greatest_share(seen.after) <= 0.7
    if (name[0] in _NEVER_FIRST and len(surname) < 2) or name[-1] in _NEVER_LAST:
        # lists of words hold some phrases from novels as names
        if not (known and surname and len(name) == 2 and speaks >= 0.05):
            return False
    if greatest_share(seen.before) > 0.6 or greatest_share(seen.after) > 0.7:
        return False
    if _table(_COUNTING)[seen.before].mean() > 0.03 or (seen.after == ord("们")).mean() > 0.02:
        return False
    goes_on = seen.opens >= 6 and opens >= 0.4 and _goes_on(seen.after)
    if known:
        return goes_on or speaks >= 0.02 and seen.flagged > 1 or bool(surname) and opens >= 0.2 and surname not in _DOUBTFUL
    if tag:
        spoken = seen.flagged >= 5 and speaks >= 0.08 and opens >= 0.2
        return tag in _THINGS and (spoken or goes_on and seen.count / letters >= 100 * usual / _CORPUS)
    if seen.flagged >= 2 and speaks >= 0.03 and opens >= 0.2:
        return True
    if goes_on:
        return True
    if not surname or surname in _DOUBTFUL:
        return False
    return len(name) - len(surname) <= 2 and opens >= 0.3


def _whole_names(names: Mapping[str, Repeated]) -> dict[str, Repeated]:
    """Names without those that are another with something before or after it."""
    families = {name[:2] for name in names if len(name) > 2 and name[:2] in _DOUBLE_SURNAMES}
    whole = {}
    for name, seen in names.items():
        surname = _surname(name)
        tag = chinese_tags().get(name, ("", 0))[0]
        parts = [name[a:b] for a in range(len(name)) for b in range(a + 2, len(name) + 1) if b - a < len(name)]
        inside = [part for part in parts if part in names and names[part].count > 1.6 * seen.count]
        if (tag not in _NAMES or name[-1] in _SPEAKS) and any(not _adds_surname(name, part, surname) for part in inside):
            continue
        if name in families:
            continue
        whole[name] = seen
    return whole


def _adds_surname(name: str, given: str, surname: str) -> bool:
    """Whether a name is a given name after a surname: of two letters, and no name of its own kind already."""
    if not surname or name != surname + given or len(given) != 2 or given[-1] in _TITLES:
        return False
    return not (_surname(given) and chinese_tags().get(given, ("", 0))[0] in _NAMES)


def _persons(names: Mapping[str, Repeated]) -> dict[str, str]:
    """The person whom each name means: a given name is that of the one full name that ends with it."""
    persons = {name: name for name in names}
    full: dict[str, list[str]] = {}
    for name in names:
        surname = _surname(name)
        if _adds_surname(name, name[len(surname) :], surname) and name[len(surname) :] in names:
            full.setdefault(name[len(surname) :], []).append(name)
    for given, owners in full.items():
        if len(owners) == 1:
            persons[given] = owners[0]
    return persons


@made_once()
def chinese_tags() -> dict[str, tuple[str, int]]:
    """jieba's words of two letters and more with their tags and how often its corpus has them."""
    with chinese_words().get_dict_file() as lines:
        rows = (line.decode().split() for line in lines)
        return {word: (tag, int(count)) for word, count, tag in rows if len(word) > 1}
