"""The forms of what makers of electronic texts write around books: credits, terms, fields of a catalogue."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Notice:
    """A paragraph that is no part of a book, by its form alone.

    maker: what a note calls it. form: matches at its start. at: the end of the file where it stands, or both.
    reach: what goes with it: nothing, a bracket over several paragraphs, notes under it, or all the rest.
    """

    maker: str
    form: re.Pattern[str]
    at: Literal["head", "tail", "both"] = "both"
    reach: Literal["paragraph", "bracket", "notes", "rest"] = "paragraph"


def _form(*forms: str) -> re.Pattern[str]:
    return re.compile(r"[\s*_=>|+-]*(?:" + "|".join(forms) + ")", re.IGNORECASE)


_GUTENBERG = _form(
    r"(?:the |this |a |welcome to (?:the )?)?project gutenberg(?:['’]s)? "
    r"(?:e-?texts?|e-?books?|presents|edition|(?:of )?australia|(?:of )?canada)\b",
    r"(?:title|author):[^\n]*\n(?:[^\n]*\n){0,6}[ *]*a project gutenberg of australia e-?book",
    r"this header should be the first thing seen",
    r"we encourage you to keep this file",
    r"please take a look at the important information in this header",
    r"these e-?(?:texts|books) (?:are|were) prepared by",
    r"copyright laws are changing all over the world",
    r"information on contacting project gutenberg",
    r"welcome to the world of free plain vanilla electronic texts",
    r"e-?(?:texts|books) readable by both humans",
    r"this e-?(?:text|book) is for the use of anyone anywhere",
    r"project gutenberg of australia e-?books are created",
    r"(?:further |more )?(?:information )?(?:on|to) contact(?:ing)? project gutenberg",
    r"this e-?book is made available at no cost",
    r"this site is full of free e-?books",
    r"\[?note: (?:project gutenberg (?:also )?has|images of the original pages are available|the original (?:page )?"
    r"images are available|there is an (?:illustrated|improved) edition|an? (?:html|illustrated|improved) "
    r"(?:version|edition) of)",
    r"(?:note:? )?(?:images|the illustrations|a version with (?:the )?(?:images|illustrations))[^\n]{0,80} (?:at|in)\s+"
    r"(?:https?://)?www\.gutenberg\.(?:org|net)",
    r"the html version of this (?:text|file|book|e-?book|e-?text)",
    r"this file should be named \S+\.(?:txt|zip|htm)",
    r"go to project gutenberg",
)
_PROOFREADERS = _form(
    r"\[?(?:a )?(?:distributed proofreaders|faded ?page)(?: canada)? e-?book",
    r"\[the end of [^][]{1,300} by [^][]{1,200}\]\s*$",
    r"this e-?book was produced by:?[^\n]*(?:\n[^\n]+){0,6}(?:pgdp|distributed\s+proofread)",
)
_TRANSCRIBERS = _form(
    r"\[\s*(?:the )?transcriber(?:['’]s|s['’]|s)? (?:end|foot)?notes?\b",
    r"\[\s*(?:anmerkungen?|hinweise?|notiz(?:en)?) (?:zur|der|des) (?:transkription|transkriptors?|bearbeiters?)",
    r"\[\s*(?:notes?|remarques?) (?:du|de la|de|sur la|concernant la) transcript(?:eur|ion|rice)",
    r"\[\s*notas? (?:del?|do|da|sobre a|sobre la) trans?cri(?:pt?or|pción|ção)",
    r"\[\s*not[ae] (?:del?|di|sulla|alla) trascri(?:ttore|zione)",
    r"\[\s*(?:opmerkingen?|noot|aantekeningen?) (?:van de (?:be)?werkers?|bij de transcriptie|van de transcribent)",
    r"\[\s*(?:notat?a? (?:od )?transkrypt|uwagi do transkrypcji)",
)
_TRANSCRIBERS_PLAIN = _form(
    r"transcriber(?:['’]s|s['’]|s)? notes?\s*(?:[:.]|[-—–]|$)",
    r"(?:notes?|remarques?) (?:du transcripteur|(?:de|sur) (?:la )?transcription|au lecteur de ce fichier)",
    r"(?:anmerkungen?|hinweise?) (?:zur transkription|der bearbeiter|des bearbeiters)",
    r"notas? (?:del transcriptor|do transcritor|de transcripción|sobre la transcripción|de transcrição)",
    r"not[ae] (?:del trascrittore|di trascrizione|alla trascrizione)",
    r"(?:opmerkingen? van de bewerker|(?:opmerkingen|aantekeningen) bij de transcriptie)",
)
_WIKISOURCE = _form(
    r"exported from wikisource on",
    r"export[ée]e? (?:de|depuis) wikisource",
    r"exportiert (?:aus|von) wikisource",
    r"exportado (?:de|do|desde) wikisource",
    r"esportato da wikisource",
    r"geëxporteerd (?:van|uit) wikisource",
    r"wyeksportowano z wikiźródeł",
    r"(?:экспортировано|выгружено) из викитеки",
    r"(?:从|從|自)?维基文库(?:导出|導出)|(?:自|從)維基文庫匯出",
)
_WIKISOURCE_END = _form(
    r"about this digital edition\s*(?:\n|$)",
    r"this e-?book comes from the online library wikisource",
    r"à propos de cette édition électronique\s*(?:\n|$)",
    r"ce livre électronique est issu de la bibliothèque numérique wikisource",
    r"über dieses (?:digitale )?(?:buch|e-?book)\s*\n[^\n]*wikisource",
    r"dieses e-?book (?:kommt|stammt) aus der (?:online-?|digitalen? )bibliothek wikisource",
    r"este (?:e-?book|libro electrónico)[^\n]{0,60}wikisource",
    r"questo (?:e-?book|libro)[^\n]{0,60}wikisource",
    r"эта электронная книга[^\n]{0,60}(?:викитек|wikisource)",
)
_FEEDBOOKS = _form(
    r"note: this (?:book|ebook|e-book) is brought to you by feedbooks",
    r"(?:https?://)?www\.feedbooks\.com\s*\n?\s*(?:food for the mind|strictly for personal use)",
    r"copyright: (?:this work (?:is|was) available for countries where copyright|please read the legal notice)",
    r"(?:also )?available on feedbooks",
    r"loved this book\s*\?",
)
_RUSSIAN = _form(
    r"lib\.ru/[^\n]{1,40}:[^\n]{3,200}",
    r"\[регистрация\]\s*\[найти\]",
    r"оставить комментарий\s*(?:\n|$)",
    r"связаться с (?:программистом|администратором) сайта",
    r"(?:ocr|spell ?-?check|сканирование|вычитка|распознавание|origin|оригинал (?:этого текста|здесь))[^\n]{0,20}[:&-]",
    r"ocr (?:и|&|and|-)[^\n]{0,80}$",
    r"файл с книжной полки ",
    r"-{10,}\s*\n[^\n]{0,80}\n[ \t]*(?:origin|ocr|spell ?-?check|источник|оригинал)\b[^\n]{0,20}:[^\n]*"
    r"(?:\n[^\n]{0,120}){0,6}$",
    r"спасибо, что скачали книгу в (?:бесплатной )?электронной библиотеке",
    r"текст предоставлен (?:правообладателем|ооо|издательством)",
    r"прочитайте эту книгу целиком, купив полную легальную версию",
    r"безопасно оплатить книгу можно",
    r"конец ознакомительного фрагмента",
    r"(?:данная|эта) книга (?:была )?скачана с сайта",
    r"(?:версия для печати\s*)?©? ?(?:интернет-)?библиотека алексея комарова",
    r"(?:https?://)?(?:www\.)?(?:ilibrary|lib|az\.lib|royallib|litres|libking|e-libra|bookz|aldebaran)\.(?:ru|com)\S*\s*$",
)
_POLISH_END = _form(
    r"ta lektura, podobnie jak tysiące innych",
    r"utwór opracowany został w ramach projektu wolne lektury",
)
_MANUZIO = _form(
    r"questo e-?(?:text|book) è stato realizzato anche grazie al sostegno",
    r"(?:titolo|autore):[^\n]*\n(?:[^\n]*\n){0,40}[^\n]*(?:liberliber|manuzio)",
    r"informazioni sul [\"“«]?progetto manuzio",
    r"aiuta anche tu il [\"“«]?progetto manuzio",
    r"se questo [\"“«]*libro elettronico[\"”»]* è di tuo gradimento",
)
_GERMAN = _form(
    r"(?:(?:type|author|title|booktitle|publisher|year|firstpub|corrector|secondcorrector|sender|created|modified|"
    r"projectid|series|volume|isbn|editor|translator|printrun|edition|address|illustrator|note|wgs|pfad|pages)"
    r"[ \t|:]+[^\n]*(?:\n\s*|$)){2,}",
    r"projekt gutenberg-?de\b",
    r"gutenberg-de(?:\s|$)",
    r"(?:https?://)?(?:www\.)?(?:projekt-gutenberg\.(?:org|de)|gutenberg\.spiegel\.de)\S*\s*$",
    r"dieser text (?:wurde|ist) [^\n]{0,80}projekt[ -]gutenberg",
)
_SCANS = _form(
    r"this is a digital copy of a book that was preserved for generations on library shelves",
    r"google'?s mission is to organize the world'?s information",
    r"usage guidelines\s+google is proud to partner",
    r"about google book search\s+google",
    r"digitized by (?:the internet archive|google)\b[^\n]*(?:\n[^\n]+){0,4}$",
    r"the internet archive\s+in \d{4} with funding from",
)

NOTICES = (
    Notice("Project Gutenberg boilerplate", _GUTENBERG),
    Notice("Distributed Proofreaders' notices", _PROOFREADERS),
    Notice("transcribers' notes", _TRANSCRIBERS, reach="bracket"),
    Notice("transcribers' notes", _TRANSCRIBERS_PLAIN, reach="notes"),
    Notice("Wikisource's notices", _WIKISOURCE),
    Notice("Wikisource's notices", _WIKISOURCE_END, at="tail", reach="rest"),
    Notice("Feedbooks' notices", _FEEDBOOKS),
    Notice("credits of a Russian library", _RUSSIAN),
    Notice("Wolne Lektury's notices", _POLISH_END, at="tail", reach="rest"),
    Notice("Liber Liber's notices", _MANUZIO),
    Notice("Projekt Gutenberg-DE's notices", _GERMAN),
    Notice("notices of a scan", _SCANS),
)

# Credits are cut only where they touch a header, a footer or the end of the file, and only short.
_LONGEST_CREDIT = 1_200
_MAKING = (
    r"produced|prepared|transcribed|scanned|proofed|proofread|digiti[sz]ed|created|converted|typed|keyed|compiled|"
    r"donated|contributed|formatted|corrected|updated"
)
_CREDIT = _form(
    r"\[?(?:this |the )?(?:e-?text|e-?book|electronic (?:text|edition|book)|text|file|html version|edition)"
    rf"(?: version)? (?:(?:was|is|has been) )?(?:{_MAKING})\b[^\n]*",
    rf"(?:{_MAKING})(?:,? (?:and|&) \w+)? (?:by|from|for)\b",
    r"html version by",
    r"\[?this file was",
    r"credits?:",
    r"(?:this )?(?:etext|e-text|ebook)(?: was)? (?:by|from)\b",
    r"(?:e-?text )?(?:credits?|proofreading) by\b",
    r"(?:produit|préparé|numérisé|réalisé) par\b",
    r"ce (?:fichier|livre|texte)(?: électronique)?(?: a été)? (?:produit|préparé|numérisé)",
    r"(?:produziert|erstellt|bearbeitet|gescannt|digitalisiert) von\b",
    r"diese[sr]? (?:e-?book|e-?buch|text|etext) wurde",
    r"(?:geproduceerd|gemaakt|voorbereid) door\b",
    r"(?:producido|preparado|digitalizado) por\b",
    r"(?:prodotto|preparato) da\b",
    r"(?:produzido|preparado) por\b",
    r"(?:tuottanut|tuottivat|tuottaneet)\b",
    r"(?:wyprodukowane?|przygotowane?) przez\b",
    r"(?:frambringad|producerad) av\b|(?:produceret|fremstillet) af\b",
)
# thanks, and credits after other words, need a word of the trade
_THANKS = _form(
    r"(?:many |special |our |with )?thanks (?:are due |go )?(?:to|for)\b",
    r"(?:and )?the (?:online )?distributed proofread",
    r"we (?:would like to )?thank\b",
    r"merci à|nous remercions|dank (?:an|aan)|gracias a|grazie a|agradecimentos? a",
    r"note[:.]|\[note[:.]",
    r"https?://",
)
_TRADE = re.compile(
    r"e-?texts?\b|e-?books?\b|proof-?read|proofing|transcri|scann|digiti[sz]|pgdp|gutenberg|internet archive|html|"
    r"\.zip|gallica|this file|electronic text|page images",
    re.IGNORECASE,
)
_DONE = re.compile(
    r"transcri|typograph|spelling|hyphenat|punctuation|inconsisten|corrected|silently|footnotes? (?:have|has|were)|"
    r"original (?:text|book|edition|printed)|public domain|underscores?|italic|_[^_\n]{1,40}_ ",
    re.IGNORECASE,
)
_LONGEST_NOTES = 8_000
_BOOK_AGAIN = re.compile(
    r"^\s*(?:footnotes?|chapter|index|the end|fin|finis|ende|fine|fim|einde|koniec)\b", re.I | re.M
)
_FIELD_LINE = re.compile(
    r"[*_\s\[]*(?:title|subtitle|authors?|translator|editor|illustrator|contributor|(?:release |posting )?date|"
    r"date(?: of)? (?:first )?(?:posted|publication)|date (?:first|most recently|last) (?:posted|updated)|"
    r"(?:most recently |last )updated?|language|character set(?: encoding)?|edition|(?:e-?book|e-?text)(?: no\.?)?|"
    r"credits|original publication|copyright status|"
    r"(?:faded page|project gutenberg (?:canada|australia)) e-?book)\s*[:#]",
    re.IGNORECASE,
)
_NUMBER_LINE = re.compile(r"[^\n\[]{0,40}\[(?:e-?text|e-?book)\s*#?\s*\d+\]", re.IGNORECASE)
_RULE = re.compile(r"\s*(?:[-=_*~]\s?){5,120}\s*")


def is_beside(paragraph: str) -> bool:
    """Whether a paragraph is a notice where it stands beside another: a credit, fields of a catalogue, a rule."""
    return is_credit(paragraph) or is_field(paragraph) or _RULE.fullmatch(paragraph) is not None


def is_credit(paragraph: str) -> bool:
    """Whether a paragraph says who made the file."""
    if len(paragraph) > _LONGEST_CREDIT:
        return False
    if _CREDIT.match(paragraph):
        return True
    return bool(_THANKS.match(paragraph) and _TRADE.search(paragraph))


def is_field(paragraph: str) -> bool:
    """Whether every line of a paragraph is a field of a catalogue (`Title: ...`), or goes on with one."""
    lines = paragraph.split("\n")
    first = bool(_FIELD_LINE.match(lines[0]) or _NUMBER_LINE.match(lines[0]))
    return first and all(
        _FIELD_LINE.match(line) or _NUMBER_LINE.match(line) or line.startswith("  ") or line.lstrip().startswith("*")
        for line in lines
    )


def is_note(paragraph: str) -> bool:
    """Whether a paragraph under `Transcriber's Note` tells of what was done to the text."""
    return len(paragraph) <= _LONGEST_CREDIT and _DONE.search(paragraph) is not None


def is_last(rest: str) -> bool:
    """Whether nothing of the book can stand below the transcriber's notes at its end."""
    return len(rest) <= _LONGEST_NOTES and _BOOK_AGAIN.search(rest) is None
