"""The territories that places are looked up in, kept in a file: made from their table once, then read in half of that.

data/territories/<fingerprint>/territories.json   the fields of `Territories`, by name; sets as sorted lists
"""

from __future__ import annotations

import json
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Any

from clirld import stages
from clirld.records.commune_names import ResolvedCommune
from clirld.records.placing.geography import Circle, Geography
from clirld.records.territory import Territories

FOLDER = "territories"
"""Its name in the data folder."""
_FILE = "territories.json"


def load(data: Path, records: Path) -> Territories:
    """The territories of a folder of canonical tables, by what is kept of them in the data folder, made where need be.

    Only the latest is kept: whoever finds it gone, as another process has a later one, reads the table.
    """
    table = sorted((records / "territory").glob("*.parquet"))
    name = stages.fingerprint(stages.program_fingerprint(), records.name)
    made: list[Territories] = []

    def work(out: Path) -> None:
        made.append(Territories.load(table))
        write(made[0], out / _FILE)

    folder, _ = stages.run_stage(data / FOLDER, name, work)
    if made:
        for other in (data / FOLDER).glob("[!.]*"):
            if other.name != name:
                shutil.rmtree(other, ignore_errors=True)
        return made[0]
    with suppress(FileNotFoundError), stages.without_cycle_collection():
        return read(folder / _FILE)
    return Territories.load(table)


def write(territories: Territories, path: Path) -> None:
    """Write what `read` reads."""
    data = {name: getattr(territories, name) for name in Territories.__slots__}
    ground = territories.geography
    data["geography"] = {
        "circles": ground.circles,
        "postcodes": ground.postcodes,
        "by_postcode": ground.by_postcode,
        "_grid": list(ground._grid.items()),
    }
    text = json.dumps(data, ensure_ascii=False, default=sorted, separators=(",", ":"))
    path.write_text(text, encoding="utf-8")


def read(path: Path) -> Territories:
    """Read what `write` wrote."""
    data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    ground = data.pop("geography")
    geography = Geography(
        circles={code: Circle(*circle) for code, circle in ground["circles"].items()},
        postcodes={code: frozenset(codes) for code, codes in ground["postcodes"].items()},
        departements=data["_departement_by_commune"],
        by_postcode={postcode: frozenset(communes) for postcode, communes in ground["by_postcode"].items()},
        _grid={(south, west): communes for (south, west), communes in ground["_grid"]},
    )
    data["_communes"] = {code: ResolvedCommune(*commune) for code, commune in data["_communes"].items()}
    for name in ("_departements_by_region", "_groupings_by_usual_name"):
        data[name] = _with_sets(data[name])
    data["_keys_by_level"] = {level: _with_sets(keys) for level, keys in data["_keys_by_level"].items()}
    data["_all_keys"] = frozenset(data["_all_keys"])
    return Territories(**data, geography=geography)


def _with_sets(lists: dict[str, list[str]]) -> dict[str, set[str]]:
    return {name: set(values) for name, values in lists.items()}
