"""Registers that share a published key, as records to be matched without it: what the key says is the truth.

Real files of ../shared/registries (README.md there says which files share which key); nothing is labelled by hand.
"""

from __future__ import annotations

import csv
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import combinations
from pathlib import Path
from typing import Any

import polars as pl
from rapidfuzz import fuzz, process

from clirld.link import matching, records
from clirld.values.cleaners import CLEANERS
from clirld.values.text import fold

LABELLED = 140
"""Pairs of one thing that are drawn of each pair of registers, and of two things as many, of the twice as many that are
most alike."""


@dataclass(frozen=True)
class Pair:
    """Two registers or more: their records without the key, and the key of each record."""

    name: str
    records: pl.DataFrame
    keys: dict[str, str]
    is_one_kind: bool = True
    """Whether two records with one key are one thing; else nothing is said of those, only of those with two keys."""

    def truth(self) -> set[tuple[str, str]]:
        """Pairs of records of two registers that have one key."""
        sources = dict(self.records.select("key", "source").iter_rows())
        by_key: dict[str, list[str]] = defaultdict(list)
        for record, key in self.keys.items():
            by_key[key].append(record)
        pairs = (tuple(sorted(pair)) for found in by_key.values() for pair in combinations(found, 2))
        return {(one, other) for one, other in pairs if sources[one] != sources[other]}

    def sure(self) -> set[tuple[str, str]]:
        """The pairs that matching is sure of, of records whose keys are known."""
        found = matching.candidates(self.records).filter(pl.col("verdict") == matching.SURE)
        pairs = {(one, other) for one, other in found.select("left", "right").iter_rows()}
        known = {pair for pair in pairs if pair[0] in self.keys and pair[1] in self.keys}
        return known if self.is_one_kind else known - self.truth()

    def lookalikes(self) -> list[tuple[str, str]]:
        """Hard negatives: of each record, that of another register and key in its département most alike in name.

        How alike is measured plainly (rapidfuzz WRatio of folded names), not as matching does; the most alike first.
        """
        found = []
        for _, block in self.records.filter(pl.col("key").is_in(list(self.keys))).group_by("departement"):
            rows = block.select("key", "source", pl.col("names").list.first()).rows()
            texts = [fold(name) for _, _, name in rows]
            likeness = process.cdist(texts, texts, scorer=fuzz.WRatio, dtype="uint8")
            for at, (key, source, _) in enumerate(rows):
                others = [
                    n for n, other in enumerate(rows) if other[1] != source and self.keys[other[0]] != self.keys[key]
                ]
                if others:
                    best = max(others, key=lambda n: (likeness[at][n], rows[n][0]))
                    found.append((int(likeness[at][best]), *sorted((key, rows[best][0]))))
        return [(one, other) for _, one, other in sorted(set(found), key=lambda pair: (-pair[0], *pair[1:]))]


@dataclass(frozen=True)
class Score:
    """How many pairs are one thing, how many matching is sure of, and how many of these are right."""

    true: int
    sure: int
    right: int

    @property
    def precision(self) -> float:
        """Right ones of those it is sure of."""
        return self.right / self.sure if self.sure else 1.0

    @property
    def recall(self) -> float:
        """Right ones of those there are."""
        return self.right / self.true if self.true else 1.0


def scores(pairs: Sequence[Pair]) -> dict[str, Score]:
    """How well all pairs of each register are told without the key; then the labelled ones, by halves.

    Floors hold for the test half; the rules were made before the halves were drawn (docs/linking.md).
    """
    results: dict[str, Score] = {}
    labelled: list[list[tuple[bool, bool]]] = [[], []]
    for pair in pairs:
        truth, sure = pair.truth() if pair.is_one_kind else set(), pair.sure()
        results[pair.name] = Score(len(truth), len(sure), len(sure & truth))
        for label, known in ((True, truth), (False, pair.lookalikes()[: 2 * LABELLED])):
            for at, one in enumerate(sorted(known, key=_lot)[:LABELLED]):
                labelled[at % 2].append((label, one in sure))
    for name, half in zip(("labelled, tuning half", "labelled, test half"), labelled, strict=True):
        results[name] = Score(
            sum(label for label, _ in half), sum(said for _, said in half), sum(label and said for label, said in half)
        )
    return results


