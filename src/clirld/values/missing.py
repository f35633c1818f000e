"""The spellings of “no value”: one list for the cleaners of all types.

What is certain gives nothing, whatever the type. So does, of a code, a number or a date, what could be a proper name
elsewhere (« Néant », « NC »). In a name it is kept and said to be doubtful, but for words in lower case: no name is
one of these and has no capital. In other texts the words mean nothing and the abbreviations are doubtful.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import Enum, auto

from clirld.values.text import unaccented


class Meaning(Enum):
    """What a tidy text says of there being a value."""

    VALUE = auto()
    NOTHING = auto()
    """No value, for certain and whatever the type."""
    WORD = auto()
    """A word for “nothing”, as « Néant »; it may be a proper name."""
    ABBREVIATION = auto()
    """What may be an abbreviation of “no value”, as « NC »."""
    NO_NAME = auto()
    """A value that is hardly a name, as « Total » in the last row of a table."""


LONGEST = 40
"""Signs of the longest spelling, with some room: what is longer is not looked up."""

# Signs alone say nothing; ! and emoji may be a name.
_SIGNS = re.compile(r"[-\u2010-\u2015_.…?¿*=/\\|~,;:#()\[\]{}«»\"'’`\s]*")

# Errors of Excel (English, French, German, Spanish, Italian), LibreOffice and Google Sheets.
_SPREADSHEET_ERROR = re.compile(
    r"#(?:N/?A|N/?D|NV|REF|NOM|NAME|VALEUR|VALUE|WERT|DIV/0|NULL?|NUM|NOMBRE|BEZUG|ZAHL|[¿]NOMBRE|VALOR|VALORE|RIF|NOME"
    r"|PROPAGATION|SPILL|CALC|CALCUL|ERREUR|ERROR|ERR|CHAMP|FIELD|BLOQUE|BLOCKED|CONNECT|CONNEXION|INCONNU|UNKNOWN|BUSY"
    r"|GETTING_DATA)[!?]?|Err ?:[0-9]{3}",
    re.IGNORECASE,
)

# What programs write for it, as they write it: "Nan" and "Nil" are names of places.
OF_PROGRAMS = frozenset(("None", "NaN", "nan", "NaT", "<NA>", "\\N", "nil", "none", "NONE", "[object Object]"))

_CERTAIN = """
    null|undefined|n/a|n.a.|s/o|s.o.|n/c|n/d|n/r
    non renseigné|non renseignée|non renseignés|non renseignées|pas renseigné|non rens.|non rempli|non saisi
    non communiqué|non communiquée|non communiqués|non communiquées|non précisé|non précisée|non connu|non connue
    non disponible|non disponibles|indisponible|non applicable|non concerné|non concernée|non défini|non définie
    non déterminé|non déterminée|non attribué|non attribuée|non identifié|non identifiée|non fourni|non fournie
    non indiqué|non indiquée|non spécifié|non spécifiée|sans objet|sans réponse|sans information|sans valeur
    à compléter|à renseigner|à définir|à préciser|à déterminer|pas d'information|pas d'informations|pas de données
    pas de donnée|aucune information|aucune donnée|aucune réponse|aucune valeur|aucun renseignement|donnée manquante
    pas de valeur|valeur manquante|donnée absente|not available|not applicable|not specified|not provided|not known
    no data|no value|missing value|to be defined|to be completed|tbd
"""
_WORDS = """
    néant|aucun|aucune|aucuns|aucunes|rien|vide|inconnu|inconnue|inconnus|inconnues|absent|manquant
    unknown|empty|missing|nothing
"""
_ABBREVIATIONS = "nil|nan|na|nc|n.c|n.c.|nd|n.d|n.d.|nr|n.r|n.r.|n.a|s.o"
_NO_NAMES = """
    total|sous total|total général|sans nom|sans titre|sans dénomination|test|essai|xxx|xxxx|doublon
    idem|true|false|vrai|faux
"""

MEANINGS: Mapping[str, Meaning] = {
    spelling: meaning
    for listed, meaning in (
        (_CERTAIN, Meaning.NOTHING),
        (_WORDS, Meaning.WORD),
        (_ABBREVIATIONS, Meaning.ABBREVIATION),
        (_NO_NAMES, Meaning.NO_NAME),
    )
    for one in re.split(r"[|\n]", listed.strip())
    for spelling in (one.strip(), unaccented(one.strip()), re.sub("^à ", "a ", one.strip()))  # « A définir »
}

_OF_URLS = re.compile(
    r"(?:https?:/*)?(?:www\.?)?/*|(?:pas de|sans|aucun|no) (?:site|url|lien|page)(?: ?-?(?:internet|web))?",
    re.IGNORECASE,
)

_FORMULA = re.compile(
    r"=\s*[-+(]*\s*(?:\$?[A-Z]{1,3}\$?[0-9]+\b|[^\W\d][\w.]*\(|[\w']+!\$?[A-Z]|[0-9.,]+\s*[-+*/^&]|[\"{#])",
    re.IGNORECASE,
)
_TEXT_FORMULA = re.compile(r'="([^"]*)"')


def meaning(value: str) -> Meaning:
    """What a tidy text says of there being a value. Most cells are read by this: it does not take long."""
    if not value or (not value[0].isalnum() and _SIGNS.fullmatch(value)):
        return Meaning.NOTHING
    if len(value) > LONGEST:
        return Meaning.VALUE
    if value in OF_PROGRAMS or (value[0] in "#Ee" and _SPREADSHEET_ERROR.fullmatch(value)):
        return Meaning.NOTHING
    # No case, no brackets or quotes around, no hyphens between the words.
    bare = value.lower().replace("’", "'").replace("-", " ").strip("()[]{}<>«»\"'“” ")
    return MEANINGS.get(bare, Meaning.VALUE)


def says_nothing(value: str) -> bool:
    """Whether a tidy text says for certain that there is no value, whatever its type."""
    return meaning(value) is Meaning.NOTHING


def is_missing(value: str) -> bool:
    """Whether a tidy text says that there is no code, number or date."""
    return value == "0" or meaning(value) in (Meaning.NOTHING, Meaning.WORD, Meaning.ABBREVIATION)


def is_missing_url(value: str) -> bool:
    """Whether a tidy text says that there is no web address."""
    return is_missing(value) or _OF_URLS.fullmatch(value) is not None


def is_formula(value: str) -> bool:
    """Whether a text is a spreadsheet's formula rather than its result."""
    return value.startswith("=") and _FORMULA.match(value) is not None


def unwrapped(value: str) -> str:
    """The text in `="…"`, which keeps a spreadsheet from reading it as a number; any other text as it is."""
    match = _TEXT_FORMULA.fullmatch(value) if value.startswith("=") else None
    return match[1].strip() if match else value
