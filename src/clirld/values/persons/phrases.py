"""What stands beside the names of persons in French texts: civil titles, offices, words that lead to somebody.

Each expression takes in more than persons: `names.py` looks at the words with capitals that it leads to.
"""

from __future__ import annotations

import re
from functools import cache
from itertools import product

from clirld.values.persons.first_names import CAPITAL, NAME, NAMES, PARTICLES, words_of
from clirld.values.text import unaccented

_CIVIL = (
    rf"(?:M\.(?=[ \u00a0]|{CAPITAL}[a-zà-öø-ÿ]{{2}})|MM\.|Mr\.?|Mrs\.?|Mme?s?\.?|Mlles?\.?"
    r"|M(?i:onsieur|essieurs|adame|esdames|ademoiselle|esdemoiselles)|MME|MLLE)"
)
_OFFICE_NAMES = (
    r"maire|adjoint|(?:vice-?)?pr[ée]sident|(?:sous-?)?pr[ée]fet|(?:sous-?)?pr[ée]f[èe]te|d[ée]put[ée]|s[ée]nateur|s[ée]natrice"
    r"|direct|ministre|recteur|rectrice|cur[ée]|secr[ée]taire|tr[ée]sori|commissaire|conseill|responsable|principal|proviseur"
    r"|juge|procureur|d[ée]l[ée]gu[ée]|chef|g[ée]rant|comptable|charg[ée]"
)
# « Madame la maire », « Monsieur LE PRÉFET » name an office, and nobody; « Mme Le Fictif » does.
_OFFICE_AFTER = (
    rf"(?:l[ea]s?\b|(?i:l[ea]s?[ \u00a0]+(?:{_OFFICE_NAMES})|l['’]|{_OFFICE_NAMES}|et\b|ou\b|tout\b"
    r"|toutes\b|monsieur|madame|mme|votre|notre|vous\b|je\b|nous\b|x\b))"
)
TITLED = re.compile(
    rf"(?<![\w'’.])(?<![0-9]\s){_CIVIL}[ \u00a0]{{0,2}}(?!{_OFFICE_AFTER})"
    rf"(?:{PARTICLES}[ \u00a0]?){{0,2}}(?P<name>{NAMES})"
)
# « le Dr Exemple », « Maître Jeanne Exemple »: titles of a trade, which things bear too (« Docteur Ordi »).
TITLED_BY_TRADE = re.compile(
    r"(?<![\w'’.])(?<![0-9]\s)(?:(?P<plain>Drs?|Pr|(?i:docteure?s?|professeure?s?))"
    r"|(?P<noun>Me|Mtre|[Mm]a[iî]tre)|DR|PR|ME|MA[IÎ]TRE)\.?[ \u00a0]{1,2}"
    rf"(?:{PARTICLES}[ \u00a0]?){{0,2}}(?P<name>{NAMES})"
)
NEXT_TITLED = re.compile(rf"(?:,|\s?&|\s(?:et|ou)\b)\s(?!{_OFFICE_AFTER})(?P<name>{NAMES})")
"""« Mmes Exemple et Témoin »."""
TITLED_SMALL = re.compile(
    r"(?<![\w'’.])(?i:mme|mlle|mr|monsieur|madame|mademoiselle)[ \u00a0]{1,2}"
    r"(?P<first>[a-zà-öø-ÿœ]+(?:-[a-zà-öø-ÿœ]+)?)(?:[ \u00a0][a-zà-öø-ÿœ'’-]+)?"
)
_GENDERS = r"(?:e|\(e\)|[·./-]e)?(?:s|\(s\)|[·.]s)?"
_OFFICE = (
    r"(?i:(?:co-?)?(?:(?:contact|r[ée]f[ée]rent|pr[ée]sident|responsable|g[ée]rant|adjoint|correspondant|dirigeant|permanent|[ée]lu"
    r"|salari[ée]|b[ée]n[ée]vole|secr[ée]taire|propri[ée]taire|maire|artisan|auteur|gardien|exploitant|intervenant|enseignant"
    r"|associ[ée]|stagiaire|charg[ée]e? de \w+)" + _GENDERS + "|"
    r"(?:anim|coordin|coordonn|fond|cr[ée]|facilit|m[ée]di|form|[ée]duc|initi)at(?:eur|rice)s?|direct(?:eur|rice)s?|autrices?"
    r"|interlocut(?:eur|rice)s?|tr[ée]sori(?:er|[èe]re)s?|conseill(?:er|[èe]re)s?|porteu(?:r|se)s?(?: de projets?)?"
    r"|r[ée]gisseu(?:r|se)s?|personnes? (?:[àa] contacter|ressources?|r[ée]f[ée]rentes?)"
    r"|anim[ée]e? par|port[ée]e? par|g[ée]r[ée]e? par|tenue? par|fond[ée]e? par|cr[ée]{2}e? par|dirig[ée]e? par))"
)
_TRADE = (
    r"(?i:(?:ancien(?:ne)? )?(?:cuisini(?:er|[èe]re)|pot(?:ier|i[èe]re)|mara[iî]ch(?:er|[èe]re)|boulang(?:er|[èe]re)"
    r"|c[ée]ramiste"
    r"|sculpt(?:eur|rice)|menuisi(?:er|[èe]re)|[ée]b[ée]niste|coutur(?:ier|i[èe]re)|brasseu(?:r|se)|agricult(?:eur|rice)"
    r"|[ée]leveu(?:r|se)|vigneron(?:ne)?|apicult(?:eur|rice)|architecte|professeure?|biblioth[ée]caire|infirmi(?:er|[èe]re)"
    r"|paysan(?:ne)?|libraire|com[ée]dien(?:ne)?|musicien(?:ne)?|photographe|plasticien(?:ne)?|jardini(?:er|[èe]re)"
    r"|entrepreneu(?:r|se)|habitante?))"
)
"""What somebody does: told of a person where it stands after a name."""
_TWO_NAMES = rf"{NAME}[ \u00a0](?:(?:{PARTICLES}|L[ae]|D[eu]s?)[ \u00a0]?){{0,3}}{NAME}"
AFTER_OFFICE = re.compile(
    rf"(?<![\w'’]){_OFFICE}"
    r"(?P<sign>\s?(?:[,(–—-]|est|sont)?|(?:[ \u00a0][^\W\d_A-Z][\w'’()·-]*){0,5}(?:\s?:|\s[–—-]))\s{0,2}"
    rf"(?={NAME})"
)
# What is said of several before a colon: « L'équipe : Jeanne, Jean », « Renseignements : Jeanne ».
AFTER_TOPIC = re.compile(
    r"(?<![\w'’-])(?:[lL]['’])?(?i:[ée]quipe|bureau|renseignements?|inscriptions?|r[ée]servations?|accueil|permanences?"
    r"|rendez-vous|infos?|habitante?s|couple|ami[e·.]*s|fr[èe]res|s[œo]e?urs|membres|voisin[e·.]*s)"
    r"(?:[ \u00a0][^\W\d_A-Z][\w'’()·-]*){0,3}"
    rf"(?:\s?:|,)\s{{0,2}}(?={NAME})"
)
# « référente : jeanne exemple »: in small letters only between a colon and the end of what is said.
AFTER_OFFICE_SMALL = re.compile(
    rf"(?<![\w'’]){_OFFICE}\s?:\s{{0,2}}"
    r"(?P<name>(?P<first>[a-zà-öø-ÿœ]+(?:-[a-zà-öø-ÿœ]+)?)(?:[ \u00a0][a-zà-öø-ÿœ'’-]+)?)"
    r"(?=\s*(?:$|[,;.(|/\n0-9]))"
)
BEFORE_OFFICE = re.compile(rf"(?<![\w'’-])(?P<name>{_TWO_NAMES})(?:\s?[,(–—]|\s-)\s?(?:{_OFFICE}|{_TRADE})(?![\w'’-])")
"""« Jeanne Exemple, présidente »."""
ALONE_BEFORE_OFFICE = re.compile(
    rf"(?<![\w'’-])(?P<name>{NAME}(?:[ \u00a0]{NAME})?)\s?(?:,|\()\s?(?:{_OFFICE}|{_TRADE})(?![\w'’-])"
)
"""« Jeanne, présidente », « J. Exemple (référent) », at the beginning of what is said."""
LED_TO = re.compile(
    r"(?<![\w'’-])(?i:(?:par|avec|s['’]adresser [àa]|(?:aupr[èe]s|[àa] l['’]attention|permanences?) de"
    r"|(?:[ée]cri|demand|contact|appel|joind|rencontr|interrog)(?:er|ez|re|vez|re [àa]|vez [àa]))\s?:?[ \u00a0]"
    rf"|(?:aupr[èe]s|[àa] l['’]attention|permanences?) d['’])(?={NAME})"
)
NEXT = re.compile(r"(?:\s?\([^()\n]{1,40}\))?\s?(?:,|;|/|&|\b(?i:et|ou)\b)\s?(?:(?:de|avec|par)\s|d['’])?")
_LIST = rf"{NAMES}(?:(?:,|\s?&|\s(?:et|ou))\s{NAMES}){{0,4}}"
_AND_ALL = (
    r"\s(?:et|&)\s(?:toute?\s)?(?:son|sa|ses|leurs?)\s(?:petite\s)?(?:[ée]quipe|b[ée]n[ée]voles|ami[e·.]*s?|famille|mari|femme"
    r"|[ée]pou(?:se|x)|compagn(?:e|on)|conjointe?|enfants?|fils|filles?|fr[èe]res?|s[œo]e?urs?|adjointe?s?|coll[èe]gues?"
    r"|salari[ée]\w*|complices?|acolytes?|associ[ée]e?s?|cop(?:ain|ine)s?|collaborat\w+|voisin[e·.]*s?)\b"
)
_WELCOME = (
    r",?\s(?:qui\s)?(?:vous\s(?:y\s)?(?:accueill|atten|propos|re[çc]oi|fer|invit|pr[ée]sent|racont|guid|initi|accompagn|ouvr|serv)\w+"
    r"|(?:a|ont)\s(?:ouvert|cr[ée]{2}|fond[ée]|repris|lanc[ée]|mont[ée]|install[ée]|imagin[ée])\b|anime(?:nt)?\b|tien(?:t|nent)\b"
    r"|g[èe]re(?:nt)?\b|cuisine(?:nt)?\b|donne(?:nt)?\sdes\scours)"
)
WHO_DOES = re.compile(rf"(?<![\w'’-])(?P<names>{_LIST})(?:(?P<all>{_AND_ALL})|{_WELCOME})")
"""« Jeanne et son équipe », « Jeanne et Jean vous accueillent »."""
BEGINNING = re.compile(r"(?:^|[.!?:;«»(\n•*\"“–—-]|,\s?où|\b(?:et|où|que|quand))\s*$")
# The name of a street or a school may be a person's: « rue de M. Exemple », « collège Madame de Sévigné ».
NAMED_AFTER = re.compile(
    r"(?i:rue|place|avenue|av\.?|all[ée]es?|boulevard|bd\.?|impasse|square|quai|cours|chemin|passage|villa|coll[èe]ge|lyc[ée]e"
    r"|[ée]cole|salle|espace|stade|gymnase|centre|maison|mus[ée]e|h[ôo]pital|h[ôo]tel|parc|jardin|r[ée]sidence|fondation|prix"
    r"|ruelle|m[ée]diath[èe]que|biblioth[èe]que|th[ée][âa]tre|cit[ée]|cr[èe]che|ehpad|foyer|pont|faubourg|halle|chez|caf[ée]"
    r"|route|esplanade|promenade|mont[ée]e|traverse|sentier|parvis|mail|rond[- ]point|carrefour|scolaire|clinique"
    r"|quartier|lotissement|hameau|domaine|voie|venelle|rocade|immeuble|b[âa]timent|pavillon"
    r"|(?<!\w)(?:z[aci]|zone|rte|pl|imp|all|bl?vd|bld|sq|che?|clos|r)\.?)"
    r"(?:\s(?:de|du|des|d|à|au|le|la|les))?[\s'’]{0,2}$"
)

_LETTERS = 4
_WORDS = re.compile(r"[^\W\d_]+")


@cache
def _beginnings() -> frozenset[str]:
    return frozenset(
        "".join(letters)
        for word in words_of("beside_names")
        for letters in product(*({sign, unaccented(sign)} for sign in word[:_LETTERS]))
    )


def may_hold(text: str) -> bool:
    """Whether a text has a word that one of the expressions needs: far faster than to try them."""
    return not _beginnings().isdisjoint([word[:_LETTERS] for word in _WORDS.findall(text.lower())])
