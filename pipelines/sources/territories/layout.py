"""Cells of the files, and the row of the table `territory` that is made of them."""

from __future__ import annotations

from clirld.read.rows import Cell, Made, SourceRow

Origin = tuple[str, int]


def text_of(row: SourceRow, column: str) -> str:
    cell = row.values.get(column, "")
    return cell if isinstance(cell, str) else " ".join(cell)


def territory(key: str, kind: str, igeo: str, code: str, name: str, rows: list[Origin], **more: Cell) -> Made:
    insee_code = "" if kind in ("epci", "ept") else code  # their code is a SIREN
    more = {"igeo_class": igeo, "insee_code": insee_code, **more}
    values: dict[str, Cell] = {"key": key, "kind": kind, "code": code, "name": name}
    return Made("territory", key, values | {column: cell for column, cell in more.items() if cell}, rows)
