"""What speaks for a column being this or that: its name (against data, `column_names.yaml`) and its values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import as_file, files
from statistics import median

from rapidfuzz import fuzz

from clirld import yamlfile
from clirld.draft.sniff import ColumnProfile
from clirld.errors import MappingError
from clirld.values.cleaners import CLEANERS
from clirld.values.persons import columns as person_columns
from clirld.values.persons.columns import Reason, normalized_name
from clirld.vocabulary.tables import Tables

# Of 100, by rapidfuzz: one letter of nine may be another.
_MIN_SIMILARITY = 88
_MIN_FUZZY_LENGTH = 5
"""A name of fewer letters must be the same: `cp` and `ce` are alike, and mean nothing of the kind."""

_MIN_SEPARATED_SHARE = 0.03
_DISTINCTIVE_TYPES = ("siren", "siret", "rna", "naf", "url")
_MIN_VALID_SHARE = 0.95
_MIN_COORDINATES = 5


def value_separator(column: ColumnProfile) -> str | None:
    """The sign between several values in a cell, where a share of the cells has it."""
    total = sum(column.counts.values())
    for separator in (";", "|"):
        several = sum(n for value, n in column.counts.items() if separator in value.strip(separator + " "))
        if not column.multivalued and several > _MIN_SEPARATED_SHARE * total:
            return separator
    return None


def valid_share(column: ColumnProfile, kind: str) -> float:
    """Share of the values that the cleaner of a type takes, of those it does not read as "no value".

    Of several addresses in a cell, the first has to pass.
    """
    cleaner = CLEANERS[kind]
    separator = value_separator(column) if kind == "url" else None
    valid = total = 0
    for value, count in column.counts.items():
        cleaned = cleaner(value.split(separator)[0] if separator else value)
        if cleaned.value is not None:
            valid += count
        if cleaned.value is not None or cleaned.code is not None:
            total += count
    return valid / total if total else 0.0


def distinctive_type(column: ColumnProfile) -> str | None:
    """The type of a column whose values can hardly be anything else, whatever its name."""
    for kind in _DISTINCTIVE_TYPES:
        share = valid_share(column, kind)
        # Nine digits pass the check one time in ten by chance: a few of them prove nothing.
        min_values = 2 if kind in ("rna", "url") else 5
        if share >= _MIN_VALID_SHARE and share * len(column.counts) >= min_values:
            return kind
    return None


def axis(column: ColumnProfile) -> str | None:
    """Whether a column holds decimal degrees, and which: `latitude` or `longitude`."""
    values = [value for value in column.counts if re.fullmatch(r"-?[0-9]{1,3}[.,][0-9]{3,}", value.strip())]
    if len(values) < _MIN_COORDINATES or len(values) < 0.9 * len(column.counts):
        return None
    middle = median(float(value.replace(",", ".")) for value in values)
    # Around metropolitan France; territories overseas are left to their names.
    return "latitude" if 41 <= middle <= 52 else "longitude" if -6 <= middle <= 10 else None


@dataclass(frozen=True, slots=True)
class ColumnNames:
    """Names that registries give to columns, as words; made by `load`."""

    targets: Mapping[str, Sequence[str]]
    levels: Mapping[str, Sequence[str]]
    noise_words: frozenset[str]
    platforms: tuple[str, ...]
    initiative_words: frozenset[str] = frozenset()
    organization_names: frozenset[str] = frozenset()
    measure_words: frozenset[str] = frozenset()
    remark_words: frozenset[str] = frozenset()
    street_complements: Sequence[str] = ()

    @classmethod
    def load(cls, tables: Tables) -> ColumnNames:
        """The project's list, with the names and titles of the canonical tables. Raises MappingError."""
        with as_file(files(__package__) / "column_names.yaml") as path:
            data = yamlfile.load(path, MappingError).data
        targets = {target: [normalized_name(name) for name in names] for target, names in data["targets"].items()}
        for table in ("initiative", "organization"):
            for name, column in tables[table].columns.items():
                titles = (column.title or {}).values()
                targets.setdefault(name, []).extend(normalized_name(one) for one in (name, *titles))
        return cls(
            targets,
            {level: [normalized_name(name) for name in names] for level, names in data["levels"].items()},
            frozenset(data["noise"]),
            tuple(data["platforms"]),
            frozenset(data["initiative_words"]),
            frozenset(data["organization_names"]),
            frozenset(data["measure_words"]),
            frozenset(data["remark_words"]),
            [normalized_name(name) for name in data["street_complements"]],
        )

    def similarity(self, name: str, target: str) -> float:
        """How much a column's name is like the names known for a target: 100 the same, 0 not alike."""
        last = target if target in self.targets else target.rpartition(".")[2]
        return self._score(name, self.targets.get(last, ()))

    def speaks_of_initiative(self, name: str) -> bool:
        """Whether a column's name calls the rows places or projects."""
        return bool(self.initiative_words & set(normalized_name(name).split()))

    def speaks_of_organization(self, name: str) -> bool:
        """Whether a column is the corporate name of a legal unit."""
        whole = normalized_name(name)
        return whole in self.organization_names or self._without_noise(whole) in self.organization_names

    def level_similarity(self, name: str, level: str) -> float:
        """The same for a level of territory."""
        return self._score(name, self.levels[level])

    def completes_street(self, name: str) -> bool:
        """Whether a column holds the rest of an address: « complement_adresse »."""
        return normalized_name(name) in self.street_complements

    def matches(self, name: str, targets: Iterable[str]) -> list[tuple[str, float]]:
        """The targets that a column's name is like."""
        return [(target, score) for target in targets if (score := self.similarity(name, target))]

    def best_match(self, name: str, targets: Iterable[str]) -> tuple[str, float]:
        """The one it is most like; ("", 0) if none."""
        return max(self.matches(name, targets), key=lambda one: one[1], default=("", 0.0))

    def _score(self, name: str, candidates: Iterable[str]) -> float:
        whole = normalized_name(name)
        forms = {whole: 0.0, self._without_noise(whole): 1.0}
        if "." in name:  # the last key of nested JSON
            last = normalized_name(name.rpartition(".")[2])
            forms |= {last: 1.0, self._without_noise(last): 2.0}
        best = 0.0
        for one in candidates:
            for form, penalty in forms.items():
                a, b = form.replace(" ", ""), one.replace(" ", "")
                if a == b:
                    best = max(best, 100 - penalty)
                elif min(len(a), len(b)) >= _MIN_FUZZY_LENGTH and (score := fuzz.ratio(a, b)) >= _MIN_SIMILARITY:
                    # Less than any name that is the same has: that one always wins.
                    best = max(best, score - penalty - 5)
        return best

    def _without_noise(self, name: str) -> str:
        kept = [word for word in name.split() if word not in self.noise_words]
        return " ".join(kept) or name

    def platform(self, column: ColumnProfile) -> str | None:
        """The platform that most addresses of a column lead to, or whose name it has, if there is one."""
        parts = normalized_name(column.name).split()
        for host in self.platforms:
            if len(host) > 6 and host.partition(".")[0] in parts:
                return host
            on_it = re.compile(rf"(?:https?://)?(?:[a-z-]+\.)*{re.escape(host)}(?:[/?#]|$)", re.IGNORECASE)
            hits = sum(n for value, n in column.counts.items() if on_it.match(value.strip()))
            if hits and hits > 0.5 * sum(column.counts.values()):
                return host
        return None


