"""What the columns of an unknown file may mean: profiles of columns in, a proposal for each column out.

A column whose name says what it is, and whose values can be that, is believed before one whose values alone look so;
of several, the one with more values. Anything personal is never proposed; no canonical column is proposed twice; what
is unsure is proposed as nothing, with the reason; a guess from values alone says so. A person decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from clirld.draft import concepts, geocoder, identifier_column, name_columns
from clirld.draft.candidate import Candidate
from clirld.draft.card_lines import TO_CHECK
from clirld.draft.evidence import (
    ColumnNames,
    are_place_codes,
    axis,
    distinctive_type,
    is_point,
    is_wordy,
    personal_columns,
    place_code,
    valid_share,
    value_separator,
)
from clirld.draft.identifier_column import IDENTIFIER
from clirld.draft.row_kind import EXACT_NAME, table_of
from clirld.draft.sniff import UNNAMED_PREFIX, ColumnProfile, SniffResult
from clirld.values.cleaners import CLEANERS
from clirld.values.persons import columns as person_columns
from clirld.values.persons import streets
from clirld.values.persons.columns import speaks_of_carrier
from clirld.vocabulary.tables import Column, Tables
from clirld.vocabulary.terms import Vocabulary

_MIN_CONSTANT_ROWS = 20
"""A column with one value in more rows than that tells no row from another: GeoJSON's `type: Feature`."""

_MIN_VALID_SHARE = 0.95
_MIN_VALID_SHARE_IF_NAMED = 0.6
_FROM_CONTENT = ("à vérifier : d'après le contenu seul", "to check: from the content alone")
_OF_GEOJSON = ("type", "geometry.type")
_ORGANIZATION_ONLY = ("siren", "siret", "rna", "legal_form", "naf", "founded")


@dataclass(frozen=True, slots=True)
class ColumnProposal:
    """What a column is proposed for (`to` empty: nothing), and why, in French and English."""

    column: ColumnProfile
    to: tuple[str, ...] = ()
    why_fr: str = ""
    why_en: str = ""
    personal: bool = False
    some_persons: bool = False
    """Whether persons are named in some of its cells, among others."""
    by: str | None = None
    level: str | None = None
    lookup: str | None = None
    split: str | None = None
    join: str | None = None


@dataclass(frozen=True, slots=True)
class CardProposal:
    """Proposals for all columns, the table each row seems to make, and skeletons of the lookups needed."""

    table: str
    columns: tuple[ColumnProposal, ...]
    lookups: dict[str, dict[str, str | None]] = field(default_factory=dict)

    def of(self, target: str) -> ColumnProposal | None:
        """The proposal for a canonical column, if there is one."""
        return next((one for one in self.columns if target in one.to), None)


def propose(sniffed: SniffResult, tables: Tables, vocabulary: Vocabulary, names: ColumnNames) -> CardProposal:
    """Proposals for every column of a file, in the file's order."""
    personal = personal_columns(sniffed.columns)
    publishable = [column for column in sniffed.columns if column.name not in personal]
    types = {column.name: kind for column in publishable if (kind := distinctive_type(column))}
    table = table_of(publishable, types, names)
    if sniffed.layout.format == "geojson":
        publishable = [column for column in publishable if column.name not in _OF_GEOJSON]
    proposer = _Proposer(table, tables, vocabulary, names, types)
    chosen = proposer.assign(publishable)
    identifier = identifier_column.identifier(publishable, chosen, names)
    lookups: dict[str, dict[str, str | None]] = {}
    proposals = []
    for column in sniffed.columns:
        if column.name in personal:
            fr, en = personal[column.name]
            why = (f"personnel, jamais publié : {fr}", f"personal, never published: {en}")
            proposals.append(ColumnProposal(column, (), *why, personal=True))
            continue
        if sniffed.layout.format == "geojson" and column.name in _OF_GEOJSON:
            proposals.append(ColumnProposal(column, (), "du format GeoJSON", "of the format GeoJSON"))
            continue
        proposal = proposer.proposal(column, chosen.get(column.name), lookups)
        if column.name == identifier and IDENTIFIER not in proposal.to:
            proposal = _as_identifier(proposal)
        elif column.name != identifier and proposal.to == (IDENTIFIER,) and are_place_codes(column.counts):
            proposal = ColumnProposal(column, (), "à vérifier : codes de lieux", "to check: codes of places")
        elif column.name != identifier and proposal.to == (IDENTIFIER,) and identifier_column.is_row_number(column):
            proposal = ColumnProposal(column, (), "numéro de la ligne", "number of the row")
        if proposal.to == ("street",) and streets.some_homes(column.counts):
            why = ("des particuliers à l'adresse : ne sert qu'à placer", "persons at the address: only places")
            proposal = replace(proposal, to=("private_address",), why_fr=f"{TO_CHECK} : {why[0]}", why_en=why[1])
        if person_columns.some_persons(column.name, column.counts):
            fr = "; ".join(filter(None, (proposal.why_fr, f"{TO_CHECK} : des personnes parmi les valeurs")))
            en = "; ".join(filter(None, (proposal.why_en, "persons among the values")))
            proposal = replace(proposal, why_fr=fr, why_en=en, some_persons=True)
        proposals.append(proposal)
    if "latitude" in tables[table].columns and not any("latitude" in one.to for one in proposals):
        proposals = [
            ColumnProposal(one.column, ("latitude", "longitude"), *_FROM_CONTENT)
            if not (one.to or one.personal) and is_point(one.column)
            else one
            for one in proposals
        ]
    return CardProposal(table, tuple(_with_complement(_with_siren(proposals), names)), lookups)


