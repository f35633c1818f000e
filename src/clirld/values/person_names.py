"""Names of persons in a text or a cell, by civil titles and by a list of first names.

The list is that of Faker (PyPI, licence MIT), of France, Belgium, Switzerland, Québec and Algeria, without the names
that are as often a place or a thing. Surnames have no list: they are told by what stands beside them, so that the name
of a person in the middle of a text is found where a title, an office or words that lead to somebody stand beside it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import import_module

from clirld import yamlfile
from clirld.values.signs import Span
from clirld.values.text import unaccented

_LOCALES = ("fr_FR", "fr_BE", "fr_CH", "fr_QC", "fr_DZ")
_PARTICLES = r"(?:de|du|des|d'|d’|le|la|les|van|von|ben|el|al|da|dos|di|DE|DU|DES|D'|D’|LE|LA|EL|BEN|VAN)"
_CAPITAL = r"[A-ZÀ-ÖØ-ÞŒ]"
_WORD = rf"{_CAPITAL}[\w'’-]*"
_NAME = rf"(?:{_WORD}|{_CAPITAL}\.(?:-?{_CAPITAL}\.)*)"
_NAMES = rf"{_NAME}(?:[ \u00a0](?:{_PARTICLES}[ \u00a0]?){{0,2}}{_NAME}){{0,3}}"
_CIVIL = (
    r"(?:M\.|MM\.|Mr\.?|Mrs\.?|Mme?s?\.?|Mlles?\.?"
    r"|M(?i:onsieur|essieurs|adame|esdames|ademoiselle|esdemoiselles)|MME|MLLE)"
)
# « Madame la maire », « Monsieur LE PRÉFET » name an office, and nobody.
_OFFICE_AFTER = (
    r"(?i:l[ea]s?\b|l['’]|maire|pr[ée]sident|pr[ée]fet|d[ée]put[ée]|s[ée]nateur|s[ée]natrice|direct|ministre|et\b|ou\b|tout\b"
    r"|toutes\b|monsieur|madame|mme|votre|notre|vous\b|je\b|nous\b|x\b)"
)
_TITLED = re.compile(
    rf"(?<![\w'’.])(?<![0-9]\s){_CIVIL}[ \u00a0]{{0,2}}(?!{_OFFICE_AFTER})(?:{_PARTICLES}[ \u00a0]?){{0,2}}{_NAMES}"
)
_TITLED_SMALL = re.compile(
    r"(?<![\w'’.])(?i:mme|mlle|mr|monsieur|madame|mademoiselle)[ \u00a0]{1,2}"
    r"(?P<first>[a-zà-öø-ÿœ]+(?:-[a-zà-öø-ÿœ]+)?)(?:[ \u00a0][a-zà-öø-ÿœ'’-]+)?"
)
_GENDERS = r"(?:e|\(e\)|[·./-]e)?(?:s|\(s\)|[·.]s)?"
_OFFICE = (
    r"(?i:(?:contact|r[ée]f[ée]rent|pr[ée]sident|responsable|g[ée]rant|adjoint|correspondant|dirigeant|permanent|[ée]lu"
    r"|salari[ée]|b[ée]n[ée]vole|secr[ée]taire|propri[ée]taire|maire|artisan|auteur|gardien|charg[ée]e? de \w+)"
    + _GENDERS
    + "|"
    r"(?:co-?)?(?:anim|coordin|coordonn|fond|cr[ée]|facilit|m[ée]di)at(?:eur|rice)s?|direct(?:eur|rice)s?|autrices?"
    r"|interlocut(?:eur|rice)s?|tr[ée]sori(?:er|[èe]re)s?|conseill(?:er|[èe]re)s?|porteu(?:r|se)s?(?: de projets?)?"
    r"|r[ée]gisseu(?:r|se)s?|personnes? (?:[àa] contacter|ressources?|r[ée]f[ée]rentes?)"
    r"|anim[ée]e? par|port[ée]e? par|g[ée]r[ée]e? par|tenue? par|fond[ée]e? par|cr[ée]{2}e? par|dirig[ée]e? par)"
)
_TWO_NAMES = rf"{_NAME}[ \u00a0](?:(?:{_PARTICLES}|L[ae]|D[eu]s?)[ \u00a0]?){{0,2}}{_NAME}"
_AFTER_OFFICE = re.compile(
    rf"(?<![\w'’]){_OFFICE}"
    r"(?:\s?(?:[,(–—-]|est|sont)?|(?:[ \u00a0][^\W\d_A-Z][\w'’()·-]*){0,5}(?:\s?:|\s[–—-]))\s{0,2}"
    rf"(?P<name>{_TWO_NAMES})"
)
# « référente : jeanne exemple »: in small letters only between a colon and the end of what is said.
_AFTER_OFFICE_SMALL = re.compile(
    rf"(?<![\w'’]){_OFFICE}\s?:\s{{0,2}}(?P<name>(?P<first>[a-zà-öø-ÿœ]+(?:-[a-zà-öø-ÿœ]+)?)[ \u00a0][a-zà-öø-ÿœ'’-]+)"
    r"(?=\s*(?:$|[,;.(|/\n0-9]))"
)
_BEFORE_OFFICE = re.compile(rf"(?<![\w'’-])(?P<name>{_TWO_NAMES})\s?(?:,|\(|–|—|-)\s?{_OFFICE}(?![\w'’-])")
"""« Jeanne Exemple, présidente »."""
_LED_TO = re.compile(
    r"(?<![\w'’-])(?i:par|aupr[èe]s d[e'’]|s['’]adresser [àa]|[àa] l['’]attention d[e'’]|contact avec"
    r"|(?:[ée]cri|demand|contact|appel|joind|rencontr)(?:er|ez|re|vez|re [àa]|vez [àa]))[ \u00a0]?"
    rf"(?P<name>{_TWO_NAMES})"
)
_NEXT_NAME = re.compile(rf"\s?(?:,|;|/|&|\bet\b|\bou\b)\s?(?P<name>{_TWO_NAMES})")
# The name of a street or a school may be a person's: « rue de M. Exemple », « collège Madame de Sévigné ».
_NAMED_AFTER = re.compile(
    r"(?i:rue|place|avenue|av\.?|all[ée]es?|boulevard|bd\.?|impasse|square|quai|cours|chemin|passage|villa|coll[èe]ge|lyc[ée]e"
    r"|[ée]cole|salle|espace|stade|gymnase|centre|maison|mus[ée]e|h[ôo]pital|h[ôo]tel|parc|jardin|r[ée]sidence|fondation|prix"
    r"|ruelle|m[ée]diath[èe]que|biblioth[èe]que|th[ée][âa]tre|cit[ée]|cr[èe]che|ehpad|foyer|pont|faubourg|halle)"
    r"(?:\s(?:de|du|des|d|à|au|le|la|les))?[\s'’]{0,2}$"
)
# One of these is in each text with a title or an office: to look for them first is far faster than the expressions.
_HINTS = (
    *("m. ", "m.\u00a0", "mm.", "mr", "mme", "mlle", "monsieur", "messieurs", "madame", "mesdames", "mademoiselle"),
    *("mesdemoiselles", "contact", "férent", "ferent", "responsable", "président", "president", "animat", "coord"),
    *("gérant", "gerant", "direct", "interlocut", "fondat", "trésori", "tresori", "secrétaire", "secretaire", "maire"),
    *("adjoint", "correspondant", "chargé", "charge", "propri", "artisan", "auteur", "autrice", "créat", "creat"),
    *("dirigeant", "permanent", "élu", "elu", "salarié", "salarie", "bénévole", "benevole", "gardien", "facilitat"),
    *("médiat", "mediat", "conseill", "porteu", "gisseu", "personne", "par ", "par\u00a0", "auprès", "aupres"),
    *("adresser", "attention", "écri", "ecri", "demand", "appel", "joind", "rencontr"),
)
_CAPITALS = re.compile(rf"{_CAPITAL}{{2}}")
_SPLIT = re.compile(r"\s*[,;/|–—]\s*|\s+-\s+|\s+")
_FIRST_NAME_PART = re.compile(r"[- ]")


@cache
def _words_of(kind: str) -> frozenset[str]:
    return frozenset(yamlfile.shipped("clirld.values", "person_names.yaml")[kind])


@cache
def first_names() -> frozenset[str]:
    """First names of Faker's French-speaking locales, without accents and in lower case."""
    found: set[str] = set()
    for locale in _LOCALES:  # only where a text may hold a name: to import them takes a fifth of a second
        provider = import_module(f"faker.providers.person.{locale}").Provider
        for group in ("first_names", "first_names_male", "first_names_female"):
            found.update(unaccented(name) for name in getattr(provider, group, ()))
    return frozenset(found - _words_of("not_only_first_names"))


