"""What the columns of an unknown file may mean: profiles of columns in, a proposal for each column out.

Identifiers with a check digit or a shape of their own are believed before names; anything personal is never proposed;
no canonical column is proposed twice; what is unsure is proposed as nothing, with the reason. A person decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from statistics import median

from rapidfuzz import fuzz

from clirld.draft.evidence import Names, passing, split_sign, strong_type, words
from clirld.draft.sniff import UNNAMED, Profile, Sniffed
from clirld.values.cleaners import CLEANERS
from clirld.vocabulary.tables import Column, Tables
from clirld.vocabulary.terms import Vocabulary

LOOKUP_SIZE = 30
_LOOKUP_LENGTH = 200
_CONSTANT_IN = 20
"""A column with one value in more rows than that tells no row from another: GeoJSON's `type: Feature`."""

_FITS = 0.95
_FITS_NAMED = 0.6
_SOME = 5
_CONTENT = ("d'après le contenu seul", "from the content alone")
_IDENTIFIER = "record.identifier"
_ORGANIZATION_ONLY = ("siren", "siret", "rna", "legal_form", "naf", "founded")


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a column is proposed for (`to` empty: nothing), and why, in French and English."""

    column: Profile
    to: tuple[str, ...] = ()
    why_fr: str = ""
    why_en: str = ""
    personal: bool = False
    by: str | None = None
    level: str | None = None
    lookup: str | None = None
    split: str | None = None


@dataclass(frozen=True, slots=True)
class Proposed:
    """Proposals for all columns, the table each row seems to make, and skeletons of the lookups needed."""

    table: str
    columns: tuple[Proposal, ...]
    lookups: dict[str, dict[str, str | None]] = field(default_factory=dict)

    def of(self, target: str) -> Proposal | None:
        """The proposal for a canonical column, if there is one."""
        return next((one for one in self.columns if target in one.to), None)


@dataclass(frozen=True, slots=True)
class _Candidate:
    score: float
    column: Profile
    to: str
    why_fr: str
    why_en: str


def propose(sniffed: Sniffed, tables: Tables, vocabulary: Vocabulary, names: Names) -> Proposed:
    """Proposals for every column of a file, in the file's order."""
    personal = {column.name for column in sniffed.columns if names.personal(column, sniffed.columns)}
    open_ = [column for column in sniffed.columns if column.name not in personal]
    strong = {column.name: kind for column in open_ if (kind := strong_type(column))}
    table = _table(open_, strong, names)
    work = _Work(table, tables, vocabulary, names, strong)
    chosen = work.assign(open_)
    identifier = work.identifier(open_, chosen)
    lookups: dict[str, dict[str, str | None]] = {}
    proposals = []
    for column in sniffed.columns:
        if column.name in personal:
            why = ("personnel : jamais publié", "personal: never published")
            proposals.append(Proposal(column, (), *why, personal=True))
            continue
        proposal = work.finish(column, chosen.get(column.name), lookups)
        if column.name == identifier and _IDENTIFIER not in proposal.to:
            proposal = _identifying(proposal)
        proposals.append(proposal)
    return Proposed(table, tuple(proposals), lookups)


def _identifying(proposal: Proposal) -> Proposal:
    fr, en = "une valeur par ligne", "one value a row"
    if proposal.to:
        fr, en = "; ".join(filter(None, (fr, proposal.why_fr))), "; ".join(filter(None, (en, proposal.why_en)))
    return replace(proposal, to=(_IDENTIFIER, *proposal.to), why_fr=fr, why_en=en)


def _table(columns: Sequence[Profile], strong: dict[str, str], names: Names) -> str:
    """`organization` for rows that nearly all have a legal identifier and name no other carrier, else `initiative`."""
    legal = any(strong.get(column.name) in ("siren", "siret", "rna") and column.fill >= 0.8 for column in columns)
    carried = any(names.likeness(one.name, "organization.name") and one.fill >= 0.5 for one in columns)
    return "organization" if legal and not carried else "initiative"


