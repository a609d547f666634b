"""Words that stand beside names and are none: forms of address, particles, calendars, nations, for each language."""

from __future__ import annotations

from collections.abc import Mapping

# What a title says of its bearer: a man, a married woman, a girl, a woman, or anybody. Saints are no others.
MAN, WIFE, GIRL, WOMAN, EITHER, SAINT = "mr", "mrs", "miss", "ms", "any", "saint"
WOMEN = frozenset({WIFE, GIRL, WOMAN})

_TITLES: Mapping[str, Mapping[str, str]] = {
    "en": {
        MAN: "mr mister sir lord master count baron duke earl prince king uncle monsieur signor herr don father "
        "brother squire parson viscount marquis marquess esq messrs m mynheer señor senor",
        WIFE: "mrs mistress madame madam mme dame countess baroness duchess viscountess marchioness frau signora "
        "señora",
        GIRL: "miss mademoiselle mlle fräulein fraulein signorina señorita",
        WOMAN: "lady aunt queen princess sister mother nurse donna doña dona",
        EITHER: "dr doctor captain capt colonel col major general lieutenant lieut sergeant corporal inspector "
        "professor prof judge justice reverend rev cousin president governor senator admiral commodore commander "
        "bishop dean ensign cardinal pope emperor constable deacon private",
    },
    "de": {
        MAN: "herr herrn onkel vater graf grafen baron freiherr prinz prinzen fürst fürsten könig kaiser bruder junker "
        "ritter meister vetter pater monsieur mister mr sir",
        WIFE: "frau madame gräfin baronin fürstin frau freifrau mrs lady",
        GIRL: "fräulein mademoiselle miss miß komtesse comtesse",
        WOMAN: "tante mutter schwester königin prinzessin kaiserin großmutter muhme base",
        EITHER: "doktor dr hauptmann oberst major general leutnant lieutenant professor rat rath hofrat kommerzienrat "
        "pastor pfarrer rittmeister inspektor direktor konsul senator kapitän justizrat assessor",
    },
    "fr": {
        MAN: "m monsieur messieurs mm comte baron duc marquis vicomte prince roi père frère oncle abbé chevalier "
        "maître sieur sire don lord sir mister mr seigneur",
        WIFE: "mme madame mesdames comtesse baronne duchesse marquise vicomtesse mrs lady",
        GIRL: "mlle mademoiselle mesdemoiselles miss",
        WOMAN: "princesse reine mère sœur soeur tante dame",
        EITHER: "docteur dr capitaine colonel général major lieutenant professeur maréchal commandant curé "
        "président cardinal",
    },
    "it": {
        MAN: "signor signore sor don conte barone duca marchese principe re zio padre fra frate messer ser cavaliere "
        "commendatore",
        WIFE: "signora sora contessa baronessa duchessa marchesa madama",
        GIRL: "signorina",
        WOMAN: "donna monna principessa regina zia madre suor suora",
        EITHER: "dottor dottore capitano colonnello generale maggiore tenente professor cardinale avvocato "
        "dottoressa maestro",
    },
    "es": {
        MAN: "señor sr don conde barón duque marqués príncipe rey tío padre fray hermano",
        WIFE: "señora sra condesa baronesa duquesa marquesa",
        GIRL: "señorita srta",
        WOMAN: "doña princesa reina tía madre sor hermana",
        EITHER: "doctor dr d capitán coronel general comandante teniente maestro profesor cura",
    },
    "pt": {
        MAN: "senhor sr snr dom conde barão duque marquês príncipe rei tio padre frei visconde seu",
        WIFE: "senhora sra condessa baronesa duquesa marquesa viscondessa",
        GIRL: "menina senhorita",
        WOMAN: "dona princesa rainha tia madre sóror irmã",
        EITHER: "doutor dr d capitão coronel general comandante tenente conselheiro mestre major desembargador",
    },
    "nl": {
        MAN: "mijnheer meneer heer dhr graaf baron hertog prins koning oom vader broeder jonker meester pater ridder",
        WIFE: "mevrouw mevr gravin barones hertogin vrouw madame",
        GIRL: "juffrouw mejuffrouw freule jonkvrouw",
        WOMAN: "tante moeder zuster koningin prinses",
        EITHER: "dokter dr kapitein kolonel majoor generaal luitenant professor dominee pastoor kommandant",
    },
    "ru": {
        MAN: "господин г граф князь барон герцог царь король принц дядя отец брат мистер мосье месье сэр лорд дядюшка "
        "дон",
        WIFE: "госпожа графиня баронесса герцогиня мадам миссис",
        GIRL: "барышня княжна мадемуазель мисс",
        WOMAN: "княгиня царица королева принцесса тетка тетя сестра мать леди тетушка няня бабушка",
        EITHER: "доктор капитан полковник генерал майор поручик профессор ротмистр штабс-капитан",
    },
    "pl": {
        MAN: "pan hrabia baron książę król wuj ojciec brat ksiądz imć jegomość stryj",
        WIFE: "pani hrabina baronowa księżna",
        GIRL: "panna",
        WOMAN: "księżniczka królowa ciotka matka siostra",
        EITHER: "doktor dr kapitan pułkownik generał major porucznik profesor mecenas prezes rejent",
    },
    "tr": {
        MAN: "bey bay efendi paşa ağa amca dayı dede baba usta",
        WIFE: "hanım bayan hanımefendi",
        GIRL: "",
        WOMAN: "teyze hala nine abla anne",
        EITHER: "doktor dr yüzbaşı albay general binbaşı teğmen profesör hoca",
    },
}
# Forms of address that a translation leaves as they are.
_FOREIGN = {
    MAN: "mr sir lord monsieur m don signor señor herr mynheer",
    WIFE: "mrs madame mme frau signora",
    GIRL: "miss mademoiselle mlle fräulein",
    WOMAN: "lady donna",
    EITHER: "dr",
}
_SAINTS = "saint st ste sainte sankt san santo santa são sint святой святая święty święta św"
# In Turkish a title follows: Ahmet Bey.
TITLES_FOLLOW = frozenset({"tr"})