def personal_columns(columns: Sequence[ColumnProfile]) -> dict[str, Reason]:
    """The columns that hold persons, by name, and why; a list of objects is one of them where one of its columns is."""
    names = [column.name for column in columns]
    found = {
        column.name: why
        for column in columns
        if (why := person_columns.why_personal(column.name, column.counts, names))
    }
    parents = {name: why for below, why in found.items() for name in names if below.startswith(f"{name}.")}
    return parents | found


def are_place_codes(values: Iterable[str]) -> bool:
    """Whether all values look like postcodes or codes of communes: of a place, which may have two rows tomorrow."""
    return all(map(_PLACE_CODE.fullmatch, values))


def place_code(column: ColumnProfile) -> str | None:
    """Five-sign codes of which nothing says what they are: most postcodes end in 0, most communes' codes do not."""
    values = [value.strip() for value in column.counts]
    if column.multivalued or len(values) < 10 or not are_place_codes(values):
        return None
    if valid_share(column, "insee_commune") < _MIN_VALID_SHARE:
        return None
    zeros = sum(value.endswith("0") for value in values) / len(values)
    return "postcode" if zeros >= 0.6 else "commune" if zeros <= 0.3 and values != sorted(values) else None


def is_wordy(column: ColumnProfile) -> bool:
    """Whether many values are several words."""
    spaced = sum(" " in value for value in column.counts)
    return not column.multivalued and spaced > 0.3 * max(1, len(column.counts))


def is_point(column: ColumnProfile) -> bool:
    """Whether every cell of a column holds two numbers, and nearly all a latitude and a longitude."""
    has_pairs = bool(column.counts) and all(_PAIR.search(value) for value in column.counts)
    return has_pairs and all(valid_share(column, axis) >= _MIN_VALID_SHARE for axis in ("latitude", "longitude"))


_PLACE_CODE = re.compile(r"[0-9][0-9AB][0-9]{3}")
_PAIR = re.compile(r"[0-9]\s*[,; ]\s*-?[0-9]")
