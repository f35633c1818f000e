"""Figures of communes and groupings in the boundaries of today: one record a territory, made of its rows in all files.

Each file is of the communes of its own year. A count of communes that have merged since is added up. One of a commune
that has been shared out since is divided by nobody: its parts have no figure, and their grouping has one where all of
them are in it. A sum is there where all of its parts are, and nowhere else.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from clirld.read.rows import Cell, Dropped, Made, SourceRow

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


class Boundaries:
    """What became of communes, from the events since 1943 (Insee: MOD, DATE_EFF, TYPECOM_AV, TYPECOM_AP)."""

    def __init__(self, mergers: Iterable[SourceRow], current: set[str]) -> None:
        self.current = current
        self._today: dict[tuple[str, int], set[str]] = {}
        self._events: dict[str, list[tuple[str, str]]] = defaultdict(list)
        self._origins: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for r in mergers:
            before, after, date = _text(r, "COM_AV"), _text(r, "COM_AP"), _text(r, "DATE_EFF")
            if _text(r, "TYPECOM_AV") == "COM" and _text(r, "TYPECOM_AP") == "COM":
                self._events[before].append((date, after))
                self._origins[after].append((date, before))

    def today(self, code: str, year: int) -> set[str]:
        """The communes of today that a commune of the first of January of a year has become."""
        if (code, year) not in self._today:
            self._today[code, year] = self._follow(code, f"{year}-01-01", frozenset())
        return self._today[code, year]

    def _follow(self, code: str, since: str, path: frozenset[tuple[str, str]]) -> set[str]:
        dates = sorted({date for date, _after in self._events[code] if date > since})
        for date in dates:
            successors = {after for day, after in self._events[code] if day == date}
            if successors != {code} and (code, date) not in path:
                found: set[str] = set()
                for after in successors:
                    found |= self._follow(after, date, path | {(code, date)})
                return found
        return {code} & self.current

    def before(self, code: str, year: int) -> set[str]:
        """The communes of the first of January of a year that have become a commune of today."""
        since, found, ahead = f"{year}-01-01", set(), [code]
        while ahead:
            one = ahead.pop()
            found.add(one)
            ahead += [before for date, before in self._origins[one] if date > since and before not in found]
        return {one for one in found if self._existed(one, since) and code in self.today(one, year)}

    def _existed(self, code: str, day: str) -> bool:
        """Whether a code was a commune's on a day: some ended and came back."""
        ends = [(date, after == code) for date, after in self._events[code]]
        starts = [(date, True) for date, _before in self._origins[code]]
        past = [one for one in ends + starts if one[0] <= day]
        if past:
            last = max(date for date, _stays in past)
            return any(stays for date, stays in past if date == last)
        first = min((date for date, _stays in ends + starts), default="")
        return not first or any(date == first for date, _stays in ends)


def records(rows: Mapping[str, Iterable[SourceRow]]) -> Iterator[Made | Dropped]:
    """Give each commune and each grouping once, and the rows that tell of none of today, with the reason."""
    mergers = list(rows["mergers"])
    perimeters = list(rows["perimeters"])
    areas = list(rows["areas"])
    # Communes of today: those of the list of attraction areas that did not end since it was made.
    listed = {_text(r, "DEPCOM") for r in areas}
    ended = {_text(r, "COM_AV") for r in mergers if _text(r, "DATE_EFF") > "2025-01-01" and _text(r, "MOD") != "21"}
    ended -= {_text(r, "COM_AP") for r in mergers if _text(r, "TYPECOM_AP") == "COM"}
    boundaries = Boundaries(mergers, listed - ended)
    communes: dict[str, Territory] = {code: Territory() for code in sorted(boundaries.current)}
    groupings: dict[str, Territory] = {}
    yield from _perimeters(perimeters, boundaries, communes, groupings)
    for name, counts in COUNTS.items():
        table = list(rows[name])
        yield from _counts(name, counts, table, boundaries, communes, groupings)
        if name == "density":
            yield from _classes(name, table, counts.code, {"density_class": "DENS7"}, boundaries, communes)
        if name == "comparator":
            _places(table, communes, groupings)
        if name == "vacancy":
            _vacancy(table, boundaries, communes, groupings)
    columns = {"attraction_area": "AAV2020", "attraction_area_size": "TAAV2017", "attraction_area_role": "CATEAAV2020",
               "attraction_area_name": "LIB_AAV2020"}  # fmt: skip
    yield from _classes("areas", areas, "DEPCOM", columns, boundaries, communes)
    yield from _classes(
        "centres", list(rows["centres"]), "insee_com", {"centre": "niveau_centralite"}, boundaries, communes
    )
    _rural(communes, groupings)
    for year in INCOME:
        yield from _income(year, rows[f"income-{year}"], groupings)
        yield from _income_of_communes(year, rows[f"income-communes-{year}"], boundaries, communes)
    _income_growth(communes, groupings)
    _leave_out_jumps(communes)
    for r in mergers:
        yield Dropped("mergers", r.row, "event-used")
    for code, commune in communes.items():
        epci = commune.classes.pop("epci", "")
        yield Made(
            "territory_figures", f"commune-{code}", _values(f"commune-{code}", commune) | {"epci": epci}, commune.rows
        )
    for siren, grouping in sorted(groupings.items()):
        yield Made("territory_figures", f"epci-{siren}", _values(f"epci-{siren}", grouping), grouping.rows)