def _with_complement(proposals: Sequence[ColumnProposal], names: ColumnNames) -> list[ColumnProposal]:
    """The rest of an address goes where the street goes, joined to it; not published where it names persons."""
    places = [n for n, one in enumerate(proposals) if one.to in (("street",), ("private_address",))]
    rests = [
        n for n, one in enumerate(proposals) if not (one.to or one.personal) and names.completes_street(one.column.name)
    ]
    if len(places) != 1 or not rests:
        return list(proposals)
    to = proposals[places[0]].to
    if any(streets.some_homes(proposals[n].column.counts) for n in rests):
        to = ("private_address",)
    first = min(*places, *rests)
    why = (f"{TO_CHECK} : la suite de l'adresse", "the rest of the address")
    completed = list(proposals)
    for n in (*places, *rests):
        fr, en = (completed[n].why_fr, completed[n].why_en) if n in places else why
        completed[n] = replace(completed[n], to=to, join=None if n == first else ", ", why_fr=fr, why_en=en)
    return completed


def _with_siren(proposals: Sequence[ColumnProposal]) -> list[ColumnProposal]:
    """A SIRET gives the SIREN too, where no column has it: organizations are joined by it."""
    given = {to for one in proposals for to in one.to}

    def missing(one: ColumnProposal) -> tuple[str, ...]:
        sirens = [f"{to.removesuffix('siret')}siren" for to in one.to if to in ("siret", "organization.siret")]
        return tuple(to for to in sirens if to not in given)

    return [replace(one, to=(*one.to, *missing(one))) for one in proposals]


def _as_identifier(proposal: ColumnProposal) -> ColumnProposal:
    fr, en = "une valeur par ligne", "one value a row"
    if proposal.to:
        fr, en = "; ".join(filter(None, (fr, proposal.why_fr))), "; ".join(filter(None, (en, proposal.why_en)))
    return replace(proposal, to=(IDENTIFIER, *proposal.to), why_fr=fr, why_en=en)


