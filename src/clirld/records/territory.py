"""Where things are: official codes and names of places to the territories of today.

Made once a run from the canonical `territory` table, then only dictionary lookups. A code or a name that
could mean two places means none: nothing here guesses.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from clirld.records.commune_names import (
    CommuneStatus,
    NamedCommune,
    ResolvedCommune,
    is_of_another,
    is_outweighed,
    unambiguous,
)
from clirld.records.placing.geography import Geography
from clirld.records.placing.groupings import usual_names
from clirld.records.placing.locality_text import fold_place
from clirld.stages import without_cycle_collection
from clirld.values.text import fold

_COLUMNS = ("key", "name", "kind", "code", "authority", "part_of", "replaced_by")
_GROUND_COLUMNS = ("latitude", "longitude", "area", "postcode", "population")
_PART_STATUSES: dict[str, CommuneStatus] = {
    "arrondissement-municipal": "municipal-arrondissement",
    "commune-deleguee": "delegated",
    "commune-associee": "associated",
}
_COMMUNES = ("commune", "overseas-subdivision")
_FORMER = "former-commune"
_GROUPINGS = ("epci", "ept")  # their code is a SIREN
_LEVELS = {
    "region": ("region",),
    "departement": ("departement", "overseas-collectivity"),
    "epci": ("epci",),
}
_ARTICLE = re.compile(r"^(le|la|les|l) ")
_SHORTEST = 4
"""Letters of what may be the beginning of a name."""
# Saint-Barthélemy and Saint-Martin kept the postcodes of Guadeloupe.
_POSTCODES = {"97133": "977", "97150": "978"}
_CORSICA = {"0": ("2A",), "1": ("2A",), "2": ("2B",), "6": ("2B",)}
"""The third digit of Corsica's postcodes, where it tells the départements."""

_Kept = tuple[str, CommuneStatus, Sequence[str], str]


