"""What a block's statements mention, and whether a check may find something in them: told by their text, line by line.

A check asks a store, which takes long to fill. Of most records the text tells that no check finds anything, as long as
nothing connects them with others (`clirld.validate.parts`). What is told errs on the safe side: a record that is passed
over has no result; one that is looked at may have none either.

    a check whose header says `needs`   finds nothing without a statement of one of these properties, classes, concepts
    those of `_TOLD_HERE`               find nothing in what the functions below let pass
    any other check                     every record is looked at
"""

from __future__ import annotations

import mmap
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from clirld.map.blocks import Block
from clirld.settings import BASE
from clirld.validate.shacl import Check, term_text
from clirld.values import contacts, personal_data
from clirld.values.persons import streets
from clirld.values.web_url import refused_as_personal

_TOLD_HERE = {
    *("ConceptDeprecated", "DateInFuture", "PersonalData", "ReferenceDangling"),
    *("PointOutsideFrance", "PointZero", "PostcodeElsewhere"),
}

_CONCEPT = f"{BASE}concept/".encode()
_OWN = f"{BASE}id/".encode()
_OTHERS = tuple(_OWN + kind for kind in (b"territory/", b"dataset/", b"distribution/"))
"""Territories, datasets and files are in graphs of their own, and connect nothing."""

_DEPRECATED = "<http://www.w3.org/2002/07/owl#deprecated>"
_READ = b"<http://www.w3.org/ns/prov#generatedAtTime>"
_LOCN = b"<http://www.w3.org/ns/locn#"
_STREET = _LOCN + b"thoroughfare>"
_TEXTS = {_STREET, _LOCN + b"postName>", f"<{BASE}ontology#sourceCategory>".encode()}
"""Properties of texts without a language that contacts are looked for in."""
_ADDRESSES = {
    b"<http://xmlns.com/foaf/0.1/homepage>",
    b"<http://xmlns.com/foaf/0.1/page>",
    b"<http://purl.org/dc/terms/source>",
}
_DATES = {
    *(f"<{BASE}ontology#{name}>".encode() for name in ("startYear", "year", "populationYear")),
    *(b"<http://schema.org/" + name for name in (b"foundingDate>", b"startDate>")),
}
_SEAT = f"<{BASE}ontology#seatedIn>".encode()
_COMMUNE = _OWN + b"territory/commune-"
_POSTCODE = _LOCN + b"postCode>"
_WKT = b"<http://www.opengis.net/ont/geosparql#asWKT>"
_POINT = re.compile(rb"POINT\((-?[0-9]{1,3}(?:\.[0-9]+)?) (-?[0-9]{1,3}(?:\.[0-9]+)?)\)")
_NOT_TEXTS = {*_DATES, _READ, _WKT, _POSTCODE}
_NUMBERS = {f"<{BASE}ontology#{name}>".encode() for name in ("siren", "rna")}

_LINES_KNOWN = 100_000
"""Lines whose meaning is remembered: types, places and dates are the same in many blocks."""


class Seen(NamedTuple):
    """Of a block: the things and the values that it states, what it refers to, and whether a check may find something.

    `departements` are those of its postcodes and communes: a check may find something in a record with several.
    `is_own` tells whether it is about a thing of the source's own.
    """

    stated: list[bytes]
    mentioned: list[bytes]
    departements: list[bytes]
    may_find: bool
    is_own: bool


class _Line(NamedTuple):
    """Of a line: whether a check may find something, and what counts for the block."""

    may_find: bool = False
    mentioned: bytes = b""
    """A thing of a source's own."""
    value: bytes = b""
    """What is compared."""
    text: str = ""
    """It may name a person."""
    is_number: bool = False
    """An official number of an organization."""
    departement: bytes = b""


_NOTHING = _Line()


