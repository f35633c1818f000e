"""Density level of each commune. The code both identifies the row and says which territory it is about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from clirld.rows import Dropped, Made, SourceRow

# Labels of the file → concepts of the scheme density-grid; a label it does not know is reported as it is.
DENSITY = {
    "Grands centres urbains": "large-urban-centre",
    "Centres urbains intermédiaires": "intermediate-urban-centre",
    "Ceintures urbaines": "urban-belt",
    "Petites villes": "small-town",
    "Bourgs ruraux": "rural-town",
    "Rural à habitat dispersé": "dispersed-rural",
    "Rural à habitat très dispersé": "very-dispersed-rural",
}


def records(rows: Mapping[str, Iterable[SourceRow]]) -> Iterator[Made | Dropped]:
    """Give one zoning a commune."""
    for row in rows["density"]:
        code, label = str(row.values["insee_com"]), str(row.values["niveau_densite"]).strip()
        values = {"territory": f"commune-{code}", "density": DENSITY.get(label, label)}
        yield Made("zoning", code, dict(values), [("density", row.row)])
