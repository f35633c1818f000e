"""Places of a commune in several grids: one record a commune, made of its rows in all files.

A file has each commune once. Labels that are not known here go on as they are, so that the engine says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from clirld.read.rows import Cell, Dropped, Made, SourceRow

DENSITY = {
    "Grands centres urbains": "large-urban-centre",
    "Centres urbains intermédiaires": "intermediate-urban-centre",
    "Ceintures urbaines": "urban-belt",
    "Petites villes": "small-town",
    "Bourgs ruraux": "rural-town",
    "Rural à habitat dispersé": "dispersed-rural",
    "Rural à habitat très dispersé": "very-dispersed-rural",
}
TYPOLOGY = {
    "Les ruralités résidentielles aisées": "residential-affluent",
    "Les ruralités résidentielles mixtes": "residential-mixed",
    "Les petites polarités industrielles et artisanales": "hub-industrial",
    "Les petites polarités mixtes": "hub-mixed",
    "Les ruralités productives agricoles": "productive-farming",
    "Les ruralités productives ouvrières": "productive-workers",
    "Les ruralités touristiques à dominante résidentielle": "tourism-residential",
    "Les ruralités touristiques spécialisées": "tourism-specialised",
    "Communes non centre": "not-a-centre",
    "Centre local d'équipements et de services": "centre-local",
    "Centre intermédiaire d'équipements et de services": "centre-intermediate",
    "Centre structurant d'équipements et de services": "centre-structuring",
    "Centre majeur d'équipements et de services": "centre-major",
}
WITHOUT_CLASS = {
    "Hors champ : DOM ou commune urbaine": "out-of-scope",
    "Commune dont le périmètre a changé depuis la réalisation de la typologie": "boundaries-changed",
    "- undefined": "no-class",  # overseas, which the study of centres leaves out
}
MASSIF = {
    "01 - Massif des Vosges": "massif-vosges",
    "02 - Massif du Jura": "massif-jura",
    "03 - Massif des Alpes": "massif-alps",
    "04 - Massif de Guadeloupe": "massif-guadeloupe",
    "05 - Massif de Corse": "massif-corsica",
    "06 - Massif Central": "massif-central",
    "07 - Massif de Martinique": "massif-martinique",
    "08 - Massif des Pyrénées": "massif-pyrenees",
    "09 - Massif des Hauts de la Réunion": "massif-reunion",
}
# What the words of two files say together is what the situation means: « Campagne où l'habitat est très dispersé et les
# services rares » (territory-situation). No other situation is said: a type of rural area judges no trend.
SCATTERED, NOT_A_CENTRE, SITUATION = "very-dispersed-rural", "not-a-centre", "very-low-density-rural"


@dataclass
class Commune:
    """What the files say of one commune."""

    density: str = ""
    typology: list[str] = field(default_factory=list)
    zonings: list[str] = field(default_factory=list)
    rows: list[tuple[str, int]] = field(default_factory=list)

    def values(self, code: str) -> dict[str, Cell]:
        """Columns of the table `zoning`."""
        situation = SITUATION if self.density == SCATTERED and NOT_A_CENTRE in self.typology else ""
        return {
            "territory": code,
            "density": self.density,
            "typology": self.typology,
            "situation": situation,
            "official_zoning": self.zonings,
        }


def records(rows: Mapping[str, Iterable[SourceRow]]) -> Iterator[Made | Dropped]:
    """Give every commune once, and the rows that put it in no class with the reason."""
    communes: dict[str, Commune] = {}

    def commune(distribution: str, row: SourceRow, column: str) -> Commune:
        entry = communes.setdefault(_text(row, column), Commune())
        entry.rows.append((distribution, row.row))
        return entry

    for row in rows["density"]:
        label = _text(row, "niveau_densite")
        commune("density", row, "insee_com").density = DENSITY.get(label, label)
    for distribution, column in (("rurality", "niveau_ruralite"), ("centrality", "niveau_centralite")):
        for row in rows[distribution]:
            label = _text(row, column)
            if label in WITHOUT_CLASS:
                yield Dropped(distribution, row.row, WITHOUT_CLASS[label])
            else:
                commune(distribution, row, "insee_com").typology.append(TYPOLOGY.get(label, label))
    for row in rows["mountain"]:
        label = _text(row, "niveau_montagne")
        commune("mountain", row, "insee_com").zonings.append(MASSIF.get(label, label))
    for row in rows["qpv"]:
        commune("qpv", row, "properties.insee_com").zonings.append("qpv")
    for code, entry in communes.items():
        yield Made("zoning", code, entry.values(code), entry.rows)


def _text(row: SourceRow, column: str) -> str:
    cell = row.values.get(column, "")
    return (cell if isinstance(cell, str) else " ".join(cell)).strip()
