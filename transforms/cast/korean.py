"""Names in Korean: words that act, once their particles are off, and are hardly ever described."""

from __future__ import annotations

import re

from scenesign.transforms.cast.cast import Mention
from scenesign.transforms.cast.spoken_of import SpokenOf

LEAST_MENTIONS = 4
_WORD = re.compile("[가-힣]{2,}")
_PARTICLE = re.compile(
    "(?<=[가-힣]{2})(께서는|께서|에게서|에게로|에게|한테서|한테|이라는|이라고|라는|라고|이나|하고|처럼|보다|까지|부터|마저|조차|만은|만이|만"
    "|이는|이가|이를|이의|이도|이와|은|는|이|가|을|를|의|와|과|도|야|아|로|네)$"
)
_ACTS = frozenset("은 는 이 가 도 께서 께서는 이는 이가 이도".split())
_OBJECT = frozenset("을 를 이를".split())
_TITLE = re.compile(" ?(?:씨|님|군|양|서방|선생|첨지|주사|참봉|영감|대감|아씨|부인)(?:[은는이가을를의도와과]|에게|께서|[^가-힣]|$)")
# The final consonants ㄴ and ㄹ, on which a word that describes the next one ends.
_DESCRIBING = frozenset((4, 8))
_DETERMINERS = frozenset("그 이 저 그런 이런 저런 어느 무슨 웬 두 세 네 여러 모든 제 내 우리".split())
_ANYBODY = frozenset(
    "나 너 저 우리 저희 너희 그들 그녀 당신 자기 자네 자신 누구 아무 아무도 서로 모두 다들 이것 그것 저것 이놈 그놈 저놈 이년 그년 저년 여기 거기 저기 이것들 그것들 당신네 "
    "아내 남편 아버지 어머니 아버님 어머님 아범 어멈 아비 어미 할머니 할아버지 형 형님 누나 누님 누이 언니 오빠 오라버니 아우 동생 아들 딸 며느리 사위 장인 장모 빙모 빙장 장인님 시어머니 시아버지 삼촌 아저씨 "
    "아주머니 아주멈 조카 손자 손녀 부모 식구 부부 내외 계집 사내 사나이 사람 사람들 아이 아이들 어린애 처녀 총각 색시 마누라 영감 영감님 노인 노파 늙은이 젊은이 친구 동무 손님 주인 하인 머슴 마님 노마님 도련님 "
    "아가씨 아씨 선생 선생님 학생 의사 순사 형사 기자 재판관 임금 왕 왕자 공주 왕후 구장 구장님 마름 과부 거지 도적 도둑 여자 남자 여편네 여인 부인 청년 소년 소녀 놈팡 놈팡이 혼백 귀신 하느님 하나님 부처님 "
    "오늘 내일 어제 이제 인제 지금 그제 이때 그때 하루 이틀 사흘 아침 저녁 낮 밤 여름 겨울 봄 가을 이번 다음 처음 나중 요새 요즘 세상 동리 마을 마음 말 눈 손 얼굴 나이 소리 생각 기호 미닫이 일자 "
    "그래 그러 그러고 게다 하기 하다 어이 뜰에 밤에 동리에서 이렇게 그렇게 하나 둘 셋 이것저것 무엇 어디 언제 얼마 정말 참말 사실 문제 이야기 소신 까맹 소문 남들".split()
)


def korean_mentions(text: str) -> list[Mention]:
    """The names of a Korean text; a name's forms with particles and without share their key."""
    words = []
    seen: dict[str, SpokenOf] = {}
    end, word = 0, ""
    for match in _WORD.finditer(text):
        gap, previous = text[end : match.start()], word
        end, word = match.end(), match.group()
        stem = _PARTICLE.sub("", word)
        particle = word[len(stem) :]
        here = seen.setdefault(stem, SpokenOf())
        here.count += 1
        here.acts += particle in _ACTS
        here.objects += particle in _OBJECT
        apart = not previous or bool(gap.strip()) or "\n" in gap
        here.opens += apart
        here.described += gap.strip() in _DETERMINERS or not apart and _describes(previous)
        here.called += bool(_TITLE.match(text, end))
        words.append((match.start(), stem))
    names = {stem for stem, here in seen.items() if _is_name(stem, here)}
    return [Mention(start, stem, stem) for start, stem in words if stem in names]


def _describes(word: str) -> bool:
    return word in _DETERMINERS or word[-1] == "의" or (ord(word[-1]) - ord("가")) % 28 in _DESCRIBING


def _is_name(stem: str, seen: SpokenOf) -> bool:
    if seen.count < LEAST_MENTIONS or stem in _ANYBODY or stem + "이" in _ANYBODY or stem[:-1] in _ANYBODY:
        return False
    if seen.share(seen.objects) > 0.2 or seen.share(seen.described) > 0.35:
        return False
    if seen.called > 2 and seen.share(seen.called) >= 0.2:
        return True
    return seen.count >= 5 and seen.share(seen.acts) >= 0.4 and seen.share(seen.opens) >= 0.25