def bands(pairs: Sequence[Pair], bands: Sequence[Mapping[str, Any]]) -> list[tuple[int, int]]:
    """How many pairs of each band there are, and how many of these are one thing.

    A band is a verdict and kinds of evidence, from a score on to that of the next (`link/own_table/precision.yaml`). Of
    registers that are of one kind, and of records whose keys are known.
    """
    found = []
    for pair in (one for one in pairs if one.is_one_kind):
        truth, known = pair.truth(), set(pair.keys)
        sources = dict(pair.records.select("key", "source").iter_rows())
        for one in matching.candidates(pair.records).iter_rows(named=True):
            sides = (one["left"], one["right"])
            if known.issuperset(sides) and sources[sides[0]] != sources[sides[1]]:
                found.append((one["verdict"], one["kinds"], one["score"], sides in truth))
    counts = [[0, 0] for _ in bands]
    for verdict, kinds, score, right in found:
        fits = [
            n
            for n, band in enumerate(bands)
            if (band["verdict"], band["kinds"]) == (verdict, kinds) and score >= band["from"]
        ]
        if fits:
            counts[fits[-1]][0] += 1
            counts[fits[-1]][1] += right
    return [(all_, right) for all_, right in counts]


def _lot(pair: tuple[str, str]) -> str:
    """By what pairs are drawn: it depends on nothing but the pair."""
    return sha256(" ".join(pair).encode()).hexdigest()


class Communes:
    """Communes of today by département and folded name."""

    def __init__(self, registries: Path) -> None:
        rows = list(_csv(registries / "derived" / "communes_ref_2026.csv"))
        self.by_name = {(row["dep_code"], fold(row["commune_nom"])): row["commune_insee"] for row in rows}
        self.names = {row["commune_insee"]: row["commune_nom"] for row in rows}

    def place(self, postcode: str, name: str) -> str | None:
        """The code of a commune, by its postcode and its name; None where the two do not lead to one."""
        departement = records.departement(postcode.strip())
        found = self.by_name.get((departement or "", fold(name)))
        corsica = (self.by_name.get((one, fold(name))) for one in ("2A", "2B")) if departement == "20" else ()
        return found or next((code for code in corsica if code), None)


def all_pairs(registries: Path) -> list[Pair]:
    """Every pair of registers, each with the key that it shares."""
    communes = Communes(registries)
    return [
        _france_services(registries, communes),
        _geiq(registries, communes),
        _siae(registries, communes),
        _groupings(registries),
    ]


def _france_services(registries: Path, communes: Communes) -> Pair:
    """France services of 2021 (MATRICULE) and of 2024 (fs-MATRICULE)."""
    rows: list[Row] = [
        ("2021", f"fs-{one['MATRICULE']}", one["lib_france_services"], one["insee_com"], None, "france-services")
        for one in _features(registries / "anct_programmes" / "france_services_2021.geojson")
    ]
    rows += [
        ("2024", key, title, one["id_geo"], None, "france-services")
        for one in _features(registries / "anct_programmes_2024" / "fs_geom.geojson")
        for key, title in _services(one)
    ]
    return _pair("France services 2021, 2024", rows, communes)


def _services(feature: dict[str, Any]) -> list[tuple[str, str]]:
    """Keys and names of the services of a commune; none, where there are more of the ones than of the others."""
    keys, titles = (feature[name].split("; ") for name in ("id_territoire", "lib_territoire"))
    return list(zip(keys, titles, strict=True)) if len(keys) == len(titles) else []


def _geiq(registries: Path, communes: Communes) -> Pair:
    """Groups of employers (GEIQ) of 2019 and 2024, by SIREN."""
    files = {"2019": ("geiq_2019_11", "GEIQ", "CODE POSTAL", "VILLE", "SIRET"),
             "2024": ("geiq_label_2024", "nom", "cp", "ville", "siret")}  # fmt: skip
    rows: list[Row] = [
        (year, _siren(one[siret]), one[name], communes.place(one[postcode], one[town]), one[postcode], "geiq")
        for year, (file, name, postcode, town, siret) in files.items()
        for one in _csv(registries / "siae_2019" / f"{file}.csv", ";")
    ]
    return _pair("GEIQ 2019, 2024", rows, communes)


def _siren(siret: str) -> str:
    """The SIREN of a SIRET as a file writes it, with tabs or spaces; "" where it is none."""
    return (CLEANERS["siret"](siret).value or "")[:9]


def _siae(registries: Path, communes: Communes) -> Pair:
    """Structures of work integration of 2019, each measure a register, by SIREN.

    One organization has several structures, which are not one thing; those of two organizations with one name are the
    hardest negatives there are.
    """
    rows: list[Row] = []
    for one in _csv(registries / "siae_2019" / "liste_siae_2019_07.csv", ";"):
        commune = communes.place(one["CODE_POSTAL"], one["COMMUNE"])
        rows.append(
            (
                one["MESURE"],
                _siren(one["SIRET"]),
                one["DENOMINATION_SOCIALE"],
                commune,
                one["CODE_POSTAL"],
                one["MESURE"],
            )
        )
    return _pair("work integration, by measure", rows, communes, is_one_kind=False)