@dataclass(frozen=True, slots=True)
class Territories:
    """The territories of a release, by code and by name."""

    _others: dict[str, ResolvedCommune] = field(default_factory=dict)
    """Code that is not one of a commune of today → the commune that it means."""
    _key_by_commune: dict[str, str] = field(default_factory=dict)
    """Commune of today → key."""
    _departement_by_commune: dict[str, str] = field(default_factory=dict)
    """Commune of today → département, or collectivity overseas."""
    _departement_by_name: dict[str, str] = field(default_factory=dict)
    """Code or folded name → code."""
    _communes_by_name: dict[str, list[_Kept]] = field(default_factory=dict)
    """Folded name → what `NamedCommune.of` takes: few of 40,000 are asked for."""
    _communes_by_bare_name: dict[str, list[_Kept]] = field(default_factory=dict)
    """The same without the article, where that is another list."""
    _population: dict[str, int] = field(default_factory=dict)
    """Commune of today → inhabitants, where they are known."""
    _name_by_commune: dict[str, str] = field(default_factory=dict)
    """Commune of today → folded name."""
    _departements_by_region: dict[str, set[str]] = field(default_factory=dict)
    """Folded name of a region → codes."""
    _keys_by_level: dict[str, dict[str, set[str]]] = field(default_factory=dict)
    """Level → code or folded name → keys."""
    _key_by_siren: dict[str, str] = field(default_factory=dict)
    """SIREN of a grouping, or of a commune as an authority → key."""
    _groupings_by_usual_name: dict[str, set[str]] = field(default_factory=dict)
    """What a grouping is called, without its legal form → keys."""
    _all_keys: frozenset[str] = frozenset()
    _communes_by_whole: dict[str, list[str]] = field(default_factory=dict)
    """Key of a territory → the communes of today that are parts of it."""
    geography: Geography = field(default_factory=Geography)
    """Where the communes of today are."""

    @classmethod
    def load(cls, territory_parquet: Sequence[Path]) -> Territories:
        """Read the canonical table `territory`, in any number of parts."""
        if not territory_parquet:
            return EMPTY
        table = pl.scan_parquet(list(territory_parquet))
        available = table.collect_schema().names()  # an older harvest may lack a column
        rows = table.select([name for name in (*_COLUMNS, *_GROUND_COLUMNS) if name in available]).collect()
        with without_cycle_collection():
            return cls.from_rows(rows.to_dicts())

    @classmethod
    def from_rows(cls, rows: Iterable[Mapping[str, Any]]) -> Territories:
        """Take rows of the canonical table `territory`; columns that are missing count as empty."""
        territories = list(rows)
        ground, departements = [row for row in territories if row["kind"] in _COMMUNES], dict[str, str]()
        index = cls(
            _all_keys=frozenset(row["key"] for row in territories),
            _departement_by_commune=departements,
            geography=Geography.from_rows(ground, departements),
        )
        code_of = {row["key"]: str(row["code"]) for row in territories}
        for row in ground:
            for whole in row.get("part_of") or ():
                index._communes_by_whole.setdefault(whole, []).append(str(row["code"]))
        index._add_current(territories, code_of)
        index._add_others(territories, code_of)
        index._add_names(territories)
        return index

    def _named(self, folded: str) -> list[NamedCommune]:
        """What has a folded name."""
        return [NamedCommune.of(*one) for one in self._communes_by_name.get(folded, ())]

    def _named_bare(self, folded: str) -> list[NamedCommune]:
        """What has a folded name but for the article."""
        bare = _ARTICLE.sub("", folded)
        if (found := self._communes_by_bare_name.get(bare)) is not None:
            return [NamedCommune.of(*one) for one in found]
        return [] if _ARTICLE.match(bare) else self._named(bare)

    def communes_of(self, key: str) -> list[str]:
        """The communes of today that are parts of a territory."""
        return self._communes_by_whole.get(key, [])

    def commune(self, code: str) -> ResolvedCommune | None:
        """Find the commune of today that a code means; None for an unknown one, or one shared out."""
        return ResolvedCommune(code, "current") if code in self._key_by_commune else self._others.get(code)

    def commune_by_name(
        self, name: str, *, postcode: str | None = None, departement: str | None = None
    ) -> ResolvedCommune | None:
        """Find the commune of today that a name means, if it means only one there.

        A commune that has the postcode is meant first, wherever it is: some are served from the département next
        door. Where the département of the postcode and the one given differ, both are looked at. Names of
        delegated, associated and former communes count where no commune of today has the name. Without a département
        they count against it too, where what they are part of has as many inhabitants or more: « Évry » alone may be
        the one of the Yonne, or Évry-Courcouronnes, and means none.
        """
        folded = fold_place(name)
        if served := self.geography.by_postcode.get(postcode or "", frozenset()):
            for named in (self._named(folded), self._named_bare(folded)):
                if commune := unambiguous([one for one in named if one.commune.code in served], ()):
                    return commune
        departements = list(dict.fromkeys(filter(None, (*departements_of_postcode(postcode or ""), departement))))
        candidates = self._named(folded)
        if not departements and (is_of_another(candidates, name) or is_outweighed(candidates, self._population)):
            return None
        commune = unambiguous(candidates, departements)
        if commune is None and departements:  # « Puy-en-Velay »; without a département there are too many
            commune = unambiguous(self._named_bare(folded), departements)
        return commune

    def commune_beginning(self, name: str, postcode: str) -> str | None:
        """Code of the one commune with a postcode whose name begins with the words given: « Cesson », of 35510."""
        folded = fold_place(name)
        if len(folded) < _SHORTEST or folded in ("saint", "sainte"):
            return None
        served = self.geography.with_postcode(postcode)
        found = [code for code in served if self._name_by_commune.get(code, "").startswith(f"{folded} ")]
        return found[0] if len(found) == 1 else None

    def has_name(self, commune: str, name: str) -> bool:
        """Whether a commune of today, or one that became part of it, has this name."""
        folded = fold_place(name)
        if self._name_by_commune.get(commune) == folded:
            return True
        named = self._named(folded) + self._named_bare(folded)
        return any(candidate.commune.code == commune for candidate in named)

    def folded_name(self, commune: str) -> str:
        """The name of a commune of today, as names are compared; "" for none."""
        return self._name_by_commune.get(commune, "")

    def is_name(self, name: str) -> bool:
        """Whether there is a commune of this name, or was."""
        return fold_place(name) in self._communes_by_name

    def communes_named(self, name: str) -> frozenset[str]:
        """Codes of all communes of today that a name may mean: those that have it, else those of which a part has."""
        named = self._named(fold_place(name))
        today = [one for one in named if one.commune.status == "current"]
        return frozenset(one.commune.code for one in today or named)

    def departement_named(self, value: str) -> str | None:
        """Code of the département, or collectivity overseas, with this code or name."""
        return self._departement_by_name.get(value) or self._departement_by_name.get(fold(value))

    def departements_named(self, value: str) -> frozenset[str]:
        """Codes of the départements that a name means: a département's, or a region's."""
        departement = self.departement_named(value)
        return frozenset([departement] if departement else self._departements_by_region.get(fold(value), ()))

    def departement_of(self, commune_code: str) -> str | None:
        """Code of the département of a commune; of the collectivity, for those overseas."""
        commune = self.commune(commune_code)
        return self._departement_by_commune.get(commune.code) if commune else None

    def find(self, value: str, level: str) -> str | None:
        """Key of the territory of a level (region, departement, epci, commune) with this code or name.

        Without a level the value is a key, or a number that means one territory of today by itself: the SIREN of a
        grouping or of a commune's authority, the INSEE code of a commune. A name may stand there after its level and a
        colon, as a `records.py` gives it: « epci: CC de la Dombes ».
        """
        before, colon, name = value.partition(":")
        if not level and colon and before in (*_LEVELS, "commune"):
            return self.find(name.strip(), before)
        if not level:
            commune = self.commune(value)
            return (
                value
                if value in self._all_keys
                else self._key_by_siren.get(value) or (self._key_by_commune[commune.code] if commune else None)
            )
        if level == "commune":
            commune = self.commune(value) or self.commune_by_name(value)
            return self._key_by_commune[commune.code] if commune else None
        keys_by_name = self._keys_by_level.get(level, {})
        keys = keys_by_name.get(value) or keys_by_name.get(fold(value)) or set()
        if not keys and level == "epci":
            found = [self._groupings_by_usual_name.get(name, set()) for name in usual_names(value)]
            keys = next(filter(None, found), keys)
        return next(iter(keys)) if len(keys) == 1 else None

    def seat(self, commune: str | None, departement: str | None) -> str | None:
        """Key of the territory of a seat: the commune's, else the département's."""
        resolved = self.commune(commune) if commune else None
        if resolved:
            return self._key_by_commune[resolved.code]
        return self.find(departement, "departement") if departement else None

    # Filling the dictionaries, once.

    def _add_current(self, rows: list[Mapping[str, Any]], code_of: Mapping[str, str]) -> None:
        level_of = {kind: level for level, kinds in _LEVELS.items() for kind in kinds}
        departement_kinds = {row["key"]: row["kind"] for row in rows if row["kind"] in _LEVELS["departement"]}
        regions = {row["key"]: fold(row["name"]) for row in rows if row["kind"] in _LEVELS["region"]}
        for row in rows:
            code, kind = str(row["code"]), row["kind"]
            if kind in _COMMUNES:
                if row.get("population"):
                    self._population[code] = int(row["population"])
                self._key_by_commune[code] = row["key"]
                for parent in row.get("part_of") or ():
                    if parent in departement_kinds:
                        self._departement_by_commune[code] = code_of[parent]
                for siren in row.get("authority") or ():
                    self._key_by_siren[siren] = row["key"]
            elif kind in level_of:
                for parent in row.get("part_of") or () if kind in _LEVELS["departement"] else ():
                    if parent in regions:
                        self._departements_by_region.setdefault(regions[parent], set()).add(code)
                keys_by_name = self._keys_by_level.setdefault(level_of[kind], {})
                for name in (code, fold(row["name"])):
                    keys_by_name.setdefault(name, set()).add(row["key"])
                    if level_of[kind] == "departement":
                        self._departement_by_name[name] = code
            if kind == "epci":
                for name in usual_names(row["name"]):
                    self._groupings_by_usual_name.setdefault(name, set()).add(row["key"])
            if kind in _GROUPINGS:
                self._key_by_siren[code] = row["key"]

    def _add_others(self, rows: list[Mapping[str, Any]], code_of: Mapping[str, str]) -> None:
        """Parts first: a code that is both a part and a former commune is told as the part it is today."""
        for parts in (True, False):
            for row in rows:
                status = _status(row)
                if status is not None and (status != "merged") == parts:
                    communes = {
                        code_of[key] for key in _target_keys(row) if key in code_of
                    } & self._key_by_commune.keys()
                    if len(communes) == 1 and (code := str(row["code"])) not in self._key_by_commune:
                        self._others.setdefault(code, ResolvedCommune(communes.pop(), status))

    def _add_names(self, rows: list[Mapping[str, Any]]) -> None:
        code_by_key = {key: code for code, key in self._key_by_commune.items()}
        for row in rows:
            code, status = str(row["code"]), _status(row)
            if status is None:
                if row["key"] not in code_by_key:
                    continue
                commune = ResolvedCommune(code, "current")
            else:
                # By key, not by code: a delegated commune often has the code of its commune.
                communes = {code_by_key[key] for key in _target_keys(row) if key in code_by_key}
                if len(communes) != 1:
                    continue
                commune = ResolvedCommune(communes.pop(), status)
            departements = sorted({self._departement_by_commune.get(commune.code, ""), _departement_in(code)})
            named = (*commune, departements, row["name"])
            folded = fold_place(row["name"])
            if status is None:
                self._name_by_commune[code] = folded
            self._communes_by_name.setdefault(folded, []).append(named)
            self._communes_by_bare_name.setdefault(_ARTICLE.sub("", folded), []).append(named)
        for bare in [bare for bare, named in self._communes_by_bare_name.items()
                     if self._communes_by_name.get(bare) == named]:  # fmt: skip
            del self._communes_by_bare_name[bare]


