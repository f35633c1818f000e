"""The spellings of “no value”: one list for the cleaners of all types.

What is certain gives nothing, whatever the type. So does, of a code, a number or a date, what could be a proper name
elsewhere (« Néant », « NC »). In a name it is kept and said to be doubtful, but for words in lower case: no name is
one of these and has no capital. In other texts the words mean nothing and the abbreviations are doubtful.
"""

from __future__ import annotations

import re

from clirld.values.text import unaccented

_LONGEST = 40
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
_OF_PROGRAMS = frozenset(("None", "NaN", "nan", "NaT", "<NA>", "\\N", "nil", "none", "NONE", "[object Object]"))


def _listed(text: str) -> frozenset[str]:
    return frozenset(one.strip() for one in re.split(r"[|\n]", text)) - {""}


_CERTAIN = _listed(
    """
    null|undefined|n/a|n.a.|s/o|s.o.|n/c|n/d|n/r
    non renseigne|non renseignee|non renseignes|non renseignees|pas renseigne|non rens.|non rempli|non saisi
    non communique|non communiquee|non communiques|non communiquees|non precise|non precisee|non connu|non connue
    non disponible|non disponibles|indisponible|non applicable|non concerne|non concernee|non defini|non definie
    non determine|non determinee|non attribue|non attribuee|non identifie|non identifiee|non fourni|non fournie
    non indique|non indiquee|non specifie|non specifiee|sans objet|sans reponse|sans information|sans valeur
    a completer|a renseigner|a definir|a preciser|a determiner|pas d'information|pas d'informations|pas de donnees
    pas de donnee|aucune information|aucune donnee|aucune reponse|aucune valeur|aucun renseignement|donnee manquante
    pas de valeur|valeur manquante|donnee absente|not available|not applicable|not specified|not provided|not known
    no data|no value|missing value|to be defined|to be completed|tbd
    """
)

_WORDS = _listed(
    """
    neant|aucun|aucune|aucuns|aucunes|rien|vide|inconnu|inconnue|inconnus|inconnues|absent|manquant
    unknown|empty|missing|nothing
    """
)
_ABBREVIATIONS = _listed("nil|nan|na|nc|n.c|n.c.|nd|n.d|n.d.|nr|n.r|n.r.|n.a|s.o")
_NO_NAMES = _listed("total|sous total|total general|sans nom|sans titre|sans denomination|test|essai|xxx|xxxx|doublon")

_OF_URLS = re.compile(
    r"(?:https?:/*)?(?:www\.?)?/*|(?:pas de|sans|aucun|no) (?:site|url|lien|page)(?: ?-?(?:internet|web))?",
    re.IGNORECASE,
)

_FORMULA = re.compile(
    r"=\s*[-+(]*\s*(?:\$?[A-Z]{1,3}\$?[0-9]+\b|[^\W\d][\w.]*\(|[\w']+!\$?[A-Z]|[0-9.,]+\s*[-+*/^&]|[\"{#])",
    re.IGNORECASE,
)
_TEXT_FORMULA = re.compile(r'="([^"]*)"')


def says_nothing(value: str) -> bool:
    """Whether a tidy text says for certain that there is no value, whatever its type."""
    if len(value) > _LONGEST:
        return _SIGNS.fullmatch(value) is not None
    if _SIGNS.fullmatch(value) or value in _OF_PROGRAMS or _SPREADSHEET_ERROR.fullmatch(value):
        return True
    return _bare(value) in _CERTAIN


def is_word(value: str) -> bool:
    """Whether a tidy text is a word for “nothing”, as « Néant », and no proper name."""
    return len(value) <= _LONGEST and _bare(value) in _WORDS


def is_abbreviation(value: str) -> bool:
    """Whether a tidy text may be an abbreviation of “no value”, as « NC »."""
    return len(value) <= _LONGEST and _bare(value) in _ABBREVIATIONS


def is_no_name(value: str) -> bool:
    """Whether a tidy text is hardly a name, as « Total » in the last row of a table."""
    return len(value) <= _LONGEST and _bare(value) in _NO_NAMES


def is_missing(value: str) -> bool:
    """Whether a tidy text says that there is no code, number or date."""
    return value == "0" or says_nothing(value) or is_word(value) or is_abbreviation(value)


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


def _bare(value: str) -> str:
    """For comparing: no case, accents, brackets or quotes around, no hyphen between words."""
    plain = value.lower() if value.isascii() else unaccented(value)
    return " ".join(plain.replace("’", "'").replace("-", " ").strip("()[]{}<>«»\"'“” ").split())