def is_first_name(word: str) -> bool:
    """Whether a word is a first name, or two with a hyphen."""
    folded = unaccented(word)
    return folded in first_names() or (
        "-" in folded and all(part in first_names() for part in _FIRST_NAME_PART.split(folded))
    )


def find(text: str) -> Iterator[Span]:
    """Where persons are named with a civil title, beside an office, or after words that lead to one (« auprès de »)."""
    lower = text.lower()
    if not any(map(lower.__contains__, _HINTS)):
        return
    for match in _TITLED.finditer(text):
        if not _NAMED_AFTER.search(text, max(0, match.start() - 30), match.start()):
            yield match.span()
    for match in _TITLED_SMALL.finditer(text):
        if is_first_name(match["first"]):
            yield match.span()
    for match in _AFTER_OFFICE.finditer(text):
        before = text[max(0, match.start() - 30) : match.start()]
        # « EMMAÜS FONDATEUR ABBÉ PIERRE » is a name.
        if match[0].isupper() and not re.search("[:,(]", match[0]):
            continue
        # « Contact : J. Exemple »
        has_initial = re.match(rf"{_CAPITAL}\.", match["name"]) and ":" in match[0]
        if (has_initial or is_person_name(match["name"])) and not _NAMED_AFTER.search(before):
            yield from _with_next_names(text, match)
    for match in _AFTER_OFFICE_SMALL.finditer(text):
        if is_first_name(match["first"]):
            yield match.span("name")
    for pattern in (_BEFORE_OFFICE, _LED_TO):
        for match in pattern.finditer(text):
            before = text[max(0, match.start("name") - 30) : match.start("name")]
            if _begins_with_first_name(match["name"]) and not _NAMED_AFTER.search(before):
                yield from _with_next_names(text, match)