_PARTICLES = {
    "en": "de la le van von der of the du",
    "de": "von zu der van de zur und",
    "fr": "de du la le des d von van",
    "it": "di de da dei del della degli von",
    "es": "de del la los las y",
    "pt": "de da do dos das e",
    "nl": "van de der den het ter ten von",
    "ru": "фон де ла дю ван",
    "pl": "von de z",
    "tr": "",
}
# Conjunctions and articles between two names hold two people apart, but for these languages' surnames.
_APART = "of the und y e z"

_NONE: Mapping[str, str] = {
    "en": "january february march april may june july august september october november december monday tuesday "
    "wednesday thursday friday saturday sunday christmas easter god gods lord heaven providence almighty saviour "
    "christ jesus bible english french german american italian spanish dutch irish scotch scottish welsh russian greek "
    "roman latin chinese japanese indian turkish jewish jew jews hebrew british european african asian egyptian arab "
    "arabic arabian polish austrian swiss swedish danish norwegian portuguese hungarian norman saxon mexican "
    "australian canadian englishman englishmen frenchman frenchmen irishman scotchman dutchman americans italians "
    "germans indians russians romans greeks turks christian christians christianity catholic protestant gothic "
    "oriental yes no oh ah well why i'm i'll i've i'd i chapter volume book mr mrs o ay ha hey eh alas hallo hullo "
    "hello amen gutenberg bless sirs ladies gentlemen ma'am mon ma dieu mein gott majesty highness excellency lordship "
    "ladyship grace honour honor worship sabbath parliament congress church state spaniard spaniards swede dane pole "
    "poles turk negro puritan heavens",
    "de": "gott gottes gotte herrgott jesus christus januar februar märz april mai juni juli august september oktober "
    "november dezember montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag weihnachten ostern "
    "pfingsten sie ihr ihnen ihre ihren ihrem ihrer ihres du dich dir dein deine ich euch euer eure eurer eurem euren "
    "euern eures er es alles alle niemand jemand keiner nichts kapitel ja nein ach oh deutsch englisch französisch "
    "lateinisch exzellenz durchlaucht majestät gnaden ew hochwürden",
    "fr": "dieu seigneur jésus christ ciel janvier février mars avril mai juin juillet août septembre octobre novembre "
    "décembre lundi mardi mercredi jeudi vendredi samedi dimanche français anglais allemand allemands anglaise italien "
    "espagnol russe russes française américain chapitre oh ah eh oui non hélas majesté excellence altesse éminence "
    "américains italiens espagnols état état église noël pâques je",
    "it": "dio signore gesù cristo gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre "
    "novembre dicembre natale pasqua italiano italiani francese francesi inglese inglesi tedesco tedeschi capitolo "
    "eccellenza maestà stato chiesa vossignoria io lei ella loro suo sua voi cielo provvidenza madonna illustrissimo",
    "es": "dios señor jesús cristo jesucristo cielo enero febrero marzo abril mayo junio julio agosto septiembre "
    "octubre noviembre diciembre español francés inglés españoles franceses ingleses capítulo majestad excelencia "
    "iglesia usted vd ud ustedes providencia estado navidad pascua señoría",
    "pt": "deus senhor jesus cristo janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro "
    "dezembro português francês inglês portugueses franceses ingleses capítulo majestade excelência vossa igreja "
    "estado natal páscoa você christo exa vossemecê jesu providência céu senhoria v ex sua",
    "nl": "god heer jezus christus januari februari maart april mei juni juli augustus september oktober november "
    "december maandag dinsdag woensdag donderdag vrijdag zaterdag zondag kerstmis pasen duits engels frans franse "
    "engelse duitse hollandse hollandsche fransche engelsche duitsche vlaamse vlaamsche vlaming vlamingen fransen "
    "fransman engelsen engelschman duitschers hoofdstuk ja neen nee och ach gij u uw hemel spanjaarden ik",
    "ru": "бог боже господь господи христос иисус вы вам вас ваш ваша ваше вами ваши я глава да нет ох ах ну рождество "
    "пасха богу богом бога господа сиятельство превосходительство величество благородие",
    "pl": "bóg boże pan pani panie jezus chrystus polak polacy niemiec niemcy rosjanin francuz anglik francuzi anglicy "
    "moskal rozdział tak nie ach och pana ty twój wy wasz żyd żydzi boga bogu bogiem litwin turek tatar tatarzy szwed "
    "szwedzi państwo kozacy kozak",
    "tr": "allah tanrı ocak şubat mart nisan mayıs haziran temmuz ağustos eylül ekim kasım aralık pazartesi salı "
    "çarşamba perşembe cuma cumartesi pazar türk türkçe türkler ingiliz fransız alman rus rum ermeni arap ingilizce "
    "fransızca bölüm ramazan bayram evet hayır",
}
_BEFORE_NOUNS = (
    "der die das des dem den ein eine einen einem einer eines kein keine keinen keinem keiner keines mein meine meinen "
    "meinem meiner meines dein deine deinen deinem deiner sein seine seinen seinem seiner seines ihr ihre ihren ihrem "
    "ihrer ihres unser unsere unseren unserem unserer euer eure euren eurem dieser diese dieses diesem diesen jener "
    "jene jenes jenem jenen jeder jede jedes jedem jeden welcher welche welches welchem welchen alle allen aller alles "
    "viele vielen vieler mehr wenig manche manchen mancher manches im am zum zur beim vom ins ans aufs zwei drei vier "
    "fünf sechs sieben acht neun zehn hundert einige einigen solche solcher solchen solches beide beiden ohne etwas "
    "nichts"
)
# Before a noun, hardly ever before a person's name. Used where all nouns have capitals.
DETERMINERS = frozenset(_BEFORE_NOUNS.split())
_SUBJECTS = (
    "der die das ein eine kein keine mein meine dein deine sein seine ihr ihre unser unsere euer eure dieser diese "
    "dieses jener jene jenes jeder jede jedes beide"
)
# Those before what a clause is about: not in einer Weile.
NOMINATIVES = frozenset(_SUBJECTS.split())
_POINTING = "der die das des dem den am im zum zur beim vom"
# Those that point at somebody; a name may have them, as in das Heidi.
ARTICLES = frozenset(_POINTING.split())
_SAID = (
    "sagte sagt sprach spricht rief ruft fragte fragt antwortete antwortet erwiderte entgegnete versetzte meinte meint "
    "lachte lacht nickte nickt lächelte lächelt flüsterte murmelte brummte seufzte stammelte schluchzte schrie schreit"
)
# What people do with their mouths, in German: beside a name on either side.
SPEECH = frozenset(_SAID.split())
_DONE = "dachte denkt erzählte erklärte begann wußte wusste wollte weinte schwieg sah ging kam hatte war stand saß"
# What people do otherwise, right behind their names.
DEEDS = frozenset(_DONE.split())
# Short for a given name, in books that use both.
_SHORT: Mapping[str, str] = {
    "en": "bill william|billy william|will william|willy william|tom thomas|tommy thomas|dick richard|bob robert|"
    "bobby robert|jack john|johnny john|jim james|jimmy james|joe joseph|ned edward|ted edward|harry henry|hal henry|"
    "sam samuel|ben benjamin|dan daniel|dave david|mike michael|nick nicholas|charley charles|charlie charles|"
    "fred frederick|george georgie|kate catherine|kitty catherine|katy katherine|lizzy elizabeth|lizzie elizabeth|"
    "betsy elizabeth|eliza elizabeth|bess elizabeth|betty elizabeth|meg margaret|maggie margaret|peggy margaret|"
    "polly mary|molly mary|nelly ellen|nell ellen|sally sarah|fanny frances|becky rebecca|susy susan|jenny jane|"
    "nancy anne|annie anne|tony anthony|toby tobias|phil philip|pip philip|andy andrew|steve stephen|matt matthew|"
    "archie archibald|dolly dorothea|dora dorothea|amy amelia|milly amelia|tess teresa|gerty gertrude|effie euphemia|"
    "hetty hester|jo josephine",
    "ru": "саша александр|саша александра|алеша алексей|ваня иван|митя дмитрий|коля николай|петя петр|миша михаил|"
    "гриша григорий|вася василий|володя владимир|сережа сергей|паша павел|костя константин|андрюша андрей|федя федор|"
    "степа степан|маша мария|катя екатерина|соня софья|наташа наталья|таня татьяна|лиза елизавета|дуня авдотья|"
    "настя анастасия|аня анна|анюта анна|варя варвара|надя надежда|оля ольга|грушенька аграфена|стива степан|"
    "долли дарья|кити екатерина|женя евгений|боря борис|илюша илья|ильюша илья|николенька николай|алешка алексей|"
    "ванюша иван",
    "de": "fritz friedrich|hans johannes|heinz heinrich|willi wilhelm|gretchen margarete|grete margarete|"
    "lene magdalene|lenchen magdalene|lotte charlotte|käthe katharina|liese elisabeth|lisbeth elisabeth|sepp joseph|"
    "toni antonie|max maximilian|resi therese|tony antonie|trude gertrud|ännchen anna",
    "fr": "jeannot jean|pierrot pierre|charlot charles|lisette élise|manon marie|toinette antoinette|ninon anne",
    "pl": "staś stanisław|stach stanisław|jaś jan|zosia zofia|kasia katarzyna|basia barbara|jurek jerzy|"
    "franek franciszek|józek józef|antek antoni|tadek tadeusz|wojtek wojciech|hania anna|jagna agnieszka|"
    "jagusia agnieszka|marysia maria|michałek michał|magda magdalena|maciek maciej|jędrzej andrzej|bartek bartłomiej|"
    "iza izabela|bela izabela",
    "es": "pepe josé|paco francisco|pancho francisco|lola dolores|concha concepción|manolo manuel|perico pedro|"
    "juanito juan",
    "it": "beppe giuseppe|peppe giuseppe|nino antonio|tonio antonio|gigi luigi|gianni giovanni|nanni giovanni|"
    "checco francesco",
    "pt": "zé josé|chico francisco|quim joaquim|manel manuel|tonho antônio",
    "nl": "jan johannes|kees cornelis|piet pieter|klaas nicolaas|wim willem|mie maria",
    "tr": "",
}


def titles(language: str) -> dict[str, str]:
    """The forms of address of a language in small letters, each with what it says of its bearer."""
    tables = (_FOREIGN, _TITLES.get(language, {}))
    words = {word: kind for table in tables for kind, words in table.items() for word in words.split()}
    return words | dict.fromkeys(_SAINTS.split(), SAINT)


def particles(language: str) -> frozenset[str]:
    """Small words inside a name: de, von, van der."""
    return frozenset(_PARTICLES.get(language, "").split()) - frozenset(_APART.split())


def no_names(language: str) -> frozenset[str]:
    """Words with a capital that name nobody, in small letters."""
    return frozenset(_NONE.get(language, "").split())


def short_names(language: str) -> list[tuple[str, str]]:
    """Pairs of a short form and the given name it is short for, in small letters."""
    pairs = (pair.split() for pair in _SHORT.get(language, "").split("|") if pair)
    return [(short, whole) for short, whole in pairs]