def _groupings(registries: Path) -> Pair:
    """Groupings of communes in the contracts (CRTE) of 2023 and in BANATIC of 2021, by SIREN."""
    rows: list[Row] = [
        ("crte", one["siren_groupement"], one["lib_groupement"], None, one["dep_chef_file"], one["nature_juridique"])
        for one in _csv(registries / "crte_2023" / "epci-and-crte.csv")
    ]
    rows += [
        ("banatic", one["siren"], one["libelle"], None, one["departement_code"], one["nature"])
        for one in _csv(registries / "banatic" / "groupements_2021.csv")
    ]
    return _pair("groupings, CRTE 2023, BANATIC 2021", rows, None)


def unseen_pairs(registries: Path) -> list[Pair]:
    """Pairs of registers that nobody had looked at when the rules were made: measured once with them, 29 November 2026.

    Whoever changes a rule after looking at what is wrong here needs others.
    """
    return [_contracts(registries), _mountains(registries)]


def unseen_scores(registries: Path) -> dict[str, Score]:
    """How well pairs that were not looked at are told without the key."""
    found = ((pair.name, pair.truth(), pair.sure()) for pair in unseen_pairs(registries))
    return {name: Score(len(truth), len(sure), len(sure & truth)) for name, truth, sure in found}


def _contracts(registries: Path) -> Pair:
    """Groupings in the industrial and mountain contracts of 2024 and in the food projects of 2025, by SIREN.

    Neither says in which département a grouping is: that is where most of its communes of today are.
    """
    departements: dict[str, Counter[str]] = defaultdict(Counter)
    for commune in _csv(registries / "derived" / "communes_ref_2026.csv"):
        departements[commune["epci_siren"]][commune["dep_code"]] += 1
    within = {siren: found.most_common(1)[0][0] for siren, found in departements.items()}
    rows: set[Row] = set()
    for name in ("ti", "amm"):
        for one in _features(registries / "anct_programmes_2024" / f"{name}_geom.geojson"):
            for title, siren in re.findall(r"([^;]+?) \((\d{9})\)", one["liste_geo"] or ""):
                rows.add(("contracts", siren, title.strip(), None, within.get(siren), "grouping"))
    for row in _csv(registries / "pat_2025" / "pat_communes_from_canteens.csv"):
        if siren := row["epci_siren"]:
            rows.add(("food", siren, row["epci_nom"], None, within.get(siren), "grouping"))
    ordered = sorted(rows, key=lambda row: [cell or "" for cell in row])
    return _pair("unseen: groupings, contracts 2024, food projects 2025", ordered, None)


def _mountains(registries: Path) -> Pair:
    """Places of Avenir Montagnes of 2021 and 2024, by the programme's own number."""
    rows: list[Row] = []
    for one in _features(registries / "anct_programmes" / "polygone-4326_ami.geojson"):
        rows.append(("2021", one["id_ami"], one["lib_ami"], None, one["siren_groupement"][2:4], "mountain"))
    for one in _features(registries / "anct_programmes_2024" / "ami_geom.geojson"):
        siren = re.search(r"\((\d{9})\)", one["liste_geo"])
        rows.append(
            ("2024", one["id_territoire"], one["lib_territoire"], None, siren[1][2:4] if siren else None, "mountain")
        )
    return _pair("unseen: Avenir Montagnes 2021, 2024", rows, None)


Row = tuple[str, str, str, str | None, str | None, str]
"""Register, key, name, code of the commune, postcode or département, kind."""


def _pair(name: str, rows: Iterable[Row], communes: Communes | None, is_one_kind: bool = True) -> Pair:
    found: dict[tuple[str, str, str | None], dict[str, Any]] = {}
    keys: dict[str, str] = {}
    for source, key, title, commune, postcode, kind in rows:
        within = records.departement(commune) or records.departement((postcode or "").zfill(2))
        # The key in the register is a number of its own, so that nothing of the hidden one is left.
        new = {"key": f"{source}-{len(found):05}", "source": source, "names": [], "kinds": [kind]}
        entry = found.setdefault((source, key or title, commune), new)
        if title and title not in entry["names"]:
            entry["names"].append(title)
        entry |= {
            "commune": f"commune-{commune}" if commune else None,
            "departement": f"departement-{within}" if within else None,
            "places": [], "sites": [], "identifiers": [], "address": None,
            "locality": fold(communes.names.get(commune, "")).split() if communes and commune else [],
        }  # fmt: skip
        if key:
            keys[entry["key"]] = key
    return Pair(name, pl.DataFrame(list(found.values()), schema=records.SCHEMA), keys, is_one_kind)


def _csv(path: Path, separator: str = ",") -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        yield from csv.DictReader(file, delimiter=separator)


def _features(path: Path) -> list[dict[str, Any]]:
    return [one["properties"] for one in json.loads(path.read_text(encoding="utf-8"))["features"]]
