"""Aozora Bunko's markup is resolved where a file shows it; the marks of other texts are left alone."""

from __future__ import annotations

import pytest

from scenesign.schemas.records import BlockKind
from scenesign.transforms.text.aozora import resolve_aozora, resolve_aozora_paragraphs
from scenesign.transforms.text.clean import clean, clean_paragraphs

LEGEND = """-------------------------------------------------------
【テキスト中に現れる記号について】

《》：ルビ
（例）渡《わた》し

［＃］：入力者注
-------------------------------------------------------
"""
COLOPHON = """
底本：「渡し船」川書房
　　　1999（平成11）年1月1日初版発行
入力：田中
校正：中村
青空文庫作成ファイル：
このファイルは、青空文庫で作られました。
"""
BODY = (
    "渡し船\n川守\n\n{legend}\n［＃８字下げ］一［＃「一」は中見出し］\n\n"
    "　渡《わた》し守《もり》は｜長い綱《ながいつな》を見た。\n{more}\n{end}"
)


def resolved(more: str) -> str:
    text = clean(BODY.format(legend=LEGEND, more=more, end=COLOPHON), "ja").text
    return text.split("長い綱を見た。")[1].strip()


def test_readings_notes_legend_and_colophon_go() -> None:
    result = clean(BODY.format(legend=LEGEND, more="　雨だった［＃「雨だった」に傍点］。", end=COLOPHON), "ja")
    assert result.text == "渡し船\n\n川守\n\n一\n\n渡し守は長い綱を見た。\n\n雨だった。"
    assert "Aozora markup resolved (3 readings" in result.notes[0]
    assert "colophon" in result.notes[0]
    headings = [result.text[b.start : b.end] for b in result.blocks if b.kind is BlockKind.HEADING]
    assert headings[-1] == "一"


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("※［＃「てへん＋去」、第3水準1-84-86］く", "搔く"),
        ("※［＃「口＋穴かんむり」、U+5653、12-3］", "噓"),
        ("※［＃「魚＋花」、第4水準2-93-44］", "\U00029e3d"),
        ("※［＃「何か」、12-3］の", "〓の"),
        ("※［＃始め二重山括弧、1-1-52］題※［＃終わり二重山括弧、1-1-53］", "《題》"),
        ("※［＃「足へん＋宛」、第3水準1-92-36］《もが》く", "踠く"),
        ("いよ／＼とさま／″＼", "いよ〳〵とさま〴〵"),
        ("傍点［＃「※［＃「口＋穴かんむり」、U+5653］」に傍点］", "傍点"),
        ("前［＃改ページ］後", "前\n\n後"),
        ("［＃ここから２字下げ］\n歌\n［＃ここで字下げ終わり］", "歌"),
        ("《《強く》》言う", "強く言う"),
    ],
)
def test_marks(markup: str, text: str) -> None:
    assert resolved(markup) == text


@pytest.mark.parametrize(
    "heading",
    [
        "［＃大見出し］渡し［＃大見出し終わり］",
        "［＃３字下げ］渡し［＃「渡し」は大見出し］",
        "［＃ここから中見出し］\n渡し\n［＃ここで中見出し終わり］",
    ],
)
def test_notes_tell_headings(heading: str) -> None:
    result = clean(BODY.format(legend=LEGEND, more=f"{heading}\n　雨だった。", end=COLOPHON), "ja")
    assert [result.text[b.start : b.end] for b in result.blocks if b.kind is BlockKind.HEADING][-1] == "渡し"
    assert result.text.endswith("雨だった。")


def test_a_heading_that_runs_into_its_line_is_none() -> None:
    run_in = resolve_aozora(f"{LEGEND}\n渡し［＃「渡し」は同行中見出し］　雨だった。")
    assert run_in.headings == frozenset()
    assert run_in.text.strip() == "渡し　雨だった。"


def test_accents_are_composed_where_the_legend_tells_of_them() -> None:
    legend = LEGEND.replace("入力者注", "入力者注\n〔〕：アクセント分解された欧文をかこむ")
    assert resolve_aozora(f"{legend}〔cafe'〕の〔Go:tz〕は〔it's〕").text == "\ncaféのGötzはit's"
    assert "〔cafe'〕" in resolve_aozora(f"{LEGEND}〔cafe'〕").text


@pytest.mark.parametrize(
    "text",
    [
        "他读《红楼梦》和《水浒传》，又读《三国演义》。" * 20,
        "他买了｜一本《书》。",
        "漢字《かんじ》と書いた。",
        "［＃と打った。",
        "底本：これは何か。",
        "彼は《白鯨》と《嵐が丘》を読んだ。",
    ],
)
def test_other_texts_are_left_alone(text: str) -> None:
    assert resolve_aozora(text).text == text
    assert resolve_aozora(text).note == ""


def test_readings_in_kana_alone_are_sure_when_there_are_many() -> None:
    text = "".join(f"{n}人の武士《ぶし》が来た。" for n in range(12)) + "《白鯨》を読んだ。"
    assert resolve_aozora(text).text == text.replace("《ぶし》", "")


@pytest.mark.timeout(60)
@pytest.mark.parametrize("piece", ["［＃", "《", "※［＃「", "｜一", "底本：\n", "----------\n", "［＃「一」は"])
def test_hostile_marks_take_no_time(piece: str) -> None:
    resolve_aozora(LEGEND + piece * 100_000)


def test_the_lines_over_the_legend_are_title_and_author() -> None:
    book = BODY.format(legend=LEGEND, more="", end=COLOPHON)
    found = resolve_aozora(book)
    assert (found.title, found.author) == ("渡し船", "川守")
    whole = book.replace("渡し船\n川守", "渡《わた》し船\n――ある夜――\nロー　Roe\n川守訳", 1)
    found = resolve_aozora(whole)
    assert (found.title, found.author) == ("渡し船", "ロー　Roe")
    assert (clean(whole).title, clean(whole).author) == ("渡し船", "ロー　Roe")


def test_notes_alone_show_the_markup() -> None:
    noted = (
        "渡し船\n\n［＃３字下げ］一［＃「一」は中見出し］\n\n綱は古い。［＃「古い」に傍点］\n［＃改ページ］\n川は深い。"
    )
    assert "［＃" not in resolve_aozora(noted).text
    once = "原稿には［＃三字不明］とあった。誰も読めなかった。"
    assert resolve_aozora(once).text == once


def test_paragraphs_of_a_page_lose_the_markup_in_their_places() -> None:
    texts = [
        "渡《わた》し守《もり》は綱《つな》を見た。",
        "川《かわ》は｜深い淵《ふかいふち》だ。［＃改ページ］",
        *COLOPHON.strip().split("\n"),
    ]
    found, note = resolve_aozora_paragraphs(texts)
    assert found == ["渡し守は綱を見た。", "川は深い淵だ。\n\n", *[""] * 6]
    assert note.startswith("Aozora markup resolved (5 readings, 1 notes")
    plain = ["彼は《源氏物語》を読んだ。", "《枕草子》も読んだ。"]
    assert resolve_aozora_paragraphs(plain) == (plain, "")
    book = clean_paragraphs((text, None) for text in texts)
    assert book.text == "渡し守は綱を見た。\n\n川は深い淵だ。"