class Statements:
    """Reads the blocks of one graph."""

    def __init__(self, checks: Sequence[Check], concepts: Iterable[str], year: int | None = None) -> None:
        """`concepts` are the N-Quads of the concepts beside the graph; `year` is that of its first record, if known."""
        self._finds_anywhere = any(not check.needs and check.name not in _TOLD_HERE for check in checks)
        self._needed = {f"<{one}>".encode() for check in checks for one in check.needs}
        self._together = {f"<{one}>".encode() for check in checks for one in check.together}
        self._telling = {*_TEXTS, *_ADDRESSES, *_NOT_TEXTS, *_NUMBERS, *self._needed, *self._together}
        statements = [line.split(" ", 2) for line in concepts]
        deprecated = {subject for subject, predicate, _ in statements if predicate == _DEPRECATED}
        self._concepts = {subject[1:-1].encode() for subject, _, _ in statements if subject not in deprecated}
        self._year = year
        """That in which the first record was read."""
        self._known: dict[bytes, _Line] = {}

    def read(self, block: Block) -> Seen:
        """What is seen of a block."""
        text, known = block.text, self._known
        start = text.find(b" ") + 1
        subject = text[1 : start - 2]
        seen = Seen([subject], [], [], self._finds_anywhere, is_own(subject))
        may_find, has_number = seen.may_find, False
        texts: list[str] = []
        for line in text.split(b"\n")[:-1]:
            rest = line[start:]
            told = known.get(rest)
            if told is None:
                predicate, _, term = rest.partition(b" ")
                if self._is_plain(predicate, term):
                    continue
                told = self._line(rest, predicate, term)
                if not (told.text or told.mentioned):  # which are hardly ever the same twice
                    known[rest] = told
            if told is _NOTHING:
                continue
            may_find = may_find or told.may_find
            has_number = has_number or told.is_number
            if told.mentioned:
                seen.mentioned.append(told.mentioned)
            if told.value:
                seen.stated.append(told.value)
            if told.departement:
                seen.departements.append(told.departement)
            if told.text:
                texts.append(told.text)
        if len(known) > _LINES_KNOWN:
            known.clear()
        # The name of an organization with an official number may be its owner's.
        may_find = may_find or (not has_number and any(map(personal_data.names_person, texts)))
        return seen._replace(may_find=may_find) if may_find else seen

    def _is_plain(self, predicate: bytes, term: bytes) -> bool:
        """Whether a statement is of a code or a text without a language, which tells nothing: many are."""
        is_code = term.startswith(b'"') and b"@" not in term and b"\\" not in term
        return is_code and predicate not in self._telling

    def _line(self, rest: bytes, predicate: bytes, term: bytes) -> _Line:
        """What a line tells, without its subject."""
        may_find, iri, text = predicate in self._needed, b"", ""
        if term.startswith(b'"'):
            finds, text = self._of_literal(predicate, term)
        elif term.startswith(b"<"):
            iri = term[1 : term.find(b">")]
            finds = self._of_iri(predicate, iri)
        else:
            finds = True
        line = _Line(
            may_find or finds,
            iri if is_own(iri) else b"",
            rest.rpartition(b" <")[0] if predicate in self._together else b"",
            text,
            predicate in _NUMBERS,
            _departement(predicate, iri, term),
        )
        return _NOTHING if line == _NOTHING else line

    def _of_iri(self, predicate: bytes, iri: bytes) -> bool:
        """Whether a check may find something in a statement with this object."""
        if b"<" + iri + b">" in self._needed or b"\\" in iri:
            return True
        if iri.startswith(_CONCEPT) and iri not in self._concepts:
            return True
        return predicate in _ADDRESSES and refused_as_personal(iri.decode())

    def _of_literal(self, predicate: bytes, term: bytes) -> tuple[bool, str]:
        """Whether a check may find something in a statement with this object; a text that may name a person."""
        end = term.rindex(b'"')  # neither the datatype nor the graph has one
        written, has_language = term[1:end], term.startswith(b"@", end + 1)
        if not has_language and predicate not in _TEXTS and b"@" not in written and b"\\" not in written:
            if predicate == _WKT:
                return not _is_in_france(written), ""
            return predicate in _ADDRESSES or not self._is_past(predicate, written), ""
        text = term_text(term[: end + 1].decode()) if b"\\" in written else written.decode()
        if predicate in _ADDRESSES or predicate in _NOT_TEXTS or contacts.find(text):
            return True, ""
        return predicate == _STREET and bool(streets.find(text)), text if has_language else ""

    def _is_past(self, predicate: bytes, written: bytes) -> bool:
        """Whether a date lies not after the year that follows the one in which the first record was read.

        Of a date of reading: whether it is not earlier. True for what is no date.
        """
        if predicate != _READ and predicate not in _DATES:
            return True
        if len(written) < 4 or not written[:4].isdigit():
            return False
        year = int(written[:4])
        if predicate == _READ:
            self._year = self._year or year
            return year >= self._year
        return self._year is not None and year <= self._year + 1


def first_year(graph: Path) -> int | None:
    """The year in which the first record of a graph was read; None where it does not say so."""
    if not graph.stat().st_size:
        return None
    beginning = b" " + _READ + b' "'  # no text of a literal can be this: a quotation mark in one is escaped
    with graph.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as text:
        found = text.find(beginning)
        year = text[found + len(beginning) : found + len(beginning) + 4] if found >= 0 else b""
    return int(year) if year.isdigit() else None


def _is_in_france(written: bytes) -> bool:
    """Whether what is written is a point in the box around metropolitan France, or no point."""
    if not written.startswith(b"POINT"):
        return True
    point = _POINT.fullmatch(written)
    return point is not None and -5.3 < float(point[1]) < 9.7 and 41.2 < float(point[2]) < 51.2


def _departement(predicate: bytes, iri: bytes, term: bytes) -> bytes:
    """The beginning of a postcode, as the check of postcodes expects it of the commune of a seat."""
    if predicate == _SEAT and iri.startswith(_COMMUNE):
        code = iri.removeprefix(_COMMUNE)
        return b"20" if code.startswith((b"2A", b"2B")) else _beginning(code)
    return _beginning(term[1:4]) if predicate == _POSTCODE else b""


def _beginning(code: bytes) -> bytes:
    return code[:3] if code.startswith((b"97", b"98")) else code[:2]


def is_own(iri: bytes) -> bool:
    """Whether it names a thing that a source describes, and no other one."""
    return iri.startswith(_OWN) and not iri.startswith(_OTHERS)