EMPTY = Territories()
"""For sources that need no places, and for the first run."""


def departement_of_postcode(postcode: str) -> str | None:
    """Code of the département that a postcode belongs to, by its first digits; None where they do not say one.

    Some communes are served from the département next door, so it says where to look, not where a place is.
    """
    departements = departements_of_postcode(postcode)
    return departements[0] if len(departements) == 1 else None


def departements_of_postcode(postcode: str) -> tuple[str, ...]:
    """Codes of the départements that a postcode may belong to, by its first digits; none for what is no postcode."""
    # 00 is the armed forces' post.
    if not re.fullmatch(r"\d{5}", postcode) or postcode.startswith("00"):
        return ()
    if postcode.startswith("20"):
        # No commune has the others, which are a CEDEX: 20303 and 20700 of Ajaccio, 20401 of Bastia.
        return _CORSICA.get(postcode[2], ("2A", "2B"))
    if postcode.startswith(("97", "98")):
        return (_POSTCODES.get(postcode, postcode[:3]),)
    return (postcode[:2],)


def _departement_in(code: str) -> str:
    return code[:3] if code.startswith(("97", "98")) else code[:2]


def _status(row: Mapping[str, Any]) -> CommuneStatus | None:
    """How a territory leads to a commune of today; None for communes of today and for larger territories."""
    return "merged" if row["kind"] == _FORMER else _PART_STATUSES.get(row["kind"])


def _target_keys(row: Mapping[str, Any]) -> Sequence[str]:
    return row.get("replaced_by" if row["kind"] == _FORMER else "part_of") or ()
