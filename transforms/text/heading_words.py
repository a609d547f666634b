"""Words that headings are made of, by language: parts of a book, numbers, and words that are a heading alone.

Divisions are plain words; the rest are regular expressions. Case does not matter. A language is added by one entry of
WORDS.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class HeadingWords:
    """Words of one language.

    divisions: nouns that a number makes a heading of; "" where the language has forms of its own. numbers: cardinals
    and ordinals by value; those of a compound are added up. cardinals: those that count what follows (`two acts`) and
    make no heading before it. last: what may stand for a number. alone: headings without a number. months: what a
    number before or after makes a date of. joiners: between the parts of a compound number. articles: before ordinals.
    """

    divisions: str
    numbers: Mapping[int, str]
    alone: str
    cardinals: str = ""
    months: str = ""
    last: str = ""
    joiners: str = ""
    articles: str = ""


def _numbers(first: str, tens: str = "", hundred: str = "") -> dict[int, str]:
    """Words of 1, 2, 3, ..., of 20, 30, 40, ... and of 100."""
    numbers = dict(enumerate(first.split(), 1))
    numbers.update({10 * ten: word for ten, word in enumerate(tens.split(), 2)})
    if hundred:
        numbers[100] = hundred
    return numbers


WORDS: Mapping[str, HeadingWords] = {
    "en": HeadingWords(
        divisions=r"chapter|chap|ch|book|part|volume|vol|phase|letter|canto|act|scene|stave|section|episode|epistle|tale",
        numbers=_numbers(
            r"one|first two|second three|third four(?:th)? five|fifth six(?:th)? seven(?:th)? eighth? nine|ninth "
            r"ten(?:th)? eleven(?:th)? twelve|twelfth thirteen(?:th)? fourteen(?:th)? fifteen(?:th)? sixteen(?:th)? "
            r"seventeen(?:th)? eighteen(?:th)? nineteen(?:th)?",
            r"twent(?:y|ieth) thirt(?:y|ieth) fort(?:y|ieth) fift(?:y|ieth) sixt(?:y|ieth) sevent(?:y|ieth) "
            r"eight(?:y|ieth) ninet(?:y|ieth)",
            r"hundred(?:th)?",
        ),
        cardinals=r"one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|\w+ty|hundred",
        alone=r"prologue|epilogue|introduction|introductory|preface|foreword|afterword|conclusion|postscript|interlude|"
        r"(?:table of )?contents|appendix|(?:list of )?illustrations|dedication|preamble|"
        r"(?:author['’]s |translator['’]s |editor['’]s )(?:note|preface|introduction|foreword)",
        months="january|february|march|april|may|june|july|august|september|october|november|december",
        last=r"the last|last|final",
        joiners="and",
        articles="the",
    ),
    "ru": HeadingWords(
        divisions=r"глава|часть|книга|том|письмо|действие|акт|сцена|явление|раздел|песнь|картина|тетрадь|отдел|"
        r"выпуск|рассказ|эпизод",
        numbers=_numbers(
            r"один|одна|перв\w\w втор\w\w|два|две треть?\w\w?|три четв[её]рт\w\w|четыре пят\w\w|пять шест\w\w|шесть "
            r"седьм\w\w|семь восьм\w\w|восемь девят\w\w|девять десят\w\w|десять одиннадцат(?:ь|\w\w) "
            r"двенадцат(?:ь|\w\w) тринадцат(?:ь|\w\w) четырнадцат(?:ь|\w\w) пятнадцат(?:ь|\w\w) "
            r"шестнадцат(?:ь|\w\w) семнадцат(?:ь|\w\w) восемнадцат(?:ь|\w\w) девятнадцат(?:ь|\w\w)",
            r"двадцат(?:ь|\w\w) тридцат(?:ь|\w\w) сорок|сороков\w\w пят(?:ьдесят|идесят\w\w) "
            r"шест(?:ьдесят|идесят\w\w) сем(?:ьдесят|идесят\w\w) вос(?:емьдесят|ьмидесят\w\w) девяност(?:о|\w\w)",
            r"сто|сот\w\w",
        ),
        cardinals=r"один|одна|два|две|три|четыре|\w+ь|сорок|\w*десят|девяносто|сто",
        alone=r"пролог|эпилог|предисловие|введение|вступление|послесловие|заключение|оглавление|содержание|примечания|"
        r"приложени[ея]|интермедия|от автора|от издателя|от переводчика|вместо (?:предисловия|вступления|эпилога)",
        months="январ[ья]|феврал[ья]|марта?|апрел[ья]|ма[йя]|июн[ья]|июл[ья]|августа?|сентябр[ья]|октябр[ья]|"
        "ноябр[ья]|декабр[ья]",
        last=r"последн\w\w",
    ),
    "de": HeadingWords(
        divisions=r"kapitel|capitel|kap|teil|theil|buch|band|abschnitt|abtheilung|abteilung|akt|act|aufzug|auftritt|szene|scene|"
        r"gesang|brief|bild|episode|folge|erzählung|abenteuer|hauptstück|heft",
        numbers=_numbers(
            r"eins|ein|erste[rsnm]? zwei(?:te[rsnm]?)? drei|dritte[rsnm]? vier(?:te[rsnm]?)? fünf(?:te[rsnm]?)? "
            r"sechs(?:te[rsnm]?)? sieben|sieben?te[rsnm]? achte[rsnm]?|acht neun(?:te[rsnm]?)? zehn(?:te[rsnm]?)? "
            r"elf|ei?lfte[rsnm]? zwölf(?:te[rsnm]?)? dreizehn(?:te[rsnm]?)? vierzehn(?:te[rsnm]?)? "
            r"fünfzehn(?:te[rsnm]?)? sechs?zehn(?:te[rsnm]?)? sieb(?:en)?zehn(?:te[rsnm]?)? achtzehn(?:te[rsnm]?)? "
            r"neunzehn(?:te[rsnm]?)?",
            r"zwanzig(?:ste[rsnm]?)? drei(?:ß|ss)ig(?:ste[rsnm]?)? vierzig(?:ste[rsnm]?)? fünfzig(?:ste[rsnm]?)? "
            r"sechzig(?:ste[rsnm]?)? siebzig(?:ste[rsnm]?)? achtzig(?:ste[rsnm]?)? neunzig(?:ste[rsnm]?)?",
            r"hundert(?:ste[rsnm]?)?",
        ),
        cardinals=r"eins?|zwei|drei|vier|fünf|sechs|sieben|acht|neun|zehn|elf|zwölf|\w+zehn|\w+[zß]ig|\w+ssig|hundert",
        alone=r"prolog|epilog|einleitung|vorwort|vorrede|nachwort|vorspiel|nachspiel|zwischenspiel|schluß|schluss|"
        r"inhalt|inhaltsverzeichnis|inhaltsverzeichniß|anhang|widmung|zueignung|anmerkungen",
        months="januar|jänner|februar|märz|april|mai|juni|juli|august|september|oktober|november|dezember",
        last=r"(?:das |der |die )?letzte[rs]?",
        joiners="und",
        articles="das|der|die",
    ),
    "fr": HeadingWords(
        divisions=r"chapitre|chap|partie|livre|tome|volume|acte|scène|scene|chant|lettre|épisode|section|tableau|"
        r"époque|veillée|conte|récit|journée|épître",
        numbers=_numbers(
            r"une?|unième|premi(?:er|ère|ere) deux(?:ième)?|second(?:e)? trois(?:ième)? quatre|quatrième "
            r"cinq(?:uième)? six(?:ième)? sept(?:ième)? huit(?:ième)? neuf|neuvième "
            r"dix(?:ième)? onz(?:e|ième) douz(?:e|ième) treiz(?:e|ième) quatorz(?:e|ième) quinz(?:e|ième) "
            r"seiz(?:e|ième)",
            r"vingt(?:ième)? trent(?:e|ième) quarant(?:e|ième) cinquant(?:e|ième) soixant(?:e|ième) "
            r"septant(?:e|ième) quatre[-\s]vingts?(?:ième)? nonant(?:e|ième)",
            r"cent(?:ième)?",
        ),
        cardinals=r"une?|deux|trois|quatre|cinq|six|sept|huit|neuf|dix|\w+ze|vingt|\w+[ae]nte|quatre[-\s]vingts?|cent",
        alone=r"prologue|épilogue|introduction|préface|avant-propos|postface|conclusion|post-scriptum|intermède|"
        r"table(?: des (?:matières|chapitres))?|sommaire|appendice|dédicace|avertissement|avis au lecteur|au lecteur|"
        r"préambule",
        months="janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre",
        last=r"derni(?:er|ère)",
        joiners="et",
        articles="le|la",
    ),
    "es": HeadingWords(
        divisions="capítulo|capitulo|cap|parte|libro|tomo|volumen|acto|escena|jornada|canto|carta|episodio|sección|seccion|"
        "cuadro|cuaderno|epístola",
        numbers=_numbers(
            r"un[oa]?|primer[oa]? dos|segund[oa] tres|tercer[oa]?|tercio cuatro|cuart[oa] cinco|quint[oa] "
            r"seis|sext[oa] siete|s[eé]ptim[oa] ocho|octav[oa] nueve|noven[oa] diez|d[eé]cim[oa] once|und[eé]cim[oa] "
            r"doce|duod[eé]cim[oa] trece catorce quince diecis[eé]is diecisiete dieciocho diecinueve",
            r"veint(?:e|i)|vig[eé]sim[oa] treinta|trig[eé]sim[oa] cuarenta|cuadrag[eé]sim[oa] "
            r"cincuenta|quincuag[eé]sim[oa] sesenta setenta ochenta noventa",
            r"cien(?:to)?",
        ),
        cardinals=r"un[oa]?|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|\w+ce|quince|dieci\w+|veint[ei]|\w+nta|cien(?:to)?",
        alone=r"pr[oó]logo|ep[ií]logo|introducci[oó]n|prefacio|proemio|posfacio|conclusi[oó]n|postdata|intermedio|"
        r"[ií]ndice|ap[eé]ndice|dedicatoria|advertencia|al lector|pre[aá]mbulo",
        months="enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|setiembre|octubre|noviembre|diciembre",
        last=r"(?:el |la )?[uú]ltim[oa]|final",
        joiners="y",
        articles="el|la",
    ),
    "pt": HeadingWords(
        divisions="capítulo|capitulo|cap|parte|livro|tomo|volume|ato|acto|cena|scena|jornada|canto|carta|episódio|episodio|"
        "seção|secção|quadro|caderno",
        numbers=_numbers(
            r"uma?|primeir[oa] dois|duas|segund[oa] tr[eê]s|terceir[oa]|terc[ei]o quatro|quart[oa] cinco|quint[oa] "
            r"seis|sext[oa] sete|s[eé]tim[oa] oito|oitav[oa] nove|non[oa] dez|d[eé]cim[oa] onze|und[eé]cim[oa] "
            r"doze|duod[eé]cim[oa] treze c?quatorze|catorze quinze d[eaz]+[sz]seis d[eaz]+[sz]sete "
            r"dezoito d[eaz]+[sz]nove",
            r"vinte|vig[eé]sim[oa] trinta|trig[eé]sim[oa] quarenta|quadrag[eé]sim[oa] cin[cq]o?uenta sessenta setenta "
            r"oitenta noventa",
            r"cem|cento",
        ),
        cardinals=r"uma?|dois|duas|tr[eê]s|quatro|cinco|seis|sete|oito|nove|dez|\w+ze|d[eaz]+[sz]\w+|dezoito|vinte|\w+nta|ce(?:m|nto)",
        alone=r"pr[oó]logo|ep[ií]logo|introdu[cç]+[aã]o|pref[aá]cio|proêmio|posf[aá]cio|conclus[aã]o|notas|"
        r"interl[uú]dio|[ií]ndice|ap[eê]ndice|dedicat[oó]ria|advert[eê]ncia|ao leitor|pre[aâ]mbulo",
        months="janeiro|fevereiro|março|abril|maio|junho|julho|agosto|setembro|outubro|novembro|dezembro",
        last=r"(?:o |a )?[uú]ltim[oa]|final",
        joiners="e",
        articles="o|a",
    ),
    "it": HeadingWords(
        divisions=r"capitolo|cap|capo|parte|libro|tomo|volume|atto|scena|canto|lettera|episodio|sezione|quadro|giornata|"
        r"novella|racconto|notte",
        numbers=_numbers(
            r"un[oa]?|prim[oa] due|second[oa] tre|terz[oa] quattro|quart[oa] cinque|quint[oa] sei|sest[oa] "
            r"sette|settim[oa] otto|ottav[oa] nove|non[oa] dieci|decim[oa] undici|undicesim[oa]|undecim[oa] "
            r"dodic(?:i|esim[oa])|duodecim[oa] tredic(?:i|esim[oa]) quattordic(?:i|esim[oa]) quindic(?:i|esim[oa]) "
            r"sedic(?:i|esim[oa]) diciassett(?:e|esim[oa]) diciott(?:o|esim[oa]) diciannov(?:e|esim[oa])",
            r"vent(?:i|esim[oa])? trent(?:a|esim[oa])? quarant(?:a|esim[oa])? cinquant(?:a?|esim[oa]) "
            r"sessant(?:a?|esim[oa]) settant(?:a?|esim[oa]) ottant(?:a?|esim[oa]) novant(?:a?|esim[oa])",
            r"cent(?:o|esim[oa])",
        ),
        cardinals=r"un[oa]?|due|tre|quattro|cinque|sei|sette|otto|nove|dieci|\w+dici|dicia\w+[eo]|venti?|\w+nta?|cento",
        alone=r"prologo|epilogo|introduzione|prefazione|proemio|postfazione|conclusione|intermezzo|indice|appendice|"
        r"finale|dedica|avvertenza|ai? lettor[ei]|preambolo",
        months="gennaio|febbraio|marzo|aprile|maggio|giugno|luglio|agosto|settembre|ottobre|novembre|dicembre",
        last=r"(?:l['’]\s?)?ultim[oa]|\w{3,16}esim[oa]|decim[aeo]\w{3,8}",
        joiners="e",
        articles="il|la",
    ),
    "pl": HeadingWords(
        divisions=r"rozdział|rozdz|część|księga|tom|akt|scena|odsłona|pieśń|list|obraz|epizod|ustęp|opowieść",
        numbers=_numbers(
            r"jed(?:en|na)|pierwsz[yae] dwa|drug[iae] trzy|trzeci[ae]? cztery|czwart[yae] pi(?:ęć|ąt[yae]) "
            r"sześć|szóst[yae] siedem|siódm[yae] osiem|ósm[yae] dziewi(?:ęć|ąt[yae]) dziesi(?:ęć|ąt[yae]) "
            r"jed[ey]na(?:ście|st[yae]) dwuna(?:st[yae])|dwanaście trzyna(?:ście|st[yae]) czterna(?:ście|st[yae]) "
            r"piętna(?:ście|st[yae]) szesna(?:ście|st[yae]) siedemna(?:ście|st[yae]) osiemna(?:ście|st[yae]) "
            r"dziewiętna(?:ście|st[yae])",
            r"dwadzieścia|dwudziest[yae] trzydzie(?:ści|st[yae]) czterdzie(?:ści|st[yae]) "
            r"pięćdziesi(?:ąt|ąt[yae]) sześćdziesi(?:ąt|ąt[yae]) siedemdziesi(?:ąt|ąt[yae]) "
            r"osiemdziesi(?:ąt|ąt[yae]) dziewięćdziesi(?:ąt|ąt[yae])",
            r"sto|setn[yae]",
        ),
        cardinals=r"jed(?:en|na)|dwa|trzy|cztery|\w+ć|siedem|osiem|\w+ście|dwadzieścia|\w+dzie(?:ści)|\w+dziesiąt|sto",
        alone=r"prolog|epilog|wstęp|przedmowa|posłowie|zakończenie|słowo wstępne|"
        r"od (?:autora|autorki|wydawcy|tłumacza)|spis (?:treści|rzeczy|rozdziałów)|treść|"
        r"dodatek|dedykacja|intermezzo|interludium",
        months="stycz(?:eń|nia)|lut(?:y|ego)|mar(?:zec|ca)|kwie(?:cień|tnia)|maja?|czerw(?:iec|ca)|lip(?:iec|ca)|"
        "sierp(?:ień|nia)|wrze(?:sień|śnia)|październik[a]?|listopad[a]?|grud(?:zień|nia)",
        last=r"ostatni[ae]?",
    ),
    "nl": HeadingWords(
        divisions=r"hoofdstuk|hfdst|deel|boek|bedrijf|tooneel|toneel|scène|zang|brief|tafereel|episode|afdeeling|afdeling|"
        r"aflevering|verhaal",
        numbers=_numbers(
            r"een|één|eerste twee|tweede drie|derde vier(?:de)? vijf(?:de)? zes(?:de)? zeven(?:de)? acht(?:ste)? "
            r"negen(?:de)? tien(?:de)? elf(?:de)? twaalf(?:de)? dertien(?:de)? veertien(?:de)? vijftien(?:de)? "
            r"zestien(?:de)? zeventien(?:de)? achttien(?:de)? negentien(?:de)?",
            r"twintig(?:ste)? dertig(?:ste)? veertig(?:ste)? vijftig(?:ste)? zestig(?:ste)? zeventig(?:ste)? "
            r"tachtig(?:ste)? negentig(?:ste)?",
            r"honderd(?:ste)?",
        ),
        cardinals=r"een|één|twee|drie|vier|vijf|zes|zeven|acht|negen|tien|elf|twaalf|\w+tien|\w+tig|honderd",
        alone=r"proloog|epiloog|inleiding|voorwoord|voorrede|voorbericht|nawoord|besluit|tussenspel|slot|naschrift|"
        r"inhoud(?:sopgave)?|aanhangsel|bijlage|opdracht|aanteekeningen|aantekeningen",
        months="januari|februari|maart|april|mei|juni|juli|augustus|september|oktober|november|december",
        last=r"(?:het |de )?laatste",
        joiners="en|ën",
        articles="het|de",
    ),
    "tr": HeadingWords(
        divisions=r"bölüm|kısım|kitap|cilt|perde|sahne|mektup|fasıl|tablo|bab",
        numbers=_numbers(
            r"bir(?:inci)? iki(?:nci)? üç(?:üncü)? dört|dördüncü beş(?:inci)? altı(?:ncı)? yedi(?:nci)? "
            r"sekiz(?:inci)? dokuz(?:uncu)? on(?:uncu)?",
            r"yirmi(?:nci)? otuz(?:uncu)? kırk(?:ıncı)? elli(?:nci)? altmış(?:ıncı)? yetmiş(?:inci)? seksen(?:inci)? "
            r"doksan(?:ıncı)?",
            r"yüz(?:üncü)?",
        ),
        cardinals=r"bir|iki|üç|dört|beş|altı|yedi|sekiz|dokuz|on|yirmi|otuz|kırk|elli|altmış|yetmiş|seksen|doksan|yüz",
        alone=r"ön ?söz|son ?söz|giriş|sonuç|mukaddime|takdim|başlangıç|içindekiler|ekler|epilog|prolog|hatime|ithaf",
        months="ocak|şubat|mart|nisan|mayıs|haziran|temmuz|ağustos|eylül|ekim|kasım|aralık",
        last=r"son",
    ),
    "ar": HeadingWords(
        divisions=r"الفصل|الباب|الجزء|القسم|الكتاب|المجلد|المشهد|الرسالة|المنظر|الحلقة|المقالة|الليلة|الفقرة|فصل|باب",
        numbers=_numbers(
            r"ال[أا]ول[ىي]?|واحد|الحادي[ة]? الثان[يى](?:ة)?|اثنان الثالثة?|ثلاثة الرابعة?|أربعة الخامسة?|خمسة "
            r"السادسة?|ستة السابعة?|سبعة الثامنة?|ثمانية التاسعة?|تسعة العاشرة?|عشرة?",
            r"(?:ال)?عشر[ويى]ن (?:ال)?ثلاث[ويى]ن (?:ال)?[أا]ربع[ويى]ن (?:ال)?خمس[ويى]ن (?:ال)?ست[ويى]ن "
            r"(?:ال)?سبع[ويى]ن (?:ال)?ثمان[ويى]ن (?:ال)?تسع[ويى]ن",
            r"المائة|المئة",
        ),
        cardinals=r"واحد|اثنان|ثلاثة|أربعة|خمسة|ستة|سبعة|ثمانية|تسعة",
        alone=r"مقدمة|المقدمة|تمهيد|خاتمة|الخاتمة|توطئة|مدخل|تصدير|إهداء|الإهداء|الفهرس|فهرس|المحتويات|ملحق|كلمة "
        r"(?:المؤلف|الناشر|المترجم)|مقدمة (?:المؤلف|الناشر|المترجم)|تقديم|استهلال|فاتحة|هوامش|"
        r"(?:أشخاص|أبطال|شخصيات) (?:ال)?(?:رواية|مسرحية)|أسماء الممثلين",
        months="يناير|فبراير|مارس|أبريل|إبريل|مايو|يونيو|يوليو|أغسطس|سبتمبر|أكتوبر|نوفمبر|ديسمبر",
        last=r"ال[أا]خيرة?",
        joiners="و",
    ),
    "th": HeadingWords(
        divisions=r"บทที่|ตอนที่|ภาคที่|เล่มที่|องก์ที่|ฉากที่|จดหมายฉบับที่|บท|ตอน|ภาค|เล่ม|องก์|ฉาก",
        numbers=_numbers("หนึ่ง|แรก สอง สาม สี่ ห้า หก เจ็ด แปด เก้า สิบ", "ยี่สิบ สามสิบ สี่สิบ ห้าสิบ"),
        alone=r"บทนำ|คำนำ|บทส่งท้าย|ปัจฉิมบท|ปฐมบท|อารัมภบท|สารบัญ|ภาคผนวก|บทสรุป|คำนำ(?:ผู้แต่ง|ผู้แปล|สำนักพิมพ์)|"
        r"คำอุทิศ|บทแทรก",
        last="สุดท้าย|จบ",
    ),
    "ko": HeadingWords(
        divisions=r"장|부|권|편|회|화|막|절|챕터|파트|이야기|편지",
        numbers=_numbers("첫|한|하나 두|둘 세|셋 네|넷 다섯 여섯 일곱 여덟 아홉 열", "스물|스무 서른 마흔 쉰"),
        alone=r"프롤로그|에필로그|머리말|서문|서장|서론|들어가며|들어가는 말|맺음말|후기|작가의 말|지은이의 말|"
        r"옮긴이의 말|역자 후기|목차|차례|부록|종장|결말|외전|막간|발문|서시|해설",
        last="마지막|최종",
    ),
    "zh": HeadingWords(
        divisions="",
        numbers={},
        alone=r"楔\s*子|引[子言起]|[叙敘]|自?序|[自代原总總]序|序\s*[言章幕曲论論文]|小[序引]|前言|[弁例緒绪]言|凡例|缘起|緣起|"
        r"(?:[校点點出版]{2,4})?[说說]明|《?.{1,12}》.{0,3}序|.{1,6}[传傳记記史志录錄义義梦夢缘緣楼樓集书書编編]原?序|"
        r".{1,8}凡例|自[叙敘评評]|.{0,5}[总總][评評]|"
        r"尾[声聲]|[后後][记記]|跋|[终終][章曲幕]|[结結][语語]|目\s*[录錄次]|附[录錄]?[一二三四五六七八九十]?(?:[:：\s].{1,20})?|"
        r"最[终終][章曲幕]|番外.{0,20}|[卷巻][上中下]|[上中下][卷部篇编編册冊]|作者的[话話]|[译譯]者序|内容[简簡]介|献[辞詞]|题[词辞]|題[詞辭]",
    ),
    "ja": HeadingWords(
        divisions="",
        numbers={},
        alone=r"[上中下前後](?:[巻篇編]|の[巻篇編])|はしがき|まえがき|あとがき|はじめに|おわりに|[終序]章|序文|序詞|結語|"
        r"プロローグ|エピローグ|附記|付記|付録|解説|目次|追記|緒言|幕間|小序|自序|[原訳]?[注註]|.{1,8}に附する序[言文]?",
    ),
}
