"""Figures of communes and groupings in the boundaries of today: one record a territory, made of its rows in all files.

Each file is of the communes of its own year. A count of communes that have merged since is added up. One of a commune
that has been shared out since is divided by nobody: its parts have no figure, and their grouping has one where all of
them are in it. A sum is there where all of its parts are, and nowhere else.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from clirld.read.rows import Cell, Dropped, Made, Noticed, SourceRow

from . import shares, vintages
from .boundaries import Boundaries
from .layout import (
    ARRONDISSEMENTS,
    CENTRES,
    COUNTS,
    INCOME,
    Counts,
    Territory,
    number_in,
    padded,
    text_of,
    whole_commune,
)


def records(rows: Mapping[str, Iterable[SourceRow]]) -> Iterator[Made | Dropped | Noticed]:
    """Give each commune and each grouping once, and the rows that tell of none of today, with the reason.

    What is noticed are columns whose codes are not of the year that is stated of their file.
    """
    mergers = list(rows["mergers"])
    perimeters = list(rows["perimeters"])
    areas = list(rows["areas"])
    # Communes of today: those of the list of attraction areas that did not end since it was made.
    listed = {text_of(r, "DEPCOM") for r in areas}
    ended = {
        text_of(r, "COM_AV") for r in mergers if text_of(r, "DATE_EFF") > "2025-01-01" and text_of(r, "MOD") != "21"
    }
    ended -= {text_of(r, "COM_AP") for r in mergers if text_of(r, "TYPECOM_AP") == "COM"}
    boundaries = Boundaries(mergers, listed - ended)
    communes: dict[str, Territory] = {code: Territory() for code in sorted(boundaries.current)}
    groupings: dict[str, Territory] = {}
    yield from _perimeters(perimeters, boundaries, communes, groupings)
    for name, counts in COUNTS.items():
        table = list(rows[name])
        columns = counts.figures.values()
        yield from vintages.contradicted(name, counts.code, counts.boundaries, columns, table, boundaries)
        yield from _counts(name, counts, table, boundaries, communes, groupings)
        if name == "density":
            yield from _classes(name, table, counts.code, {"density_class": "DENS7"}, boundaries, communes)
        if name == "comparator":
            shares.places(table, communes, groupings)
        if name == "vacancy":
            shares.vacancy(table, boundaries, communes, groupings)
    classes = {"attraction_area": "AAV2020", "attraction_area_size": "TAAV2017", "attraction_area_role": "CATEAAV2020",
               "attraction_area_name": "LIB_AAV2020"}  # fmt: skip
    yield from _classes("areas", areas, "DEPCOM", classes, boundaries, communes)
    yield from _classes(
        "centres", list(rows["centres"]), "insee_com", {"centre": "niveau_centralite"}, boundaries, communes
    )
    shares.rural(communes, groupings)
    for year in INCOME:
        yield from shares.income(year, rows[f"income-{year}"], groupings)
        name, table = f"income-communes-{year}", list(rows[f"income-communes-{year}"])
        _persons, median, _population, made = INCOME[year]
        yield from vintages.contradicted(name, "CODGEO", made, [(median,)], table, boundaries)
        yield from shares.income_of_communes(year, table, boundaries, communes)
    shares.income_growth(communes, groupings)
    shares.leave_out_jumps(communes)
    for r in mergers:
        yield Dropped("mergers", r.row, "event-used")
    for code, commune in communes.items():
        epci = commune.classes.pop("epci", "")
        yield Made(
            "territory_figures", f"commune-{code}", _values(f"commune-{code}", commune) | {"epci": epci}, commune.rows
        )
    for siren, grouping in sorted(groupings.items()):
        yield Made("territory_figures", f"epci-{siren}", _values(f"epci-{siren}", grouping), grouping.rows)


def _values(key: str, territory: Territory) -> dict[str, Cell]:
    """Columns of the table `territory_figures`."""
    figures: dict[str, Cell] = {
        name: f"{round(one, 5):.5f}".rstrip("0").rstrip(".") for name, one in territory.figures.items()
    }
    for name in ("area", "rural_share_2022", "vacant_share_2021", "vacancy_covered", "income_growth"):
        if name in territory.figures:  # two decimals: with three, a reader could take the point for thousands
            figures[name] = f"{territory.figures[name]:.2f}"
    return {"territory": key} | figures | dict(territory.classes.items())


def _perimeters(
    rows: Iterable[SourceRow], boundaries: Boundaries, communes: dict[str, Territory], groupings: dict[str, Territory]
) -> Iterator[Dropped]:
    for r in rows:
        siren, successors = text_of(r, "siren").removesuffix(".0"), boundaries.today(text_of(r, "insee"), 2025)
        if len(successors) != 1:
            yield Dropped("perimeters", r.row, "commune-shared-out-since" if successors else "unknown-commune")
            continue
        (code,) = successors
        commune, grouping = communes[code], groupings.setdefault(siren, Territory())
        commune.classes.setdefault("epci", f"epci-{siren}")
        grouping.rows.append(("perimeters", r.row))
        if code not in grouping.members:
            grouping.members.append(code)


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
        code = padded(text_of(r, counts.code))
        successors = boundaries.today(whole_commune(r, code), counts.boundaries)
        if text_of(r, "commune_type") == "COMD":
            yield Dropped(name, r.row, "part-of-a-commune")
        elif not successors:
            yield Dropped(name, r.row, "unknown-commune")
        else:
            first.setdefault(code, r)
            for one in successors:
                communes[one].rows.append((name, r.row))
    parts: dict[str, list[str]] = defaultdict(list)
    for code, r in first.items():
        parts[whole_commune(r, code)].append(code)
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
        figure: _covered({one: _sum([first[code] for code in codes], columns) for one, codes in whole.items()})
        for figure, columns in counts.figures.items()
    }
    for territory, members in targets:
        codes = sorted({code for one in members for code in origins[one]})
        if all(today[code] <= set(members) for code in codes):  # what was shared out is not divided
            for figure, values in sums.items():
                found = [values[code] for code in codes]
                if None not in found:
                    territory.figures[figure] = sum(one for one in found if one is not None)


def _covered(values: Mapping[str, float | None]) -> dict[str, float | None]:
    """Figures of communes, without the noughts of a whole département: its file does not cover it, as Mayotte's census.

    A commune may well have nobody (six of the Meuse have not since 1918), a département has not.
    """
    somebody = {_departement(code) for code, value in values.items() if value}
    return {code: value if value or _departement(code) in somebody else None for code, value in values.items()}


def _departement(commune: str) -> str:
    return commune[:3] if commune.startswith(("97", "98")) else commune[:2]


def _sum(rows: Iterable[SourceRow], columns: Iterable[str]) -> float | None:
    """The sum of the cells of some rows in some columns; none where a cell is no number."""
    cells = [number_in(text_of(r, column)) for r in rows for column in columns]
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
        code = padded(text_of(r, code_column))
        if code not in boundaries.current:
            yield Dropped(name, r.row, "unknown-commune")
            continue
        for figure, column in columns.items():
            text = text_of(r, column).removesuffix(".0")
            text = CENTRES.get(text, "") if figure == "centre" else text
            if text:
                communes[code].classes[figure] = text
        if name != "density":  # its rows are noted with its counts
            communes[code].rows.append((name, r.row))
