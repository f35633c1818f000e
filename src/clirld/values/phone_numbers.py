"""Phone numbers in a text. The plan of every country is that of the library phonenumbers (Google's libphonenumber);
what is here finds the digits that may be one, however they are spelled, and leaves out what only looks like one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import phonenumbers

from clirld.values.characters import Span

# Eight digits with little between them: an O may stand for a zero.
_MAY_HOLD = re.compile(r"[0-9](?:[\W_oO]{0,6}(?:&\w{1,8};)?[0-9]){7}")
_MAY_HOLD_OTHERS = re.compile(r"\d(?:[\W_oO]{0,6}(?:&\w{1,8};)?\d){7}")

# In France with its overseas, each a region of its own in the plans; those beside it have the same ten digits.
_REGIONS = ("FR", "RE", "GP", "MQ", "GF", "YT", "PM", "BE", "CH", "LU", "MC", "PF", "NC", "WF")
# The countries whose numbers are looked for after 00, which starts other numbers too.
_COUNTRY_CODES = re.compile(
    "3[012349]|35[123]|37[67]|4[013456789]|262|59[046]|508|68[179]|21[236]|22[1-9]|237|24[123]|26[19]|230"
)

_CUE_WORD = (
    r"(?<![^\W\d_])(?:t[ée]l(?:[ée]phones?|[ée]s?|s)?|(?:mobile|tele|smart)?phone|portables?|port|mob(?:ile)?|gsm|fax|t[ée]l[ée]copie"
    r"|whats?app|signal|sms|viber|standard|☎|✆|📞|📱)"
)
_CUE = re.compile(rf"{_CUE_WORD}[\s.:=/()°n-]{{0,8}}$", re.IGNORECASE)
_FAR_CUE = re.compile(rf"{_CUE_WORD}[\s.:][^\d\n;]{{0,25}}$", re.IGNORECASE)
_NUMBER_OF = (
    r"siren|siret|isbn|issn|ean|gtin|r[ée]f|r[ée]f[ée]rences?|dossier|facture|finess|uai|iban|rib|bic|rna|matricule|licence"
    r"|agr[ée]ment|parcelles?|section|compte|contrat|lot|naf|ape|insee|version|habilitation|commande|convention|arr[êe]t[ée]"
    r"|d[ée]lib[ée]ration|ch[èe]que|tva|doi|ark|ticket|colis|march[ée]|identifiant|identifier|id|code|cl[ée]|lien|key|uid"
    r"|d[ée]p(?:artements?|ts?)?|communes?|cantons?|lignes?|bus|pages?|articles?|s[ée]rie|tirage|loto"
)
_OF_ANOTHER_KIND = re.compile(
    rf"(?<![^\W\d_])(?:{_NUMBER_OF})[\s.:=#]{{0,3}}(?:n[°ºo]|num[ée]ro)?[\s.:=#(]{{0,3}}$|10\.[0-9]{{4,9}}/$",
    re.IGNORECASE,
)
_UNIT = re.compile(
    r"\s?(?:%|€|euros?\b|eur\b|k€|m€|habitants?\b|hab\b|emplois\b|m²|m2\b|m3\b|km|tonnes?\b|ha\b|kwh|mwh|f\s?cfa|fcfp|xpf)",
    re.IGNORECASE,
)

_SEPARATOR = r"[\s.\-/_*|~,:()'\";=\\>…]{1,4}"
_RUN = re.compile(rf"\d+(?:{_SEPARATOR}\d+)*")
_GROUP = re.compile(r"\d+")
_PLUS = re.compile(r"(?:[(\[]\s?)?\+[\s()]{0,3}\d(?:[\s.\-/_()~*]{0,4}\d){6,15}")
_ZERO_ZERO = re.compile(r"(?<![\d.,/-])(?<!\w)(?:[(\[]\s?)?0\s?0[\s.\-()]{0,2}[1-9](?:[\s.\-/_()]{0,4}\d){6,15}")
_TRUNK = re.compile(r"\(\s?0\s?\)")
_BARE = re.compile(
    r"(?<![\d+.,-])(?:\(?33\)?[\s.-]{0,2}(?:\(\s?0\s?\)[\s.-]?)?[1-9](?:[\s.-]\d\d){4}"
    r"|\(?33\)?\s?\(\s?0\s?\)\s?[1-9](?:[\s.-]?\d\d){4}|\(\s?0\s?\)\s?[1-9](?:[\s.-]?\d\d){4})(?![\s.-]?\d)"
)
_LINK = re.compile(
    r"(?:wa\.me/(?:message/|send/)?|signal\.me/#p/|(?<![a-z])(?:tel|sms|callto|whatsapp|viber)://?"
    r"|(?<![a-z])(?:tel|sms|callto):|[?&;#/](?:[a-z]*_)?(?:phone(?:number)?|tel|t[ée]l[ée]phone|mobile|portable|gsm|fax|whatsapp|contact|num(?:ero)?"
    r"|number|call|appel|recipient|to)"
    r"[=/:])[\s+(]{0,2}\d(?:[\s.\-/_()+]{0,2}\d){7,14}",
    re.IGNORECASE,
)
# An O typed for a zero: one sign for one, so that places stay.
_LETTER_O = re.compile(
    r"(?<![^\W\d_])[oO](?=[\s./_-]{0,3}[1-9](?:[\s./_-]{0,3}[\doO]){8}(?!\d))|(?<=\d)[oO](?=[\s./_-]{0,2}\d)"
    r"|(?<=[\s./_-])[oO](?=\d\b)"
)

_PAIRS = (2, 2, 2, 2, 2)


class _Run(NamedTuple):
    """Digits in groups with what stands between them."""

    text: str
    groups: Sequence[Span]
    separators: Sequence[str]

    def digits(self, first: int, last: int) -> str:
        return "".join(self.text[start:end] for start, end in self.groups[first : last + 1])


def may_hold(text: str) -> bool:
    """Whether a text, as it was given, has as many digits as a number needs; false for nearly all, and fast."""
    return (_MAY_HOLD if text.isascii() else _MAY_HOLD_OTHERS).search(text) is not None


def find(text: str) -> Iterator[Span]:
    """Where phone numbers stand, in a text of `signs.read`."""
    text = _LETTER_O.sub("0", text)
    for match in _LINK.finditer(text):
        yield match.span()
    for pattern in (_PLUS, _ZERO_ZERO):
        for match in pattern.finditer(text):
            if end := _international(text, match, zero_zero=pattern is _ZERO_ZERO):
                yield match.start(), end
    for match in _BARE.finditer(text):
        if not _UNIT.match(text, match.end()) and not _OF_ANOTHER_KIND.search(text, 0, match.start()):
            yield match.span()
    for match in _RUN.finditer(text):
        if sum(end - start for start, end in _spans(match)) >= 8:
            spans = _spans(match)
            between = [text[one[1] : other[0]] for one, other in pairwise(spans)]
            yield from _national(_Run(text, spans, between))


def _spans(match: re.Match[str]) -> list[Span]:
    return [group.span() for group in _GROUP.finditer(match.string, match.start(), match.end())]


def _international(text: str, match: re.Match[str], *, zero_zero: bool) -> int | None:
    """Where a number after + or 00 ends: at the last group with which it is one."""
    ends = [group.end() for group in _GROUP.finditer(text, match.start(), match.end())]
    if ends[-1] < len(text) and text[ends[-1]].isdigit():
        ends.pop()
    before = text[max(0, match.start() - 30) : match.start()]
    for end in reversed(ends):
        digits = "".join(_GROUP.findall(_TRUNK.sub("", text[match.start() : end])))
        if zero_zero:
            digits = digits[2:]
            if not _COUNTRY_CODES.match(digits) or _OF_ANOTHER_KIND.search(before):
                continue
        if len(digits) < 8 or len(digits) > 15 or _UNIT.match(text, end):
            continue
        if _is_valid(f"+{digits}", None) or (digits.startswith("33") and len(digits) == 11):
            return end
    return None


def _is_valid(number: str, region: str | None) -> bool:
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(number, region))
    except phonenumbers.NumberParseException:
        return False


def _national(run: _Run) -> Iterator[Span]:
    """Numbers within a run of digits: those of ten digits with their zero, and what is called a number to ring."""
    start = run.groups[0][0]
    before = run.text[max(0, start - 40) : start]
    called = _CUE.search(before) is not None
    last_taken = -1
    first = 0
    while first < len(run.groups):
        last = _last_of_ten(run, first)
        if last is not None and _is_number(run, first, last, taken=last_taken == first - 1, called=called):
            yield run.groups[first][0], run.groups[last][1]
            last_taken, first = last, last + 1
        else:
            first += 1
    if last_taken >= 0:
        return
    digits = run.digits(0, len(run.groups) - 1)
    lengths = tuple(end - start for start, end in run.groups)
    after = run.groups[-1][1]
    lost_zero = lengths == (1, 2, 2, 2, 2) and digits[0] in "67" and len(set(map(str.strip, run.separators))) == 1
    is_said = 8 <= len(digits) <= 13 and not _is_date(run) and (called or _is_said_abroad(before, digits))
    if (is_said or lost_zero) and not _UNIT.match(run.text, after) and not _OF_ANOTHER_KIND.search(before):
        yield run.groups[0][0], after


def _is_said_abroad(before: str, digits: str) -> bool:
    return _FAR_CUE.search(before) is not None and any(_is_valid(digits, region) for region in _REGIONS)


def _last_of_ten(run: _Run, first: int) -> int | None:
    """The group with which ten digits that start with a zero and no second one are full."""
    total = 0
    for last in range(first, len(run.groups)):
        total += run.groups[last][1] - run.groups[last][0]
        if total >= 10:
            digits = run.digits(first, last)
            return last if total == 10 and digits[0] == "0" and digits[1] != "0" else None
    return None


def _is_number(run: _Run, first: int, last: int, *, taken: bool, called: bool) -> bool:
    groups = run.groups[first : last + 1]
    lengths = tuple(end - start for start, end in groups)
    between = [sign.strip() for sign in run.separators[first:last]]
    text, start, end = run.text, groups[0][0], groups[-1][1]
    previous = run.separators[first - 1] if first else None
    following = run.separators[last] if last < len(run.separators) else None
    digits = run.digits(first, last)
    valid = any(_is_valid(digits, region) for region in _REGIONS)
    if called and first == 0 and (valid or lengths == _PAIRS) and following is None:
        return True
    before = text[max(0, start - 40) : start]
    if _OF_ANOTHER_KIND.search(before) or _UNIT.match(text, end):
        return False
    if len(groups) == 1:
        return valid and _stands_alone(text, start, end, previous, following, run, last)
    kinds = set(between) - {"", "(", ")"}
    if lengths == _PAIRS:
        return (
            (len(kinds) <= 1 or (valid and kinds <= set(".-_") and not _are_hours(digits)))
            and not _is_list(digits)
            and not (kinds & set(",:;=") and ("" in between or not valid))
            and not ("" in between and kinds & set("/,:;=|"))
            and not (":" in kinds and text[end : end + 1] == ":")
            and not (kinds and "" in between and _is_date_and_time(digits))
            and (previous is None or taken or not _goes_on(run, first - 1, previous, between))
            and (following is None or _ends(run, last, following, between))
        )
    if lengths[0] in (3, 4) and between[0] == "/" and len(set(between[1:])) == 1:  # 0478/12.34.56, as in Belgium
        kinds -= {"/"}
    if not valid or kinds - set(".-_") or len(kinds) > 1 or (kinds and "" in between and lengths[0] != 4):
        return False
    if text[end : end + 1].isalpha():
        return False
    is_alone = (previous is None or taken or previous.strip() not in between) and (
        following is None or following.strip() not in between or _starts_number(run, last + 1)
    )
    return is_alone and _is_shape(lengths, kinds, text, groups)


def _is_shape(lengths: tuple[int, ...], kinds: set[str], text: str, groups: Sequence[Span]) -> bool:
    """Whether ten digits are put as those of a number may be: not as dates, postcodes, coordinates, ISBN."""
    is_year = any(re.fullmatch("(?:19|20)[0-9]{2}", text[start:end]) for start, end in groups[1:])
    is_decimal = len(lengths) == 2 and bool(kinds) and not (kinds == {"-"} and text[groups[0][1] - 1] in "67")
    is_isbn = "-" in kinds and len(lengths) == 4 and lengths[0] == lengths[3] == 1
    return not (is_year or is_decimal or is_isbn or lengths == (5, 5) or max(lengths) > 8)


def _stands_alone(
    text: str, start: int, end: int, previous: str | None, following: str | None, run: _Run, last: int
) -> bool:
    """Whether ten digits in one are no part of a longer code or number."""
    if start and (text[start - 1].isalpha() or text[start - 1] in "°$=" or previous in (".", ",", "-", "_", ":")):
        return False
    if start > 1 and text[start - 1] in "-_." and text[start - 2].isalnum():
        return False
    if end < len(text) and (text[end].isalpha() or text[end : end + 2] in ("-X",)):
        return False
    return following not in (".", ",", "-", "_", "/", ":") or _starts_number(run, last + 1)


def _starts_number(run: _Run, first: int) -> bool:
    return _last_of_ten(run, first) is not None


def _goes_on(run: _Run, group: int, separator: str, between: Sequence[str]) -> bool:
    """Whether a pair before belongs to the same list of pairs."""
    return run.groups[group][1] - run.groups[group][0] <= 2 and separator.strip() in between


def _ends(run: _Run, last: int, separator: str, between: Sequence[str]) -> bool:
    start, end = run.groups[last + 1]
    if end - start > 2 or separator.strip() not in between or _starts_number(run, last + 1):
        return True
    # 24h/24, 7j/7; and the number of a house.
    return last + 2 == len(run.groups) and re.match(r"\s?[^\W\d_]", run.text[end:]) is not None


def _is_list(digits: str) -> bool:
    """01 02 03 04 05: numbers one after the other."""
    pairs = [int(digits[n : n + 2]) for n in range(0, 10, 2)]
    steps = {after - before for before, after in pairwise(pairs)}
    return len(steps) == 1 and steps <= {1, 0}


def _are_hours(digits: str) -> bool:
    """08.30-12.00 14: hours to the quarter, the signs between them mixed as those of no number should be."""
    return {digits[2:4], digits[6:8]} <= {"00", "15", "30", "45"}


def _is_date_and_time(digits: str) -> bool:
    day, month, _year, hour, minute = (int(digits[n : n + 2]) for n in range(0, 10, 2))
    return day <= 31 and month <= 12 and hour <= 23 and minute <= 59


def _is_date(run: _Run) -> bool:
    lengths = tuple(end - start for start, end in run.groups)
    return lengths[:3] in ((2, 2, 4), (4, 2, 2), (1, 2, 4), (4, 4), (1, 1, 4), (2, 1, 4)) or lengths == (4, 4)
