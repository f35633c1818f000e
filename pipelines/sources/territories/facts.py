"""What the other files say of a commune of today: its groupings, inhabitants, centre and area."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from clirld.read.rows import Cell, Dropped, SourceRow

from .layout import Origin, text_of
from .passages import Former

POPULATION_YEAR = {"population": "2023", "population-mayotte": "2017"}  # see source.yaml
ARRONDISSEMENTS = {"75056": 20, "69123": 9, "13055": 16}  # Paris, Lyon, Marseille: how many each has


@dataclass
class Commune:
    """What the other files say about a commune of today."""

    epci: dict[str, list[Origin]] = field(default_factory=dict)
    ept: dict[str, list[Origin]] = field(default_factory=dict)
    authority: list[str] = field(default_factory=list)
    """SIREN of the commune as a legal person, and of those merged into it since."""
    population: int | None = None
    population_year: str = ""
    population_rows: list[Origin] = field(default_factory=list)
    grounds: dict[str, tuple[str, str, str]] = field(default_factory=dict)
    """Latitude and longitude of the centre, and area: its own, or those of its arrondissements or merged communes."""
    postcodes: set[str] = field(default_factory=set)
    ground_rows: list[Origin] = field(default_factory=list)


def population(
    rows: Mapping[str, Iterable[SourceRow]],
    counted_codes: set[str],
    former: dict[str, Former],
    commune_facts: dict[str, Commune],
) -> Iterator[Dropped]:
    """Note the municipal population; communes merged since the count are added up."""
    for distribution, year in POPULATION_YEAR.items():
        for r in rows[distribution]:
            # In Mayotte's file COM is the (empty) name: the code is the first two digits of 976 and CODCOM.
            code = text_of(r, "COM") or text_of(r, "DEP")[:2] + text_of(r, "CODCOM")
            successors = [code] if code in counted_codes else former[code].current if code in former else []
            if len(successors) != 1:
                reason = "commune-shared-out-since" if successors else "unknown-commune"
                yield Dropped(distribution, r.row, reason)
                continue
            if not text_of(r, "PMUN").isdecimal():
                yield Dropped(distribution, r.row, "no-population")
                continue
            commune = commune_facts[successors[0]]
            commune.population = (commune.population or 0) + int(text_of(r, "PMUN"))
            commune.population_year = year
            commune.population_rows.append((distribution, r.row))


def ground(
    rows: Iterable[SourceRow], current: Mapping[str, str], former: dict[str, Former], commune_facts: dict[str, Commune]
) -> Iterator[Dropped]:
    """Note where communes are; the file has one line a postcode, and is behind the communes."""
    for r in rows:
        code = text_of(r, "insee_com")
        # Paris, Lyon and Marseille are there by arrondissement only.
        whole = text_of(r, "insee_parente") if text_of(r, "commune_type") == "ARM" else code
        successors = [whole] if whole in current else former[whole].current if whole in former else []
        if len(successors) != 1:
            yield Dropped("places", r.row, "commune-shared-out-since" if successors else "unknown-commune")
            continue
        commune = commune_facts[successors[0]]
        commune.grounds.setdefault(code, (text_of(r, "lat"), text_of(r, "lng"), text_of(r, "superficie_km2")))
        commune.postcodes.update(filter(None, [text_of(r, "code_postal")]))
        commune.ground_rows.append(("places", r.row))


def ground_of(commune: Commune) -> dict[str, Cell]:
    """The centre, weighted by area, and the area of what a commune is made of; neither where a part lacks one."""
    ground: dict[str, Cell] = {"postcode": sorted(commune.postcodes)}
    grounds = list(commune.grounds.values())
    if len(grounds) == 1:
        latitude, longitude, area = grounds[0]
    else:
        try:
            numbers = [tuple(map(float, cells)) for cells in grounds]
            total = sum(size for _, _, size in numbers)
            latitude, longitude = (f"{sum(n[axis] * n[2] for n in numbers) / total:.5f}" for axis in (0, 1))
            area = f"{total:.2f}"
        except (ValueError, ZeroDivisionError):
            return ground
    with suppress(ValueError):  # what is empty or no number is told by the engine
        area = f"{float(area):.2f}"  # a few have more decimals than a decimal of the tables
    if latitude and longitude:
        ground |= {"latitude": latitude, "longitude": longitude, "area": area}
    return ground


def population_of(commune: Commune) -> dict[str, Cell]:
    if commune.population is None:
        return {}
    return {"population": str(commune.population), "population_year": commune.population_year}


def add_up_arrondissements(cog: list[SourceRow], commune_facts: dict[str, Commune]) -> None:
    """Paris, Lyon and Marseille are counted by arrondissement only: add them up, if all are there."""
    arrondissements: dict[str, list[Commune]] = defaultdict(list)
    for r in cog:
        arrondissement = commune_facts.get(text_of(r, "COM"))
        if text_of(r, "TYPECOM") == "ARM" and arrondissement is not None and arrondissement.population is not None:
            arrondissements[text_of(r, "COMPARENT")].append(arrondissement)
    for code, counts in arrondissements.items():
        if len(counts) == ARRONDISSEMENTS.get(code) and commune_facts[code].population is None:
            commune_facts[code].population = sum(c.population or 0 for c in counts)
            commune_facts[code].population_year = counts[0].population_year
            commune_facts[code].population_rows = [origin for c in counts for origin in c.population_rows]