@dataclass(frozen=True, slots=True)
class _Proposer:
    table: str
    tables: Tables
    vocabulary: Vocabulary
    names: ColumnNames
    types: dict[str, str]

    # which column for which target ----------------------------------------------------------------

    def assign(self, columns: Sequence[ColumnProfile]) -> dict[str, Candidate]:
        """The best candidate of each column; of those for the same target, the best first, the others not."""
        candidates = [one for column in columns for one in self._candidates(column)]
        candidates += self._coordinates(columns)
        if any(one.to == "commune" for one in candidates):
            reason = ("se déduit de la commune", "follows from the commune")
            candidates = [
                replace(one, to="", why_fr=reason[0], why_en=reason[1]) if one.to.startswith("acts_in") else one
                for one in candidates
            ]
        order = {column.name: n for n, column in enumerate(columns)}
        chosen: dict[str, Candidate] = {}
        column_by_target: dict[str, str] = {}
        for one in sorted(candidates, key=lambda one: (*one.rank, order[one.column.name])):
            name = one.column.name
            if name in chosen and chosen[name].to:
                continue
            if not one.to or one.to not in column_by_target:
                chosen[name] = one
                column_by_target |= {one.to: name} if one.to else {}
            elif one.says_so and one.column.filled and (one.to != IDENTIFIER or self._can_identify(one.column)):
                first = column_by_target[one.to]
                why = (f"{first} est déjà proposé pour {one.to}", f"{first} is proposed for {one.to} already")
                chosen.setdefault(name, Candidate(0, one.column, "", *why))
        return chosen

    def _candidates(self, column: ColumnProfile) -> Iterable[Candidate]:
        # Scores by the kind of evidence: a platform 300, a number with a check digit or an address that is called so
        # from 200, names up to 101, contents alone 30 to 60.
        if geocoder.is_of_geocoder(column.name):
            yield from geocoder.candidates(column, self.tables[self.table].columns)
            return
        if host := self.names.platform(column):
            fr, en = f"page sur une plateforme ({host})", f"page on a platform ({host})"
            yield Candidate(300, column, "", fr, en)
            return
        distinctive = self.types.get(column.name)
        if distinctive == "url":
            to, score = self.names.best_match(column.name, ["homepage", "record.page"])
            if score:
                yield Candidate(100 + score, column, to, "", "", named=True)
            else:
                yield Candidate(45, column, "homepage", *_FROM_CONTENT)
            return
        if distinctive and (target := self._target_column(distinctive)):
            kind = distinctive.upper()
            share = f"{valid_share(column, distinctive):.0%}"
            fr, en = f"{share} de {kind} valides", f"{share} are valid {kind}"
            if score := self.names.similarity(column.name, distinctive):
                yield Candidate(100 + score, column, target, fr, en, named=True)
            else:
                yield Candidate(60, column, target, f"{_FROM_CONTENT[0]}, {fr}", f"{_FROM_CONTENT[1]}, {en}")
            return
        for to, score in self._matches(column.name):
            valid = self._valid_share(column, self._type(to))
            if valid >= _MIN_VALID_SHARE_IF_NAMED or not column.filled:
                yield Candidate(score + valid, column, to, "", "", named=True)
            elif valid and score >= EXACT_NAME:  # what it is called counts for more than what is wrong in it
                fr, en = f"{valid:.0%} de valeurs valides", f"{valid:.0%} of the values are valid"
                yield Candidate(score + valid, column, to, fr, en, named=True)
        if self.table == "initiative":
            for level in ("region", "departement", "epci"):
                if score := self.names.level_similarity(column.name, level):
                    yield Candidate(score - 5, column, f"acts_in:{level}", "", "", named=True)
        if column.name.startswith(UNNAMED_PREFIX) and is_wordy(column):
            yield Candidate(30, column, "name", *_FROM_CONTENT)
        elif score := name_columns.likeness(column, self.names):
            yield Candidate(
                score, column, "name", f"{TO_CHECK} : les noms ? d'après le contenu", "the names? from content"
            )
        if code := place_code(column):
            yield Candidate(40, column, code, *_FROM_CONTENT)

    def _matches(self, name: str) -> Iterable[tuple[str, float]]:
        """The targets that a column is called like; in an object about the carrier, those of the organization."""
        parent, _dot, key = name.rpartition(".")
        if self.table != "initiative" or not parent or not speaks_of_carrier(parent):
            return self.names.matches(name, self._targets())
        columns = self.tables["organization"].columns
        matches = self.names.matches(
            key, [one for one in columns if one in self._targets() or one in _ORGANIZATION_ONLY]
        )
        return [(f"organization.{to}", score) for to, score in matches]

    def _valid_share(self, column: ColumnProfile, kind: str) -> float:
        """Share of the values that can be of a type; a name is not made of digits alone."""
        if kind == "name":
            lettered = sum(n for value, n in column.counts.items() if any(sign.isalpha() for sign in value))
            return lettered / max(1, sum(column.counts.values()))
        return valid_share(column, kind) if kind in CLEANERS else 1.0

    def _targets(self) -> list[str]:
        columns = self.tables[self.table].columns
        own = [name for name, one in columns.items() if not one.sources and one.type not in ("key", "territory")]
        others = [IDENTIFIER, "record.page"]
        if self.table == "initiative":
            others += ["organization.name", *(f"organization.{name}" for name in _ORGANIZATION_ONLY)]
        return own + others

    def _can_identify(self, column: ColumnProfile) -> bool:
        return identifier_column.can_identify(column, self.names)

    def _target_column(self, name: str) -> str | None:
        """A column of the table, or of the organization that an initiative's row also makes."""
        columns = self.tables[self.table].columns
        if name in columns:
            return name
        return f"organization.{name}" if name in _ORGANIZATION_ONLY else None

    def _type(self, to: str) -> str:
        table, _, column = to.rpartition(".")
        return self.tables[table or self.table].columns[column].type

    def _coordinates(self, columns: Sequence[ColumnProfile]) -> Iterable[Candidate]:
        """Two columns of decimal degrees side by side, the first north and the second around Greenwich (or turned)."""
        if "latitude" not in self.tables[self.table].columns:
            return
        columns = [column for column in columns if not geocoder.is_of_geocoder(column.name)]
        kinds = [axis(column) for column in columns]
        for n in range(len(columns) - 1):
            if {kinds[n], kinds[n + 1]} == {"latitude", "longitude"}:
                for column, kind in ((columns[n], kinds[n]), (columns[n + 1], kinds[n + 1])):
                    yield Candidate(50, column, str(kind), *_FROM_CONTENT)

    # how a column goes to its target --------------------------------------------------------------

    def proposal(
        self, column: ColumnProfile, candidate: Candidate | None, lookups: dict[str, dict[str, str | None]]
    ) -> ColumnProposal:
        """The proposal of a column from its candidate, with what its type needs: level, by, lookup."""
        if candidate is None:
            fr, en = ("vide dans l'extrait lu", "empty in the rows read") if not column.filled else ("", "")
            return ColumnProposal(column, (), fr or "à vérifier : sens inconnu", en or "to check: meaning unknown")
        if not candidate.to or (candidate.to == IDENTIFIER and not self._can_identify(column)):
            fr, en = "pas une valeur stable par ligne", "not one lasting value a row"
            fr, en = candidate.why_fr or fr, candidate.why_en or en
            return ColumnProposal(column, (), fr, en)
        fr, en = candidate.why_fr, candidate.why_en
        if not column.filled:
            fr, en = "d'après le nom ; vide dans l'extrait lu", "from its name; empty in the rows read"
        to, _, level = candidate.to.partition(":")
        if level:
            return ColumnProposal(column, (to,), " : ".join(filter(None, (TO_CHECK, fr))), en, level=level)
        table, _, name = to.rpartition(".")
        canonical = self.tables[table or self.table].columns[name]
        split = value_separator(column) if canonical.list else None
        proposal = ColumnProposal(column, (to,), fr, en, split=split)
        return proposal if canonical.type != "concept" else self._concept(proposal, canonical, lookups)

    def _concept(
        self, proposal: ColumnProposal, canonical: Column, lookups: dict[str, dict[str, str | None]]
    ) -> ColumnProposal:
        scheme, split = canonical.scheme or "", proposal.split
        cells = list(proposal.column.counts)
        values = [part.strip() for cell in cells for part in cell.split(split)] if split else cells
        values = [value for value in dict.fromkeys(values) if value]
        if not values:
            return proposal
        reading = concepts.read_as(values, scheme, self.vocabulary)
        if reading.by:
            return replace(proposal, by=reading.by)
        if len(values) == 1 and proposal.column.rows > _MIN_CONSTANT_ROWS:
            fr, en = "à vérifier : la même valeur partout", "to check: the same value everywhere"
            return ColumnProposal(proposal.column, (), fr, en)
        if not reading.lookup:
            fr = f"{TO_CHECK} : {canonical.name} ? {reading.why_fr}"
            return ColumnProposal(proposal.column, (), fr, f"{canonical.name}? {reading.why_en}")
        lookups[canonical.name] = reading.lookup
        return replace(proposal, lookup=canonical.name)