def _with_next_names(text: str, match: re.Match[str]) -> Iterator[Span]:
    """The name that was found, and those that follow it in a list: « Jeanne Exemple et Jean Témoin »."""
    yield match.span("name")
    end = match.end("name")
    while (following := _NEXT_NAME.match(text, end)) and _begins_with_first_name(following["name"]):
        yield following.span("name")
        end = following.end("name")


def _begins_with_first_name(name: str) -> bool:
    """Stricter than `is_person_name`, for what may be the name of a firm: « par Exemple Martin »."""
    words = _words(name)
    return len(words) >= 2 and is_first_name(words[0]) and is_person_name(name)


def is_listed_name(value: str) -> bool:
    """Whether a cell is a name as lists of persons write it: SURNAME First name, First name SURNAME.

    Only where capitals or a sign tell the surname from the first name: « Jeanne Exemple » may be the name of a place.
    """
    words = _words(value) if _CAPITALS.search(value) else []
    if not words:
        return False
    surname = [word for word in words if word.isupper() and len(word) > 1]
    first = [word for word in words if word not in surname]
    return (
        0 < len(surname) < len(words)
        and len(first) <= 2
        and (words[: len(surname)] == surname or words[-len(surname) :] == surname)
        and all(is_first_name(word) for word in first)
        and not any(unaccented(word) in _words_of("not_surnames") for word in surname)
        and any(len(word) > 2 and re.search("[AEIOUYÀ-Ü]", word) for word in surname)
    )


def is_person_name(value: str) -> bool:
    """Whether a cell may be the name of a person: two to four words of which the first or the last is a first name.

    Weaker than `is_listed_name`: « Rosa Parks » is a place too. For a column, where most of its cells have to be so.
    """
    words = _words(value)
    return (
        len(words) >= 2
        and (is_first_name(words[0]) or is_first_name(words[-1]))
        and not any(unaccented(word) in _words_of("not_surnames") for word in words if not _is_particle(word))
    )


def _is_particle(word: str) -> bool:
    return re.fullmatch(_PARTICLES, word.lower()) is not None


def is_column_of_names(values: Iterable[str]) -> bool:
    """Whether most of the distinct cells of a column are names of persons, first and last or first alone."""
    distinct = {value.strip() for value in values if value.strip()}
    named = sum(1 for one in distinct if is_person_name(one) or is_first_name(one) or any(find(one)))
    return len(distinct) >= _MIN_CELLS and named > _MIN_SHARE * len(distinct)


_MIN_CELLS = 3
_MIN_SHARE = 0.5


def _words(value: str) -> list[str]:
    """The words of a name, two to five, each with a capital or a particle; none for another text."""
    if len(value) > 60 or not any(sign.isalpha() for sign in value) or any(sign.isdigit() for sign in value):
        return []
    words = [word for word in _SPLIT.split(value.strip()) if word]
    names = [word for word in words if not re.fullmatch(_PARTICLES, word) or word.isupper()]
    if not 2 <= len(words) <= 5 or not all(
        re.fullmatch(rf"(?:[dDlL]['’])?{_CAPITAL}[^\W\d_]*(?:['’-][^\W\d_]+)*\.?", one) for one in names
    ):
        return []
    return names
