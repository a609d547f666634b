"""Lines that say that they are headings or breaks, in all languages, and prose that looks like one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenesign.transforms.text.heading_lines import counted_line, is_break, is_heading, numeral_value, run_in


@pytest.mark.parametrize(
    "line",
    [
        "CHAPTER IV",
        "Chapter 1. The Crossing",
        "Chapter ll",
        "CHAPTER I. SHADOWS FROM CHILD-LIFE.",
        "Chapter the First",
        "Phase the First: The Maiden",
        "BOOK II",
        "PART ONE",
        "PART ONE The Old Buccaneer",
        "LETTER 3",
        "PROLOGUE",
        "Epilogue",
        "Book the Second: The Golden Thread",
        "Chapter Twenty-One",
        "CHAPTER XIX I AM IN THE HANDS OF LADIES",
        "Глава 4",
        "ГЛАВА ПЕРВАЯ",
        "Часть вторая",
        "Письмо 2",
        "Эпилог",
        "Пролог",
        "Глава двадцать первая",
        "Глава I. Гость",
        "ЧАСТЬ ЧЕТВЕРТАЯ",
        "Глава Х",
        "第四回 薄命女偏逢薄命郎",
        "第一章\u3000渡口",
        "第十卷",
        "正文 第一回 宴桃园豪杰三结义",
        "楔子",
        "序",
        "尾声",
        "第100章",
        "第一回",
    ],
)
def test_headings(line: str) -> None:
    assert is_heading(line)


@pytest.mark.parametrize(
    "line",
    [
        "Chapter and verse were quoted.",
        "Part of the crew had gone ashore.",
        "Book the flight for me, please.",
        "Part one of the plan failed.",
        "Chapter I of the story was dull.",
        "Letter I never sent it, he said.",
        "Act one way and think another.",
        "particularly unpleasant and personal manner.",
        "letter.",
        "partly mine",
        "Письмоводитель отобрал бумагу и занялся с другими.",
        "Часть денег пропала.",
        "Письмо одно она сожгла.",
        "Глава семьи вошёл в комнату.",
        "Книга первая лежала на столе.",
        "第四回中既将薛家母子在荣府内寄居等事略已表明，此回则暂不能写矣。",
        "第二天，他走了。",
        "第一次见面",
        "此开卷第一回也。",
        "序幕拉开了。",
        "epilogue",
        "Introduction was made at once!",
        "",
        "Chapter 1 " + "x" * 200,
    ],
)
def test_prose_is_no_heading(line: str) -> None:
    assert not is_heading(line)


@pytest.mark.parametrize(
    "line", ["* * *", "***", "⁂", "#", "---", "~", "—————", "◇", "☆", "·····", "*", "–––", "~*~", "............"]
)
def test_breaks(line: str) -> None:
    assert is_break(line)
    assert not is_heading(line)


@pytest.mark.parametrize("line", ["-", "—", "……", "...", "?", "!!!", "x", "1", "- 5 -", "", "— —"])
def test_no_breaks(line: str) -> None:
    assert not is_break(line)


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("IV.", (4, "roman")),
        ("12", (12, "digits")),
        ("一", (1, "chinese")),
        ("二十三", (23, "chinese")),
        ("XLII", (42, "roman")),
        ("- 3 -", (3, "digits")),
        ("Х", (10, "roman")),
        ("IIII", None),
        ("1234", None),
        ("【二】", (2, "chinese")),
        ("（三）", (3, "chinese")),
        ("「四」", (4, "chinese")),
        ("- XXXI -", (31, "roman")),
        ("N.º 7", (7, "digits")),
        ("I am", None),
        ("一一", (11, "chinese")),
    ],
)
def test_numerals(line: str, value: tuple[int, str] | None) -> None:
    assert numeral_value(line) == value


LANGUAGES = {
    "ar": ["الفصل الأول", "الفصل الثاني عشر: العودة", "الباب ٣", "الجزء الثالث", "مقدمة", "خاتمة"],
    "de": [
        "ERSTES KAPITEL",
        "Kapitel Eins",
        "Zweiter Teil. Die Reise",
        "II. KAPITEL",
        "3. Akt",
        "Vorwort",
        "Letztes Kapitel",
    ],
    "en": ["THE FIRST BOOK", "chapter.001 The Mill", "Chapter 1: the crossing", "Third Act", "CHAP. IX.", "Appendix"],
    "es": ["Capítulo primero", "PRIMERA PARTE", "CAPITULO XII", "Libro segundo", "Prólogo", "Índice", "Capítulo final"],
    "fr": [
        "Chapitre premier",
        "CHAPITRE II -- Le départ",
        "Première partie",
        "1er acte",
        "Livre III",
        "Épilogue",
        "PRÉFACE",
    ],
    "it": [
        "Capitolo ventesimo primo",
        "PARTE PRIMA",
        "Lettera seconda",
        "Libro III",
        "CAPITOLO VENTUNESIMO",
        "Prefazione",
    ],
    "ja": ["第一話", "第３章 雨", "第二部", "其の一", "巻の二", "上巻", "プロローグ", "あとがき", "第三話「橋」"],
    "ko": ["제1장", "제 2 장 강가에서", "제이십삼장", "3화. 다리", "첫 번째 이야기", "프롤로그", "에필로그"],
    "nl": ["Hoofdstuk I", "Eerste hoofdstuk", "TWEEDE DEEL", "3e hoofdstuk", "Voorwoord", "INHOUD"],
    "pl": ["Rozdział pierwszy", "CZĘŚĆ DRUGA", "List trzeci", "ROZDZIAŁ XII.", "Tom II", "Wstęp", "Zakończenie"],
    "pt": ["Capítulo segundo", "PRIMEIRA PARTE", "Livro III", "Carta IV", "Prólogo", "Conclusão"],
    "ru": ["Глава двадцать вторая", "Вторая часть", "1-я глава", "Том II", "Вместо предисловия", "Последняя глава"],
    "th": ["บทที่ ๑", "บทที่ 12 ลมหนาว", "บทที่สาม", "ตอนที่ 3", "ภาค ๒", "บทนำ", "คำนำ"],
    "tr": ["BİRİNCİ BÖLÜM", "3. Bölüm", "Bölüm 4", "Yirmi Beşinci Bölüm", "İkinci Kısım", "ÖNSÖZ", "Giriş"],
    "zh": ["【第一章】归来", "第壹章 归来", "第 1 章 归来", "〔第二回〕", "卷之三", "第三部分", "第廿一回", "番外一"],
}


@pytest.mark.parametrize(("language", "line"), [(code, line) for code, lines in LANGUAGES.items() for line in lines])
def test_headings_of_every_language(language: str, line: str) -> None:
    assert is_heading(line), language


@pytest.mark.parametrize("line", ["C H A P T E R I V", "“Chapter 1”", "-- Chapter 3 --", "*CHAPTER IV*", "[Chapter 5]"])
def test_headings_in_ornament(line: str) -> None:
    assert is_heading(line)


@pytest.mark.parametrize(
    "line",
    [
        "第二节课开始了",
        "第三部分粮食留在磨坊的阁楼上由阿兰和她的哥哥",
        "第四本书记载着磨坊的来历",
        "第一百章 完",
        "제2장을 읽었다.",
        "الفصل الأول من الكتاب كان جميلا.",
        "Ein Brief",
        "Zwei Akte",
        "Une partie",
        "Una carta",
        "One letter",
        "Two acts",
        "Bir kitap",
        "Een boek",
        "“Chapter one,” he said.",
        "In der ersten Szene",
        "La primera parte del libro",
        "Zweiter Akt der Tragödie war das.",
    ],
)
def test_prose_of_every_language_is_no_heading(line: str) -> None:
    assert not is_heading(line)


@pytest.mark.parametrize(
    ("line", "form", "value"),
    [
        ("Глава двадцать вторая", "глава", 22),
        ("Einundzwanzigstes Kapitel", "kapitel", 21),
        ("Chapitre quatre-vingt-dix-neuf", "chapitre", 99),
        ("YİRMİ BEŞİNCİ BÖLÜM", "bölüm", 25),
        ("الفصل الحادي والعشرون", "الفصل", 21),
        ("Rozdział czterdziesty trzeci", "rozdział", 43),
        ("I. A STORM", "roman .", 1),
        ("- I - : Los enamorados", "roman -", 1),
        ("12. Название", "digits .", 12),
        ("1.归来", "digits .", 1),
        ("二、来信", "chinese 、", 2),
        ("一章 归来", "第章", 1),
        ("ONE", "en words", 1),
        ("Night the First", "= night", 1),
        ("НОЧЬ ВТОРАЯ", "= ночь", 2),
        ("一の三", "第", 3),
    ],
)
def test_what_a_line_counts(line: str, form: str, value: int) -> None:
    counted = counted_line(line)
    assert counted is not None
    assert (counted.form, counted.value) == (form, value)


@pytest.mark.parametrize(
    "line",
    ["12. März", "March 12", "3 мая", "74.18%", "I went home", "2024", "(1) See above", "[3] See above", "II IX"],
)
def test_dates_sums_and_notes_count_nothing(line: str) -> None:
    assert counted_line(line) is None


def test_a_heading_that_runs_into_prose_ends_at_its_title() -> None:
    prose = "詩曰：" + "話說當日眾人起身，往城外去了。" * 4
    assert run_in(f"第一回　風雪渡口　{prose}") == len("第一回　風雪渡口")
    assert run_in("第一回　風雪渡口") == 0
    assert run_in(prose) == 0


@given(st.text(alphabet='Chapter IVX1一第章回.-—()[]"“ \u3000А', max_size=110))
def test_any_line_is_read(line: str) -> None:
    is_heading(line)
    run_in(line)


@pytest.mark.parametrize(
    "line",
    [
        "卷三市井类 李大尹巧断失牛",
        "卷之二 渡口（旧本作“野渡”）",
        "◎ 第一回 老翁渡口说前因",
        "●凡例",
        "叙",
        "《渡口》原序",
        "野渡传序",
        "弁言",
        "卷上",
        "附录 渡口故事",
        "再版に附する序",
        "أبطال الرواية",
    ],
)
def test_forms_of_old_chinese_books_and_front_matter(line: str) -> None:
    assert is_heading(line)


@pytest.mark.parametrize(
    "line", ["秩序", "他坐在第三类车厢里", "卷三第五页，写着他的名字", "第一天 他来了，又走了", "天地自有序"]
)
def test_chinese_prose_is_no_heading(line: str) -> None:
    assert not is_heading(line)


@pytest.mark.parametrize(
    ("line", "form", "value"),
    [("第三类", "第类", 3), ("第十二则 渡口", "第则", 12), ("Marzo", "months", 3), ("JULY 1887.", "months", 7)],
)
def test_units_and_months_count(line: str, form: str, value: int) -> None:
    counted = counted_line(line)
    assert counted is not None
    assert (counted.form, counted.value, counted.sure) == (form, value, False)
