"""One initiative a contract; the groupings that it is with, and the one above them, each an organization by SIREN."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from clirld.read.rows import Cell, Made, SourceRow

ASSOCIATION = "ASSO"


def records(rows: Mapping[str, Iterable[SourceRow]]) -> Iterator[Made]:
    """Give every contract, then every organization, then who takes part in what."""
    contracts: dict[str, list[SourceRow]] = defaultdict(list)
    organizations: dict[str, tuple[str, str]] = {}
    origins: dict[str, list[tuple[str, int]]] = defaultdict(list)
    parts: dict[tuple[str, str], list[tuple[str, int]]] = defaultdict(list)
    for row in rows["default"]:
        contract, origin = _text(row, "id_crte"), ("default", row.row)
        contracts[contract].append(row)
        for siren, name, nature in _members(row):
            organizations.setdefault(siren, (name, nature))
            origins[siren].append(origin)
            parts[contract, siren].append(origin)
    for contract, of_contract in contracts.items():
        values: dict[str, Cell] = {
            "name": _text(of_contract[0], "lib_crte"),
            "kind": "territorial-contract",
            "acts_in": list(dict.fromkeys(_text(row, "siren_groupement") for row in of_contract)),
        }
        yield Made("initiative", contract, values, [("default", row.row) for row in of_contract])
    for siren, (name, nature) in organizations.items():
        kind = (
            {"legal_form": "association"}
            if nature == ASSOCIATION
            else {"category": "local-authority", "public_class": "PublicOrganisation"}
        )
        yield Made("organization", siren, {"siren": siren, "name": name, **kind}, origins[siren])
    for (contract, siren), origin in parts.items():
        values = {"initiative": f"contrats-crte-{contract}", "member": f"siren-{siren}", "role": "unspecified"}
        yield Made("participation", f"{contract}-{siren}", values, origin)


def _members(row: SourceRow) -> Iterator[tuple[str, str, str]]:
    """SIREN, name and legal nature of the grouping, and of the one above where that is one and another."""
    own, above = _text(row, "siren_groupement"), _text(row, "siren_grp_supra")
    yield own, _text(row, "lib_groupement"), _text(row, "nature_juridique")
    if above and above != own and ";" not in above:
        yield above, _text(row, "lib_grp_supra"), _text(row, "nat_jur_grp_supra")


def _text(row: SourceRow, column: str) -> str:
    cell = row.values.get(column, "")
    return (cell if isinstance(cell, str) else " ".join(cell)).strip()