def _text(row: SourceRow, column: str) -> str:
    cell = row.values.get(column, "")
    return (cell if isinstance(cell, str) else " ".join(cell)).strip()


def _number(text: str) -> float | None:
    """A number as the files write them: thousands by spaces, or by commas; else a decimal comma."""
    text = text.replace(" ", "").replace("\u202f", "").replace("\xa0", "")
    head, comma, tail = text.rpartition(",")
    text = text.replace(",", "") if comma and len(tail) == 3 else f"{head}.{tail}" if comma else text
    try:
        return float(text)
    except ValueError:
        return None


def _values(key: str, territory: Territory) -> dict[str, Cell]:
    """Columns of the table `territory_figures`."""
    figures: dict[str, Cell] = {
        name: f"{round(one, 5):.5f}".rstrip("0").rstrip(".") for name, one in territory.figures.items()
    }
    for name in ("area", "rural_share_2022", "vacant_share_2021", "vacancy_covered", "income_growth"):
        if name in territory.figures:  # two decimals: with three, a reader could take the point for thousands
            figures[name] = f"{territory.figures[name]:.2f}"
    return {"territory": key} | figures | dict(territory.classes.items())


def _code(text: str) -> str:
    """A code with the zero that a spreadsheet lost."""
    return text.zfill(5) if text.isdecimal() else text


def _perimeters(
    rows: Iterable[SourceRow], boundaries: Boundaries, communes: dict[str, Territory], groupings: dict[str, Territory]
) -> Iterator[Dropped]:
    for r in rows:
        siren, successors = _text(r, "siren").removesuffix(".0"), boundaries.today(_text(r, "insee"), 2025)
        if len(successors) != 1:
            yield Dropped("perimeters", r.row, "commune-shared-out-since" if successors else "unknown-commune")
            continue
        (code,) = successors
        commune, grouping = communes[code], groupings.setdefault(siren, Territory())
        commune.classes.setdefault("epci", f"epci-{siren}")
        grouping.rows.append(("perimeters", r.row))
        if code not in grouping.members:
            grouping.members.append(code)


def _whole(r: SourceRow, code: str) -> str:
    """The commune of an arrondissement of Paris, Lyon or Marseille; else the code."""
    for whole, start in (("75056", "751"), ("69123", "6938"), ("13055", "132")):
        if code.startswith(start) and code != whole:
            return whole
    return code


