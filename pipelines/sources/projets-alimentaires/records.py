"""One initiative a PAT, in the communes where canteens declare that they take part, and the need that it answers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from clirld.read.rows import Dropped, Made, SourceRow

PUBLISHER = "https://www.data.gouv.fr/organizations/france-pat"
CITATION = "Ce qu'est un projet alimentaire territorial, selon France PAT, data.gouv.fr"
NEED = "Produire et manger davantage sur place : c'est à quoi vise tout projet alimentaire territorial."


def records(rows: Mapping[str, Iterable[SourceRow]]) -> Iterator[Made | Dropped]:
    """Give every PAT of the list, and the rows of canteens that name one which the list does not have."""
    listed = list(rows["list"])
    projects = {_text(row, "code") for row in listed}
    canteens: dict[str, list[SourceRow]] = defaultdict(list)
    for row in rows["canteens"]:
        if _text(row, "pat_code") in projects:
            canteens[_text(row, "pat_code")].append(row)
        else:
            yield Dropped("canteens", row.row, "project-no-longer-listed")
    for row in listed:
        code = _text(row, "code")
        declared = canteens.pop(code, [])
        origin = [("list", row.row), *(("canteens", one.row) for one in declared)]
        yield Made(
            "initiative",
            code,
            {
                "name": _text(row, "nom"),
                "kind": "territorial-food-project",
                "domain": "food-agriculture",
                "practice_field": "local-food-chain",
                "acts_in": list(dict.fromkeys(_text(one, "commune_insee") for one in declared)),
                "country": "FR",
            },
            origin,
        )
        need = {"initiative": f"projets-alimentaires-{code}", "kind": "local-food", "description": NEED}
        yield Made("need", code, need | {"page": PUBLISHER, "citation": CITATION}, origin, further=True)


def _text(row: SourceRow, column: str) -> str:
    cell = row.values.get(column, "")
    return (cell if isinstance(cell, str) else " ".join(cell)).strip()
