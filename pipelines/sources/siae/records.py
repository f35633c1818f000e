"""One organization a SIREN, with its agreement, from the establishments that the Marché de l'inclusion lists."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from clirld.read.rows import Dropped, Made, SourceRow
from clirld.values import cleaners

WORK_INTEGRATION = {"EI", "AI", "ACI", "ETTI", "EITI"}  # kinds of article L5132-4 of the labour code


def records(rows: Mapping[str, Iterable[SourceRow]]) -> Iterator[Made | Dropped]:
    """The organization takes the name of the establishment that has the agreement itself, else of the first."""
    by_siren: dict[str, list[SourceRow]] = defaultdict(list)
    for row in rows["default"]:
        if _text(row, "kind") not in WORK_INTEGRATION:
            yield Dropped("default", row.row, "not-work-integration")
        elif siren := cleaners.siren(_text(row, "siret")[:9]).value:
            by_siren[siren].append(row)
        else:
            yield Dropped("default", row.row, "missing-siren")
    for siren, establishments in by_siren.items():
        establishments.sort(key=lambda row: (_text(row, "nature") != "HEAD_OFFICE", row.row))
        origin = [("default", row.row) for row in establishments]
        yield Made(
            "organization",
            siren,
            {
                "siren": siren,
                "name": _text(establishments[0], "name"),
                "alternative_name": [brand for row in establishments if (brand := _text(row, "brand"))],
                "homepage": [site for row in establishments if (site := _text(row, "contact_website"))],
            },
            origin,
        )
        agreement = {"key": f"siae-{siren}", "organization": f"siren-{siren}", "recognition": "iae-agreement"}
        yield Made("recognition", f"{siren}-iae-agreement", dict(agreement), origin)


def _text(row: SourceRow, column: str) -> str:
    cell = row.values.get(column, "")
    return cell if isinstance(cell, str) else " ".join(cell)