def _counts(
    name: str,
    counts: Counts,
    rows: Iterable[SourceRow],
    boundaries: Boundaries,
    communes: dict[str, Territory],
    groupings: dict[str, Territory],
) -> Iterator[Dropped]:
    """Add up the counts of a file, each commune of its year once."""
    first: dict[str, SourceRow] = {}
    for r in rows:
        code = _code(_text(r, counts.code))
        successors = boundaries.today(_whole(r, code), counts.boundaries)
        if _text(r, "commune_type") == "COMD":
            yield Dropped(name, r.row, "part-of-a-commune")
        elif not successors:
            yield Dropped(name, r.row, "unknown-commune")
        else:
            first.setdefault(code, r)
            for one in successors:
                communes[one].rows.append((name, r.row))
    parts: dict[str, list[str]] = defaultdict(list)
    for code, r in first.items():
        parts[_whole(r, code)].append(code)
    whole = {one: codes for one, codes in parts.items() if len(codes) == ARRONDISSEMENTS.get(one, 1) or one in codes}
    today = {code: boundaries.today(code, counts.boundaries) for code in whole}
    origins: dict[str, set[str]] = defaultdict(set)
    for code, successors in today.items():
        for one in successors:
            origins[one].add(code)
    # Of all that became of it since, nothing is missing in the file.
    complete = {one for one, codes in origins.items() if codes == boundaries.before(one, counts.boundaries)}
    targets = [(communes[one], [one]) for one in complete]
    targets += [(one, one.members) for one in groupings.values() if complete.issuperset(one.members)]
    sums = {
        figure: {one: _sum([first[code] for code in codes], columns) for one, codes in whole.items()}
        for figure, columns in counts.figures.items()
    }
    for territory, members in targets:
        codes = sorted({code for one in members for code in origins[one]})
        if all(today[code] <= set(members) for code in codes):  # what was shared out is not divided
            for figure, values in sums.items():
                found = [values[code] for code in codes]
                if None not in found:
                    territory.figures[figure] = sum(one for one in found if one is not None)


def _sum(rows: Iterable[SourceRow], columns: Iterable[str]) -> float | None:
    """The sum of the cells of some rows in some columns; none where a cell is no number."""
    cells = [_number(_text(r, column)) for r in rows for column in columns]
    known = [one for one in cells if one is not None]
    return sum(known) if len(known) == len(cells) else None


def _classes(
    name: str,
    rows: Iterable[SourceRow],
    code_column: str,
    columns: Mapping[str, str],
    boundaries: Boundaries,
    communes: dict[str, Territory],
) -> Iterator[Dropped]:
    """Note the classes of communes: no class is that of a commune with other boundaries."""
    for r in rows:
        code = _code(_text(r, code_column))
        if code not in boundaries.current:
            yield Dropped(name, r.row, "unknown-commune")
            continue
        for figure, column in columns.items():
            text = _text(r, column).removesuffix(".0")
            text = CENTRES.get(text, "") if figure == "centre" else text
            if text:
                communes[code].classes[figure] = text
        if name != "density":  # its rows are noted with its counts
            communes[code].rows.append((name, r.row))


def _places(rows: Iterable[SourceRow], communes: dict[str, Territory], groupings: dict[str, Territory]) -> None:
    """The centre of each commune, and of each grouping that of its inhabitants."""
    points: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for r in rows:
        latitude, longitude = _number(_text(r, "lat")), _number(_text(r, "lng"))
        if latitude is not None and longitude is not None and _text(r, "commune_type") != "COMD":
            points[_whole(r, _code(_text(r, "insee_com")))].append((latitude, longitude))
    for code, commune in communes.items():
        if found := points.get(code):
            commune.figures["latitude"] = sum(one for one, _other in found) / len(found)
            commune.figures["longitude"] = sum(one for _other, one in found) / len(found)
    for grouping in groupings.values():
        members = [communes[code].figures for code in grouping.members]
        placed = [one for one in members if "latitude" in one and one.get("population_2021")]
        total = sum(one["population_2021"] for one in placed)
        if total and total >= PLACED * grouping.figures.get("population_2021", total * 2):
            for axis in ("latitude", "longitude"):
                grouping.figures[axis] = sum(one[axis] * one["population_2021"] for one in placed) / total


def _vacancy(
    rows: Iterable[SourceRow], boundaries: Boundaries, communes: dict[str, Territory], groupings: dict[str, Territory]
) -> None:
    """The share of dwellings vacant for two years: of communes merged since and of groupings, that of all dwellings."""
    vacant: dict[str, tuple[float, float]] = {}
    for r in rows:
        code = _whole(r, _code(_text(r, "comm_insee")))
        share, dwellings = _number(_text(r, "Prop_logvac_pp_2A_010121")), _number(_text(r, "Nb_log_pp_2022"))
        if share is not None and dwellings:
            before = vacant.get(code, (0.0, 0.0))
            vacant[code] = before[0] + share * dwellings, before[1] + dwellings
    for code, (weighted, dwellings) in vacant.items():
        if code in communes and boundaries.before(code, 2022) == {code}:
            communes[code].figures["vacant_share_2021"] = weighted / dwellings
    for grouping in groupings.values():
        known = [code for code in grouping.members if "vacant_share_2021" in communes[code].figures]
        inhabitants = sum(communes[code].figures.get("population_2021", 0) for code in known)
        if (total := grouping.figures.get("population_2021")) and known:
            grouping.figures["vacancy_covered"] = 100 * inhabitants / total
            if inhabitants / total >= COVERED:
                weighted = sum(vacant[code][0] for code in known)
                grouping.figures["vacant_share_2021"] = weighted / sum(vacant[code][1] for code in known)