@dataclass(frozen=True, slots=True)
class _Work:
    table: str
    tables: Tables
    vocabulary: Vocabulary
    names: Names
    strong: dict[str, str]

    # which column for which target ----------------------------------------------------------------

    def assign(self, columns: Sequence[Profile]) -> dict[str, _Candidate]:
        """The best candidate of each column; of those for the same target, the best first, the others not."""
        candidates = [one for column in columns for one in self._candidates(column)]
        candidates += self._coordinates(columns)
        if any(one.to == "commune" for one in candidates):
            follows = ("se déduit de la commune", "follows from the commune")
            candidates = [
                _Candidate(one.score, one.column, "", *follows) if one.to.startswith("acts_in") else one
                for one in candidates
            ]
        order = {column.name: n for n, column in enumerate(columns)}
        chosen: dict[str, _Candidate] = {}
        taken: dict[str, str] = {}
        for one in sorted(candidates, key=lambda one: (-one.score, order[one.column.name])):
            name = one.column.name
            if name in chosen and chosen[name].to:
                continue
            if not one.to or one.to not in taken:
                chosen[name] = one
                taken |= {one.to: name} if one.to else {}
            else:
                first = taken[one.to]
                why = (f"{first} est déjà proposé pour {one.to}", f"{first} is proposed for {one.to} already")
                chosen.setdefault(name, _Candidate(0, one.column, "", *why))
        return chosen

    def _candidates(self, column: Profile) -> Iterable[_Candidate]:
        if host := self.names.platform(column):
            fr, en = f"page sur une plateforme ({host})", f"page on a platform ({host})"
            yield _Candidate(300, column, "", fr, en)
            return
        strong = self.strong.get(column.name)
        if strong == "url":
            to, score = self.names.best(column.name, ["homepage", "record.page"])
            yield _Candidate(100 + score, column, to or "homepage", *(("", "") if score else _CONTENT))
            return
        if strong and (own := self._placed(strong)):
            kind = strong.upper()
            share = f"{passing(column, strong):.0%}"
            fr, en = f"{share} de {kind} valides", f"{share} are valid {kind}"
            yield _Candidate(200 + self.names.likeness(column.name, strong), column, own, fr, en)
            return
        for to, score in self.names.all(column.name, self._targets()):
            fits = self._fits(column, self._type(to))
            if fits >= _FITS_NAMED or not column.filled:
                yield _Candidate(score + fits, column, to, "", "")
        if self.table == "initiative":
            for level in ("region", "departement", "epci"):
                if score := self.names.level(column.name, level):
                    yield _Candidate(score - 5, column, f"acts_in:{level}", "", "")
        if column.name.startswith(UNNAMED) and _worded(column):
            yield _Candidate(30, column, "name", *_CONTENT)
        if code := self._code(column):
            yield _Candidate(40, column, code, *_CONTENT)

    def _fits(self, column: Profile, kind: str) -> float:
        """Share of the values that can be of a type; a name is not made of digits alone."""
        if kind == "name":
            lettered = sum(n for value, n in column.counts.items() if any(sign.isalpha() for sign in value))
            return lettered / max(1, sum(column.counts.values()))
        return passing(column, kind) if kind in CLEANERS else 1.0

    def _targets(self) -> list[str]:
        columns = self.tables[self.table].columns
        own = [name for name, one in columns.items() if not one.sources and one.type not in ("key", "territory")]
        others = [_IDENTIFIER, "record.page"]
        if self.table == "initiative":
            others += ["organization.name", *(f"organization.{name}" for name in _ORGANIZATION_ONLY)]
        return own + others

    def _placed(self, name: str) -> str | None:
        """A column of the table, or of the organization that an initiative's row also makes."""
        columns = self.tables[self.table].columns
        if name in columns:
            return name
        return f"organization.{name}" if name in _ORGANIZATION_ONLY else None

    def _type(self, to: str) -> str:
        table, _, column = to.rpartition(".")
        return self.tables[table or self.table].columns[column].type

    def _code(self, column: Profile) -> str | None:
        """Five-sign codes of which nothing says what they are: most postcodes end in 0, most communes' codes do not."""
        values = [value.strip() for value in column.counts]
        if column.many or len(values) < 10 or not all(re.fullmatch(r"[0-9][0-9AB][0-9]{3}", value) for value in values):
            return None
        if passing(column, "insee_commune") < _FITS:
            return None
        zeros = sum(value.endswith("0") for value in values) / len(values)
        return "postcode" if zeros >= 0.6 else "commune" if zeros <= 0.3 and values != sorted(values) else None

    def _coordinates(self, columns: Sequence[Profile]) -> Iterable[_Candidate]:
        """Two columns of decimal degrees side by side, the first north and the second around Greenwich (or turned)."""
        if "latitude" not in self.tables[self.table].columns:
            return
        kinds = [_axis(column) for column in columns]
        for n in range(len(columns) - 1):
            if {kinds[n], kinds[n + 1]} == {"latitude", "longitude"}:
                for column, kind in ((columns[n], kinds[n]), (columns[n + 1], kinds[n + 1])):
                    yield _Candidate(50, column, str(kind), *_CONTENT)

    def identifier(self, columns: Sequence[Profile], chosen: dict[str, _Candidate]) -> str | None:
        """The column that identifies a row: unique in every row; called so, or an official number, or the first."""
        unique = [column for column in columns if column.unique and max(map(len, column.counts)) <= 64]

        def rank(column: Profile) -> tuple[bool, bool]:
            named = bool(self.names.best(column.name, [_IDENTIFIER])[0])
            one = chosen.get(column.name)
            official = bool(one and one.to in ("siren", "siret", "rna", "commune"))
            return not named, not official

        spaceless = [column for column in unique if not any(" " in value for value in column.counts)]
        best = min(spaceless, key=rank, default=None)
        return best.name if best else None

    # how a column goes to its target --------------------------------------------------------------

    def finish(self, column: Profile, one: _Candidate | None, lookups: dict[str, dict[str, str | None]]) -> Proposal:
        """The proposal of a column from its candidate, with what its type needs: level, by, lookup."""
        if one is None:
            fr, en = ("vide dans l'extrait lu", "empty in the rows read") if not column.filled else ("", "")
            return Proposal(column, (), fr or "à vérifier : sens inconnu", en or "to check: meaning unknown")
        if not one.to or (one.to == _IDENTIFIER and not column.unique):
            fr, en = one.why_fr or "pas une valeur par ligne", one.why_en or "not one value a row"
            return Proposal(column, (), fr, en)
        fr, en = one.why_fr, one.why_en
        if not column.filled:
            fr, en = "d'après le nom ; vide dans l'extrait lu", "from its name; empty in the rows read"
        to, _, level = one.to.partition(":")
        if level:
            return Proposal(column, (to,), fr, en, level=level)
        table, _, name = to.rpartition(".")
        canonical = self.tables[table or self.table].columns[name]
        split = split_sign(column) if canonical.list else None
        proposal = Proposal(column, (to,), fr, en, split=split)
        return proposal if canonical.type != "concept" else self._concept(proposal, canonical, lookups)

    def _concept(self, proposal: Proposal, canonical: Column, lookups: dict[str, dict[str, str | None]]) -> Proposal:
        scheme, split = canonical.scheme or "", proposal.split
        cells = list(proposal.column.counts)
        values = [part.strip() for cell in cells for part in cell.split(split)] if split else cells
        values = [value for value in dict.fromkeys(values) if value]
        for by, found in (
            ("notation", [self.vocabulary.slug_by_notation(scheme, value.removesuffix(".0")) for value in values]),
            ("label", [self.vocabulary.slug_by_label(scheme, value) for value in values]),
        ):
            if values and sum(slug is not None for slug in found) >= 0.8 * len(values):
                return replace(proposal, by=by)
        if not values:
            return proposal
        if len(values) == 1 and proposal.column.rows > _CONSTANT_IN:
            fr, en = "à vérifier : la même valeur partout", "to check: the same value everywhere"
            return Proposal(proposal.column, (), fr, en)
        if len(values) > LOOKUP_SIZE or max(map(len, values)) > _LOOKUP_LENGTH:
            fr = f"à vérifier : {canonical.name} ? trop de valeurs ({len(values)}), ou trop longues"
            en = f"to check: {canonical.name}? too many values ({len(values)}), or too long"
            return Proposal(proposal.column, (), fr, en)
        lookups[canonical.name] = {value: self._concept_like(scheme, value) for value in values}
        return replace(proposal, lookup=canonical.name)

    def _concept_like(self, scheme: str, value: str) -> str | None:
        """The concept whose label is nearly the value; nothing where it is not that clear."""
        best = max(
            (
                (fuzz.token_sort_ratio(words(value), words(label)), slug)
                for slug, concept in self.vocabulary.concepts[scheme].items()
                for label in concept.labels.values()
            ),
            default=(0.0, ""),
        )
        return best[1] if best[0] >= 90 else None


def _worded(column: Profile) -> bool:
    """Whether many values are several words."""
    spaced = sum(" " in value for value in column.counts)
    return not column.many and spaced > 0.3 * max(1, len(column.counts))


def _axis(column: Profile) -> str | None:
    values = [value for value in column.counts if re.fullmatch(r"-?[0-9]{1,3}[.,][0-9]{3,}", value.strip())]
    if len(values) < _SOME or len(values) < 0.9 * len(column.counts):
        return None
    middle = median(float(value.replace(",", ".")) for value in values)
    return "latitude" if 41 <= middle <= 52 else "longitude" if -6 <= middle <= 10 else None
