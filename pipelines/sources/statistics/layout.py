"""What the files of figures are made of, and what is gathered of a territory from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from clirld.read.rows import SourceRow

Origin = tuple[str, int]


@dataclass(frozen=True)
class Counts:
    """Counts of a file: the column of the code, the year of its boundaries, and the columns that make each figure."""

    code: str
    boundaries: int
    figures: Mapping[str, tuple[str, ...]]


COUNTS = {
    "population": Counts("COM", 2025, {"population_2023": ("PMUN",)}),
    "comparator": Counts(
        "insee_com",
        2024,
        {
            "area": ("superficie_km2",),
            "population_2015": ("population_2015",),
            "population_2021": ("population_2021",),
            "births_2022": ("naissances_2022",),
            "deaths_2022": ("deces_2022",),
            "households_2021": ("menages_2021",),
            "working_age_2021": ("pop_15_64_totale_2021",),
            "active_2021": ("pop_15_64_active_2021",),
            "unemployed_2021": ("pop_15_64_chomage_2021",),
        },
    ),
    "jobs-1999": Counts(
        "CODGEO",
        2019,
        {"jobs_1999": ("ELT99",), "manufacturing_jobs_1999": ("FABRIC99",), "retail_jobs_1999": ("DISTRI99",)},
    ),
    "jobs-2016": Counts(
        "CODGEO",
        2019,
        {
            "jobs_2016": ("ELT16",),
            "manufacturing_jobs_2016": ("FABRIC16",),
            "retail_jobs_2016": ("DISTRI16",),
            "farming_jobs_2016": ("AGRICU16",),
            "administration_jobs_2016": ("ADMPUB16",),
            "education_health_jobs_2016": ("EDUFOR16", "SANSOC16"),
            "local_services_jobs_2016": ("SERPRO16",),
            "leisure_jobs_2016": ("CULLOI16",),
            "metropolitan_executives_2016": ("CFM16",),
        },
    ),
    "density": Counts("CODGEO", 2025, {"population_2022": ("PMUN22",)}),
    "vacancy": Counts("comm_insee", 2022, {"dwellings_2022": ("Nb_log_pp_2022",)}),
}
ARRONDISSEMENTS = {"75056": 20, "69123": 9, "13055": 16}  # Paris, Lyon, Marseille: how many each has
INCOME = {  # persons, median, year, inhabitants, year of the boundaries of communes
    "2014": ("NBPERS14", "Q214", "population_2015", 2014),
    "2019": ("NBPERS19", "Q219", "population_2021", 2020),
}
# Persons of fiscal households are 0.95 to 0.99 of the inhabitants of most; else the median is of another perimeter.
SAME_PERIMETER = (0.86, 1.05)
RURAL = ("5", "6", "7")  # levels of Insee's density grid
# Share of the inhabitants of a grouping whose communes have a figure, from which on that tells of the grouping.
COVERED = 0.5
PLACED = 0.9  # share of the inhabitants whose commune has a centre
CENTRES = {
    "Communes non centre": "0",
    "Centre local d'équipements et de services": "1",
    "Centre intermédiaire d'équipements et de services": "2",
    "Centre structurant d'équipements et de services": "3",
    "Centre majeur d'équipements et de services": "4",
}


@dataclass
class Territory:
    """What the files say of one territory of today."""

    figures: dict[str, float] = field(default_factory=dict)
    classes: dict[str, str] = field(default_factory=dict)
    rows: list[Origin] = field(default_factory=list)
    members: list[str] = field(default_factory=list)
    """Communes of a grouping."""


def text_of(row: SourceRow, column: str) -> str:
    cell = row.values.get(column, "")
    return (cell if isinstance(cell, str) else " ".join(cell)).strip()


def number_in(text: str) -> float | None:
    """A number as the files write them: thousands by spaces, or by commas; else a decimal comma."""
    text = text.replace(" ", "").replace("\u202f", "").replace("\xa0", "")
    head, comma, tail = text.rpartition(",")
    text = text.replace(",", "") if comma and len(tail) == 3 else f"{head}.{tail}" if comma else text
    try:
        return float(text)
    except ValueError:
        return None


def padded(text: str) -> str:
    """A code with the zero that a spreadsheet lost."""
    return text.zfill(5) if text.isdecimal() else text


def whole_commune(r: SourceRow, code: str) -> str:
    """The commune of an arrondissement of Paris, Lyon or Marseille; else the code."""
    for whole, start in (("75056", "751"), ("69123", "6938"), ("13055", "132")):
        if code.startswith(start) and code != whole:
            return whole
    return code