def _rural(communes: dict[str, Territory], groupings: dict[str, Territory]) -> None:
    """The share of the inhabitants of 2022 in communes that the density grid calls rural."""
    for grouping in groupings.values():
        members = [communes[code] for code in grouping.members]
        total = grouping.figures.get("population_2022")
        if total and all("density_class" in one.classes for one in members):
            rural = sum(
                one.figures.get("population_2022", 0) for one in members if one.classes["density_class"] in RURAL
            )
            grouping.figures["rural_share_2022"] = 100 * rural / total


def _income(year: str, rows: Iterable[SourceRow], groupings: dict[str, Territory]) -> Iterator[Dropped]:
    """The median income of groupings that have the perimeter of today."""
    persons_column, median_column, population, _boundaries = INCOME[year]
    for r in rows:
        grouping = groupings.get(_text(r, "CODGEO"))
        if grouping is None:
            yield Dropped(f"income-{year}", r.row, "grouping-of-another-year")
            continue
        persons, median = _number(_text(r, persons_column)), _number(_text(r, median_column))
        inhabitants = grouping.figures.get(population)
        if median is None or not persons or not inhabitants:
            yield Dropped(f"income-{year}", r.row, "no-figure")
        elif not SAME_PERIMETER[0] <= persons / inhabitants <= SAME_PERIMETER[1]:
            yield Dropped(f"income-{year}", r.row, "grouping-of-another-perimeter")
        else:
            grouping.figures[f"median_income_{year}"] = median
            grouping.rows.append((f"income-{year}", r.row))


def _income_of_communes(
    year: str, rows: Iterable[SourceRow], boundaries: Boundaries, communes: dict[str, Territory]
) -> Iterator[Dropped]:
    """The median income of communes that have had the same boundaries since."""
    name, (_persons, column, _population, made) = f"income-communes-{year}", INCOME[year]
    for r in rows:
        code, median = _code(_text(r, "CODGEO")), _number(_text(r, column))
        if median is None:
            yield Dropped(name, r.row, "no-figure")
        elif boundaries.before(code, made) != {code} or boundaries.today(code, made) != {code}:
            yield Dropped(name, r.row, "commune-merged-since")
        else:
            communes[code].figures[f"median_income_{year}"] = median
            communes[code].rows.append((name, r.row))


def _income_growth(communes: dict[str, Territory], groupings: dict[str, Territory]) -> None:
    """Growth of the medians of communes in percent, weighted by their inhabitants, where most are known."""
    for grouping in groupings.values():
        known = [
            (one["population_2021"], one["median_income_2019"] / one["median_income_2014"])
            for one in (communes[code].figures for code in grouping.members)
            if {"population_2021", "median_income_2014", "median_income_2019"} <= one.keys()
        ]
        inhabitants = sum(weight for weight, _growth in known)
        if inhabitants and inhabitants >= COVERED * grouping.figures.get("population_2021", inhabitants * 3):
            grouping.figures["income_growth"] = (
                100 * sum(weight * growth for weight, growth in known) / inhabitants - 100
            )


def _leave_out_jumps(communes: dict[str, Territory]) -> None:
    """Leave out a count that halves or doubles in six years (above 500): it is of other boundaries."""
    for commune in communes.values():
        before, after = (commune.figures.get(f"population_{year}") for year in ("2015", "2021"))
        if before and after and max(before, after) > 500 and not 0.5 <= after / before <= 2:
            del commune.figures["population_2015"]
            commune.classes["population_2015"] = f"{before:.0f}, {after:.0f} en 2021"  # no number: an issue shows it
