"""Names in Japanese: runs of kanji or katakana that are spoken of by themselves and go on to act."""

from __future__ import annotations

import re
from collections import Counter

from scenesign.transforms.cast.cast import Mention
from scenesign.transforms.cast.spoken_of import SpokenOf

LEAST_MENTIONS = 4
# A run is cut from the title that ends it, as long as something is left: 寒月君, 鈴木先生. お品 is a name, too.
_RUN = re.compile("お?[一-鿿㐀-䶿々]+|[ァ-ヴー]{2,}|(?<![A-ZＡ-Ｚa-zａ-ｚ])[A-ZＡ-Ｚ](?![A-ZＡ-Ｚa-zａ-ｚ])")
_TITLE = re.compile("(?<=..)(?:先生|君|氏|様|殿|嬢|子爵|男爵|伯爵|侯爵|公爵|博士|老人|軍曹|中尉|大尉|少佐|大佐|中将|大将)$")
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
_KINDS = re.compile("(?:者|人|官|員|等|達|共|婦|屋|供|係|夫|気|中|上|下|前|後|日|夜|朝|時|年|月|頃|度|方|自身|閣下|国)$")
_ANYBODY = frozenset(
    "私 僕 俺 己 君 彼 彼女 彼等 彼奴 其奴 此奴 我 我々 吾 吾々 吾輩 我輩 余 予 汝 貴方 貴女 貴君 貴様 卿 妾 自分 自身 手前 小生 拙者 諸君 皆 皆様 皆々 誰 何 何者 "
    "当人 本人 相手 先方 各自 双方 大勢 一同 母 父 兄 弟 姉 妹 姊 妻 夫 娘 息子 子 祖母 祖父 叔父 伯父 叔母 伯母 姑 舅 嫁 婿 孫 甥 姪 従兄 従妹 両親 親 母親 父親 継母 "
    "父様 母様 兄様 姉様 親子 兄弟 姉妹 夫婦 家内 女房 亭主 主人 女主人 奥様 奥 旦那 旦那様 細君 妻君 夫人 老母 老父 老婆 老爺 老女 爺 婆 嬢 令嬢 若様 殿様 神様 仏様 客 "
    "男 女 子供 小供 赤子 赤児 少年 少女 青年 若者 老人 紳士 淑女 友 友達 友人 仲間 味方 敵 先生 生徒 学生 書生 教師 校長 院長 船長 社長 署長 会長 課長 医師 医者 医 博士 "
    "巡査 刑事 探偵 兵士 兵隊 士官 将軍 大将 中将 少将 大佐 大尉 中尉 軍曹 武士 侍 家来 王 女王 王子 王様 皇帝 天子 殿下 陛下 閣下 侯爵 伯爵 子爵 男爵 公爵 子爵夫人 下女 女中 下男 "
    "召使 給仕 馭者 車掌 船頭 組頭 親方 番頭 小僧 職人 芸者 芸妓 坊主 和尚 僧 神官 巫女 牧師 神父 神 鬼 幽霊 泥棒 被告 検事 判事 知事 作者 読者 代診 看護婦 主婦 御前 御隠居 隠居 "
    "先祖 世間 人間 人 奴 人々 人達 今 今日 今度 今夜 今朝 今頃 今年 昨日 昨夜 昨晩 明日 明朝 昔 以前 近頃 当時 現在 過去 其時 此時 時 時々 時間 夜 朝 昼 晝 晩 夕方 春 夏 秋 冬 "
    "実 實 実際 事実 然 最 尤 或 又 抑 悉皆 結局 大抵 大方 普通 全部 全体 仕方 仕様 一方 折節 果 宛 興 無理 用 用事 場所 所 処 世界 社会 心 気 目 眼 手 足 口 顔 頭 胸 声 涙 言葉 記憶 信頼 病気 "
    "犬 猫 馬 牛 鳥 魚 鼠 雀 蛇 虫 獅子 太陽 月 星 雨 雪 風 海 波 潮 潮流 山 川 町 村 家 船 艦 車 馬車 電車 自動車 汽車 会社 学校 市場 戦争 芝居 魔法使 魔法 水 火 血 金 酒 茶 飯 名前 "
    "洪水 飢餓 日光 海峡 海峽 蝋燭 敷物 動 色 浮 怖 側仕 見物 運 弱虫 躑躅 荒繩 藥罐 念佛 味噌 復職 薪 醫者 病人 盲目 旦 嚊 狸 "
    "お前 お茶 お話 お金 お母 お父 お客 お嬢 お寺 お湯 お酒 お宅 お礼 お兄 お姉 お婆 お爺 お祖母 お祖父 お子 お気 お手 お顔 お名 お国 お家 お庭 お膳 お陰 お蔭 お盆 お腹 お供 お上 お役 お姫 お目 お互 お坊 お方 "
    "お側 お菓子 お嬢様 お客様 お医者 お世辞 お世話 お正月 お願 お辞儀 お天気 お祭 お昼 お蕎麦 お化 お産 お経 お城 お屋敷 お神 お師匠 お侍 お女中 お祈 お袋 お娘 お内儀 お使 お待 お言 お出 お帰 お返 お別 お聞 お思 お入 お立 お休 お起 "
    "マア アア ハハ ヘヘ フフ オヤ ネー アノー ツイ ソレ コレ ドレ テーブル ランプ ガラス ドア ベッド コップ シャツ ズボン ポケット ナイフ ペン ピアノ ストーヴ ストーブ ビール パン コーヒー カーテン ハンカチ ステッキ "
    "ボーイ オヤジ ドクトル サーカス ホテル ピストル マッチ ボート キリスト コート スカート テント トランク バス ピン ガス カフェ".split()
)


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
    return [Mention(start, form, means.get(name, name)) for start, form, name in runs if name in names]


def _is_name(name: str, seen: SpokenOf) -> bool:
    if seen.count < LEAST_MENTIONS or name in _ANYBODY or name.lstrip("お御") in _ANYBODY or _COUNTED.match(name):
        return False
    if name[0] == "御" or seen.objects > 0.15 * seen.count or len(set(name)) == 1 and len(name) > 1:
        return False
    acts, described, opens, called = map(seen.share, (seen.acts, seen.described, seen.opens, seen.called))
    if name[0] >= "ァ" and name[0] <= "ヿ":
        return described <= 0.35 and (acts >= 0.2 or called >= 0.1 and seen.called > 1)
    if len(name) == 1:
        return seen.count >= 40 and acts >= 0.35 and described <= 0.12 and opens >= 0.4
    if called >= 0.1 and seen.called > 2:
        return described <= 0.35
    if _KINDS.search(name):
        return False
    return acts >= 0.25 and described <= 0.3 and opens >= 0.25 and seen.count >= 6
