"""What speaks for a column being this or that: its name (against data, `column_names.yaml`) and its values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import as_file, files

from rapidfuzz import fuzz

from clirld import yamlfile
from clirld.draft.sniff import Profile
from clirld.errors import MappingError
from clirld.values.cleaners import CLEANERS
from clirld.values.text import CONTACT_MASK, unaccented, without_contacts
from clirld.vocabulary.tables import Tables

_ALIKE = 88
_SHORT = 5
"""A name of fewer letters must be the same: `cp` and `ce` are alike, and mean nothing of the kind."""

_SEVERAL = 0.03
_STRONG = ("siren", "siret", "rna", "naf", "url")
_FITS = 0.95


def words(name: str) -> str:
    """A column's name as lower-case words: `codePostalEtablissement` → `code postal etablissement`."""
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)
    return " ".join(re.findall(r"[a-z@]+|[0-9]+", unaccented(apart)))


def split_sign(column: Profile) -> str | None:
    """The sign between several values in a cell, where a share of the cells has it."""
    total = sum(column.counts.values())
    for sign in (";", "|"):
        several = sum(n for value, n in column.counts.items() if sign in value.strip(sign + " "))
        if not column.many and several > _SEVERAL * total:
            return sign
    return None


def passing(column: Profile, kind: str) -> float:
    """Share of the values that the cleaner of a type takes, of those it does not read as "no value".

    Of several addresses in a cell, the first has to pass.
    """
    cleaner = CLEANERS[kind]
    sign = split_sign(column) if kind == "url" else None
    good = all_ = 0
    for value, count in column.counts.items():
        cleaned = cleaner(value.split(sign)[0] if sign else value)
        if cleaned.value is not None:
            good += count
        if cleaned.value is not None or cleaned.code is not None:
            all_ += count
    return good / all_ if all_ else 0.0


def strong_type(column: Profile) -> str | None:
    """The type of a column whose values can hardly be anything else, whatever its name."""
    for kind in _STRONG:
        share = passing(column, kind)
        # Nine digits pass the check one time in ten by chance: a few of them prove nothing.
        enough = 2 if kind in ("rna", "url") else 5
        if share >= _FITS and share * len(column.counts) >= enough:
            return kind
    return None


def personal_value(value: str) -> bool:
    """Whether a value is an e-mail address or a phone number."""
    return without_contacts(value.strip()) == CONTACT_MASK


@dataclass(frozen=True, slots=True)
class Names:
    """Names that registries give to columns, as words; made by `load`."""

    targets: Mapping[str, Sequence[str]]
    levels: Mapping[str, Sequence[str]]
    noise: frozenset[str]
    personal_words: frozenset[str]
    personal_names: frozenset[str]
    platforms: tuple[str, ...]

    @classmethod
    def load(cls, tables: Tables) -> Names:
        """The project's list, with the names and titles of the canonical tables. Raises MappingError."""
        with as_file(files(__package__) / "column_names.yaml") as path:
            data = yamlfile.load(path, MappingError).data
        targets = {target: [words(name) for name in names] for target, names in data["targets"].items()}
        for table in ("initiative", "organization"):
            for name, column in tables[table].columns.items():
                titles = (column.title or {}).values()
                targets.setdefault(name, []).extend(words(one) for one in (name, *titles))
        return cls(
            targets,
            {level: [words(name) for name in names] for level, names in data["levels"].items()},
            frozenset(data["noise"]),
            frozenset(data["personal_words"]),
            frozenset(data["personal_names"]),
            tuple(data["platforms"]),
        )

    def likeness(self, name: str, target: str) -> float:
        """How much a column's name is like the names known for a target: 100 the same, 0 not alike."""
        last = target if target in self.targets else target.rpartition(".")[2]
        return self._score(name, self.targets.get(last, ()))

    def level(self, name: str, level: str) -> float:
        """The same for a level of territory."""
        return self._score(name, self.levels[level])

    def all(self, name: str, targets: Iterable[str]) -> list[tuple[str, float]]:
        """The targets that a column's name is like."""
        return [(target, score) for target in targets if (score := self.likeness(name, target))]

    def best(self, name: str, targets: Iterable[str]) -> tuple[str, float]:
        """The one it is most like; ("", 0) if none."""
        return max(self.all(name, targets), key=lambda one: one[1], default=("", 0.0))

    def _score(self, name: str, known: Iterable[str]) -> float:
        whole = words(name)
        forms = {whole: 0.0, self._bare(whole): 1.0}
        if "." in name:  # the last key of nested JSON
            last = words(name.rpartition(".")[2])
            forms |= {last: 1.0, self._bare(last): 2.0}
        best = 0.0
        for one in known:
            for form, loss in forms.items():
                a, b = form.replace(" ", ""), one.replace(" ", "")
                if a == b:
                    best = max(best, 100 - loss)
                elif min(len(a), len(b)) >= _SHORT and (score := fuzz.ratio(a, b)) >= _ALIKE:
                    best = max(best, score - loss - 5)
        return best

    def _bare(self, name: str) -> str:
        kept = [word for word in name.split() if word not in self.noise]
        return " ".join(kept) or name

    def personal(self, column: Profile, columns: Sequence[Profile]) -> bool:
        """Whether a column holds e-mails, phone numbers, contacts or names of persons.

        A surname is called "nom", as an organization is: it is one where a first name of the same kind is beside it.
        """
        name = words(column.name)
        parts = [part.rstrip("0123456789") for part in name.split()]
        if self.personal_words & set(parts) or self._bare(name) in self.personal_names or name in self.personal_names:
            return True
        if "nom" in parts:
            first = {words(other.name) for other in columns}
            if name.replace("nom", "prenom") in first:
                return True
        found = sum(n for value, n in column.counts.items() if personal_value(value))
        return found > 0 and found > 0.3 * sum(column.counts.values())

    def platform(self, column: Profile) -> str | None:
        """The platform that most addresses of a column lead to, or whose name it has, if there is one."""
        parts = words(column.name).split()
        for host in self.platforms:
            if len(host) > 6 and host.partition(".")[0] in parts:
                return host
            on_it = re.compile(rf"(?:https?://)?(?:[a-z-]+\.)*{re.escape(host)}(?:[/?#]|$)", re.IGNORECASE)
            hits = sum(n for value, n in column.counts.items() if on_it.match(value.strip()))
            if hits and hits > 0.5 * sum(column.counts.values()):
                return host
        return None
