"""How good the situations and the neighbours are, on the real registries beside the project.

    python -m bench.likeness TABLES   a folder of tables with `territory_figures`, as data/records/statistics/…

Situations are held to tests/compare/places.csv: places that public texts call so, written down before any rule was
tried; half of them, by a hash, were looked at when the rules were changed. Their lift is against programmes
of the State, within the same tenth of the population. Neighbours are held to figures that are no feature.
"""

from __future__ import annotations

import csv
import hashlib
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl

from clirld.compare import features, figures, neighbours, rules
from clirld.compare.features import Features, Floats
from clirld.compare.figures import Territory
from clirld.compare.neighbours import Neighbours
from clirld.compare.rules import Finding

PROJECT = Path(__file__).resolve().parent.parent
PLACES = PROJECT / "tests" / "compare" / "places.csv"
REGISTRIES = PROJECT.parent / "shared" / "registries"
HELD_OUT = {"young people without job or training": "1_5", "over 65": "2_1", "very high speed access": "4_6"}
"""Figures by EPCI of the barometer of cohesion of 2018 that are no feature, and their file."""

_DRAWS = 1000


@dataclass(frozen=True)
class Judged:
    """Territories by key, what each rule says of them, and the grouping of each commune."""

    territories: Mapping[str, Territory]
    findings: Mapping[str, Mapping[str, Finding]]
    grouping: Mapping[str, str]


def judge(tables: Path) -> Judged:
    """All rules on the table `territory_figures` of a folder of tables."""
    frame = pl.read_parquet(sorted((tables / "territory_figures").glob("*.parquet")))
    rows = [{name: value or "" for name, value in row.items()} for row in frame.iter_rows(named=True)]
    territories = {one.key: one for one in figures.territories(rows)}
    findings = {
        rule.id: {key: rules.find(rule, one.figures) for key, one in territories.items()} for rule in rules.load()
    }
    grouping = {row["territory"].removeprefix("commune-"): row["epci"] for row in rows if row["epci"]}
    return Judged(territories, findings, grouping)


def recall(judged: Judged, rule: str, kind: str, half: int | None = None) -> tuple[int, list[str]]:
    """How many groupings of the places are there, and the places in those of which the rule holds.

    `kind` is example or counter-example; `half` is 0 for those that were looked at, 1 for the others.
    """
    situation = next(one.situation for one in rules.load() if one.id == rule)
    places: dict[str, str] = {}
    with PLACES.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            digest = hashlib.sha256(f"{row['situation']}{row['commune']}".encode()).hexdigest()
            if (row["situation"], row["kind"]) == (situation, kind) and half in (None, int(digest, 16) % 2):
                places.setdefault(judged.grouping[row["commune"]], row["name"])
    found = [name for key, name in places.items() if judged.findings[rule][key].answer == "holds"]
    return len(places), found


def programme(judged: Judged, column: str, share: float) -> set[str]:
    """Groupings of which this share of the communes or more is in a programme (ANCT, communes of 2023)."""
    table = pl.read_csv(REGISTRIES / "anct_ngeo_2023" / "ngeo-anct-cog2023.csv", infer_schema=False)
    inside = set(table.filter(pl.col(column).is_not_null())["insee_com"])
    communes, members = Counter(judged.grouping.values()), Counter[str]()
    members.update(key for code, key in judged.grouping.items() if code in inside)
    return {key for key, count in communes.items() if members[key] and members[key] >= share * count}


def lift(judged: Judged, rule: str, inside: set[str]) -> tuple[float, float, float]:
    """How many times more often those of which a rule holds are in a programme than others of their tenth of the
    population; with the bounds of 95 % of a thousand bootstrap samples."""
    said = {key: one.answer == "holds" for key, one in judged.findings[rule].items() if one.answer != "cannot-be-said"}
    people = np.array([judged.territories[key].figures.get("population_2021", 0.0) for key in said])
    tenth = np.digitize(people, np.quantile(people, np.arange(0.1, 1, 0.1)))
    holds = np.array(list(said.values()))
    member = np.array([key in inside for key in said])

    def ratio(chosen: np.ndarray) -> float:
        counts = np.bincount(tenth[chosen], minlength=10)
        shares = np.bincount(tenth[chosen], weights=member[chosen], minlength=10) / np.maximum(counts, 1)
        of_rule = chosen[holds[chosen]]
        return float(member[of_rule].mean() / shares[tenth[of_rule]].mean())

    random = np.random.default_rng(1)
    draws = [ratio(random.integers(0, len(said), len(said))) for _draw in range(_DRAWS)]
    return ratio(np.arange(len(said))), *(float(one) for one in np.quantile(draws, (0.025, 0.975)))


