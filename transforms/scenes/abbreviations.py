"""What a full stop after an abbreviation, an initial or a number is, language by language.

spaCy's tokenizers know some abbreviations of each language; these are those that books have, with what may follow them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Abbreviations:
    """Abbreviations of one language, in small letters, without their last full stop.

    names: written with a capital, before a name: they end no sentence. plain: in either letter, end none. ending: may
    end one where a capital follows. numbers: before a number only. words: single small letters that are words.
    ordinals: words before a number with a full stop that is no end (`am 3. Mai`). months: what follows such a number.
    """

    names: frozenset[str] = frozenset()
    plain: frozenset[str] = frozenset()
    ending: frozenset[str] = frozenset()
    numbers: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset()
    ordinals: frozenset[str] = frozenset()
    months: frozenset[str] = frozenset()


def _of(**lists: str) -> Abbreviations:
    return Abbreviations(**{name: frozenset(words.split()) for name, words in lists.items()})


LANGUAGES = {
    "en": _of(
        names="mr mrs ms messrs mme mlle dr drs prof rev revd hon st sts sr jr esq gen maj capt cpt col lt "
        "lieut sgt serg cpl pvt adm cmdr gov pres sen rep supt insp mt ft fr bp abp wm geo chas jas jos "
        "thos benj robt saml edw eliz jan feb apr aug sept oct nov dec",
        plain="e.g i.e viz cf vs ca approx incl esp resp anon q.v op.cit",
        ending="etc co inc ltd corp bros al assn dept est ave blvd rd a.m p.m b.c a.d jr sr esq seq",
        numbers="no nos n° p pp vol vols ch chap fig figs sec sect art par pl ed edn eds v vv n nn l ll bk pt",
        words="a i o",
    ),
    "de": _of(
        names="hr hrn fr frl dr prof dipl ing med phil jur theol st hl kgl kaiserl gebr sr se ew exz min präs "
        "dir jan febr feb apr aug sept okt nov dez",
        plain="vgl bzw ca evtl ggf sog bes insb gest geb verh verw verst gen angebl bezgl betr inkl exkl zzgl "
        "abzgl allg urspr entspr z.b z.t d.h d.i i.a u.a u.u s.o s.u m.e i.d.r o.g v.a d.j d.m u.d.m",
        ending="usw usf etc u.s.w u.s.f dgl dergl ff n.chr v.chr u.ä o.ä u.dgl str",
        numbers="nr no s bd bde kap abb abs art anm aufl fol jg hft taf tab z",
        ordinals="am im den dem der die das des vom zum zur beim bis und oder ein eine einen einem einer eines "
        "seit ab auf in mit nach jeden jedes jeder jede ihr ihre ihren ihrem ihrer sein seine seinen "
        "seinem seiner mein meine meinen meinem unser unseren unserem dieser dieses diesen diesem gegen "
        "um dritten ersten",
        months="januar jänner februar feber märz april mai juni juli august september oktober november dezember",
    ),
    "fr": _of(
        names="m mm mr mme mmes mlle mlles dr drs pr me mgr st ste sts stes s.m s.a s.e ll.aa v jr",
        plain="mme mlle mgr dr cf p.ex c.-à-d c.à.d env not bibl coll dir éd trad c'est-à-d",
        ending="etc av.j.-c apr.j.-c j.-c cie",
        numbers="p pp n n° no nos vol chap ch t art fig pl liv fol v",
        words="a à y ô",
    ),
    "es": _of(
        names="sr sra srta sres sras srs d dn dña da dr dra drs dras prof profa lic ing gral cnel cap tte sto "
        "sta fr mons ilmo ilma excmo excma rvdo rvda vd vds ud uds v mt lun mar mié jue vie sáb dom ene "
        "feb abr may jun jul ago sept set oct nov dic",
        plain="sr sra sres srta dr dra prof mons d.a p.ej ej aprox cf cfr vid esp máx mín ee ff rr s.m",
        ending="etc ee.uu a.c d.c uu cía s.a s.l",
        numbers="no nº n° n.º núm núms pág págs p pp vol cap art fig t tel ext párrf párr cra av avda",
        words="a e o u y",
    ),
    "it": _of(
        names="sig sigg sig.ra sigra sig.na signa dott dott.ssa dottssa prof prof.ssa profssa avv ing arch geom "
        "rag cav comm on sen min gen col cap ten mons don s ss card dir amm psicol egr gent spett ill rev "
        "ger gerund mar lun mer gio ven",
        plain="sig sigg dott avv prof ing arch geom mons cav comm es ad.es p.es cfr cf ca circa c.so p.zza v.le "
        "d.c sec",
        ending="ecc etc a.c d.c s.p.a s.r.l",
        numbers="n nn no p pp pag pagg vol cap art fig tav tel c",
        words="a e è i o",
    ),
    "nl": _of(
        names="dhr mevr mej mw dr drs ds prof mr ir ing st jhr jkvr jonkh luit kap gen kol graaf jan febr aug "
        "sept okt nov dec",
        plain="dhr mevr mej dr prof ds jhr bijv bv d.w.z dwz o.a m.a.w t.a.v i.v.m m.b.t t.o.v i.p.v ca resp "
        "incl excl evt nl zgn z.g a.u.b",
        ending="enz etc e.d e.a n.chr v.chr str",
        numbers="nr nrs blz bl p pag vgl art fig hfst dl deel",
        words="u",
    ),
    "pl": _of(
        names="p pp pan dr prof mgr inż hab ks bp abp św śś bł kard o br s gen płk ppłk mjr kpt por ppor sierż "
        "mec red im wlk hr",
        plain="ks dr prof św inż mgr np tzn tj tzw m.in ok ca zob por pt ps wg tys mln mld zł gr ul al pl os "
        "woj pow gm bałt zw ww jw dot",
        ending="itd itp etc in r w n.e p.n.e wyd",
        numbers="nr str s t tom rozdz art ust poz rys tab godz zob",
        words="a i o u w z",
        ordinals="w z od do dnia na po przed o",
        months="stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia",
    ),
    "pt": _of(
        names="sr sra srta srs sras sr.ª sr.as d dr dra drs dras prof profa eng pe fr exmo exma exmos ilmo ilma "
        "v v.ex.ª v.exa s.ex.ª sta sto s cap ten gen cel maj",
        plain="sr sra srs dr dra exmo exma p.ex ex aprox cf obs ob",
        ending="etc a.c d.c cia ltda",
        numbers="n no nº n.º núm pág págs p pp vol cap art fig tel t",
        words="a e é o ó à",
    ),
    "ru": _of(
        plain="г-н г-жа т.е т.к т.н т.о напр см ср им св о-в изд ред сост пер акад проф доц инж арх ген полк "
        "кап лейт о.в",
        ending="т.д т.п др пр проч н.э э гг вв руб коп тыс млн млрд л",
        numbers="г с стр гл рис табл ст п пп ул д кв кор корп пер просп пл т тт вып кн ч № им обл р ок",
        words="а и я о",
    ),
    "tr": _of(
        names="dr prof doç yrd av op uzm alb yzb tğm gen bn by st hz sn",
        plain="örn bkz krş yak vs.",
        ending="vb vs vd m.ö m.s",
        numbers="no s sf cad sok mah apt cilt c bl",
        words="o",
        ordinals="ve ile",
        months="ocak şubat mart nisan mayıs haziran temmuz ağustos eylül ekim kasım aralık",
    ),
}
_NONE = Abbreviations()
# Words that open an English sentence and seldom a name: after `U.S.` and `Co.` they tell that one ended.
_STARTERS = frozenset(
    [
        "a",
        "an",
        "the",
        "he",
        "she",
        "it",
        "they",
        "we",
        "you",
        "i",
        "this",
        "that",
        "these",
        "those",
        "there",
        "then",
        "when",
        "where",
        "why",
        "who",
        "what",
        "which",
        "how",
        "but",
        "and",
        "so",
        "or",
        "if",
        "in",
        "on",
        "at",
        "for",
        "from",
        "to",
        "did",
        "do",
        "does",
        "is",
        "are",
        "was",
        "were",
        "had",
        "has",
        "have",
        "his",
        "her",
        "their",
        "our",
        "my",
        "your",
        "its",
        "not",
        "no",
        "yes",
        "after",
        "before",
        "as",
        "by",
        "with",
        "however",
        "millions",
        "more",
        "nobody",
        "everybody",
        "nothing",
        "all",
        "some",
        "finally",
        "now",
        "while",
        "once",
        "never",
        "perhaps",
        "still",
        "yet",
        "one",
        "let",
        "oh",
        "ah",
        "well",
        "such",
        "many",
        "most",
        "until",
        "since",
        "because",
        "although",
        "though",
    ]
)
_BEFORE = re.compile(r"[\w.'’°º№-]+$")
_ELIDED = re.compile(r"(?<=[^\W\d_])['’](?=[^\W\d_]{2})|(?<=\d)\.?-(?=\d)")
_WORD_BEFORE = re.compile(r"([\w.'’-]+)[\s(«»„“\"'\[]+$")
_AFTER = re.compile(r"\s*[\"'“”‘’«»„‹›(\[¿¡_*—–-]*\s*([\w№]+)(\.?)")
_ACRONYM = re.compile(r"(?:[^\W\d_]{1,4}\.[ ]?){1,5}[^\W\d_]{1,4}")
_ROMAN = re.compile(r"[IVXLCDM]+")
# `и т. д.`, `u. s. w.`: with spaces between
_SPACED = re.compile(r"(?:(?<![^\W\d_])[^\W\d_]{1,3}\.\s){1,3}[^\W\d_]{1,4}$")


def ends_sentence(text: str, start: int, at: int, language: str) -> bool | None:
    """Whether the full stop at `at` ends the sentence that began at `start`, if what follows can begin one.

    None where nothing here tells: by the tokenizer of the language, then.
    """
    before = _BEFORE.search(text, max(start, at - 40), at)
    after = _AFTER.match(text, at + 1)
    if before is None or after is None:
        return None
    # `l'Avv.`, `1.-3. Jahrhundert`
    word, follows = _ELIDED.split(before[0].strip("'’-"))[-1], after[1]
    if not word:
        return None
    if "°" in word[:-1]:
        return True  # `35 °C.`
    known = LANGUAGES.get(language, _NONE)
    if word.isdigit() or (len(word) > 1 and _ROMAN.fullmatch(word)):
        return _after_number(text, start, before.start(), word, follows, known)
    key = word.lower()
    if spaced := _SPACED.search(text, max(start, at - 14), at):
        whole = "".join(spaced[0].split()).lower()
        if whole in known.ending or whole in known.plain:
            return whole in known.ending
    if len(word) == 1 and word.isalpha():
        return _after_letter(text, start, before.start(), word, after, known, language)
    if key in known.ending:
        unsure = word[0].isupper() or key in known.names or (language == "en" and "." in key)
        return _may_end(follows, language) if unsure else not follows.isdigit()
    if key in known.plain or (key in known.names and word[0].isupper()):
        return False
    # “No. I stay”, but `Vol. I`
    if key in known.numbers and (follows[0].isdigit() or (key != "no" and _ROMAN.fullmatch(follows))):
        return False
    if "." in word and _ACRONYM.fullmatch(word):
        return _may_end(follows, language)
    return None


def _may_end(follows: str, language: str) -> bool:
    """Whether what follows `U.S.` or `Co.` is a new sentence: in English by its first word, elsewhere seldom."""
    return language == "en" and follows.lower() in _STARTERS


def _after_number(text: str, start: int, at: int, word: str, follows: str, known: Abbreviations) -> bool | None:
    if not text[start:at].strip("([ §№•⁃*-"):
        return False  # `1. The first`: the number of a list
    if not known.ordinals:
        return True if word.isdigit() else None
    if follows.lower() in known.months:
        return False
    before = _WORD_BEFORE.search(text, max(start, at - 40), at)
    return not (before and before[1].lower() in known.ordinals and len(word) < 4)


def _after_letter(
    text: str, start: int, at: int, word: str, after: re.Match[str], known: Abbreviations, language: str
) -> bool:
    """After one letter: an initial, a letter of `z. B.`, a short word."""
    follows = after[1]
    if len(follows) == 1 and after[2] and follows.isalpha():
        return False  # the next is one too
    before = _WORD_BEFORE.search(text, max(start, at - 40), at)
    counted = before is not None and (before[1][-1].isdigit() or _ROMAN.fullmatch(before[1]) is not None)
    if word.isupper():
        # “you and I. Did you”, but “Albert I. Jones”
        return word == "I" and language == "en" and before is not None and not before[1][0].isupper()
    if word in known.words:
        return not (word in known.numbers and follows[0].isdigit())
    # `в 1890 г. Он`, `XIX в. Он`
    return counted and language in ("ru", "pl", "uk", "bg")