def compare(judged: Judged, compared: Features | None = None) -> tuple[Neighbours, float]:
    """The neighbours of all territories, and the seconds of a processor that they took."""
    start, used = time.process_time(), compared or features.load()
    scores = features.matrix([one.figures for one in judged.territories.values()], used)
    return neighbours.find(scores, used), time.process_time() - start


def held_out(judged: Judged, found: Neighbours, measure: str) -> tuple[int, float, float, float, float]:
    """How far a figure that is no feature is from the mean of the neighbours, and of those by size and density alone.

    Gives the number of territories, both mean distances, and the bounds of 95 % of the mean of the paired differences:
    where they are above zero, the neighbours say more.
    """
    everything = features.load()
    plain = replace(everything, groups={name: everything.groups[name] for name in ("size", "density")}, groups_needed=2)
    by_size = compare(judged, plain)[0]
    table = pl.read_csv(REGISTRIES / "barometre_cohesion_2018" / f"carte_{HELD_OUT[measure]}.csv", infer_schema=False)
    numbers = dict(zip(table["codgeo"], table["value1"].cast(pl.Float64, strict=False), strict=True))
    values = np.array([numbers.get(key.removeprefix("epci-")) or np.nan for key in judged.territories])

    def distances(one: Neighbours) -> Floats:
        near = np.where(one.rows >= 0, values[one.rows], np.nan)
        known = (~np.isnan(near)).sum(axis=1)
        mean = np.divide(np.nansum(near, axis=1), known, out=np.full(len(near), np.nan), where=known > 0)
        return np.abs(values - mean)

    ours, theirs = distances(found), distances(by_size)
    both = ~np.isnan(ours) & ~np.isnan(theirs)
    gains = theirs[both] - ours[both]
    random = np.random.default_rng(1)
    means = [gains[random.integers(0, len(gains), len(gains))].mean() for _draw in range(_DRAWS)]
    low, high = (float(one) for one in np.quantile(means, (0.025, 0.975)))
    return int(both.sum()), float(ours[both].mean()), float(theirs[both].mean()), low, high


def report(judged: Judged) -> Iterator[str]:
    """What is measured, a line each."""
    people = {key: one.figures.get("population_2021", 0.0) for key, one in judged.territories.items()}
    for rule, findings in judged.findings.items():
        answers = Counter(one.answer for one in findings.values())
        inhabitants = sum(people[key] for key, one in findings.items() if one.answer == "holds") / 1e6
        near = sum(bool(one.near) for one in findings.values())
        yield (
            f"{rule}: holds {answers['holds']} ({inhabitants:.1f} M people), cannot be said "
            f"{answers['cannot-be-said']}, near a threshold {near}"
        )
        by_half: dict[str, list[str]] = defaultdict(list)
        for kind in ("example", "counter-example"):
            for half in (None, 0, 1):
                total, found = recall(judged, rule, kind, half)
                by_half[kind].append(f"{len(found)} of {total}")
            caught = f" ({', '.join(recall(judged, rule, kind)[1])})" if kind == "counter-example" else ""
            yield f"  {kind}s: {by_half[kind][0]}{caught}; looked at {by_half[kind][1]}, not {by_half[kind][2]}"
    for rule, column, share in (("industrial-crisis", "id_ti", 0.5), ("isolated-rural", "id_va", 0)):
        yield f"lift of {rule} against {column}: " + "{:.2f} [{:.2f}–{:.2f}]".format(
            *lift(judged, rule, programme(judged, column, share))
        )
    found, seconds = compare(judged)
    weights, without = (one[found.is_comparable] for one in (found.stable_weights, found.stable_without))
    yield f"comparable {found.is_comparable.sum()} of {len(judged.territories)}, in {seconds:.1f} s of a processor"
    yield f"Jaccard: one weight moved by a fifth {weights.mean():.3f}, least {weights.min():.2f}; "
    yield f"  without a group {without.mean():.3f}, under 0.5: {(without < 0.5).sum()}"
    abroad = sum(one.figures.get("centre_abroad", 0) >= features.load().abroad for one in judged.territories.values())
    yield f"doubtful for a city abroad: {abroad}"
    for measure in HELD_OUT:
        count, ours, theirs, low, high = held_out(judged, found, measure)
        yield (
            f"held out, {measure}: {count} territories, off by {ours:.2f} from the neighbours, by {theirs:.2f} from "
            f"those by size and density; gain {theirs - ours:.2f} [{low:.2f}–{high:.2f}]"
        )


if __name__ == "__main__":
    print("\n".join(report(judge(Path(sys.argv[1])))))
