"""The territories of France from the official geographic code (COG) and the lists of groupings.

Communes of today, their parts (municipal arrondissements, delegated and associated communes), the communes
that are no more with those that replaced them, groupings of communes (EPCI, EPT), arrondissements,
départements, régions, and the collectivities overseas with their communes.

A code that is a commune today is current, whatever happened to it in between. Otherwise what counts is the
last time it stopped being a commune, and where its ground is today (`clirld.territory.history`): in one commune for a
merger or a change of code, in several where it was shared out.
Rule of the codes: Insee, documentation of the file "mouvements" (MOD, TYPECOM_AV, TYPECOM_AP).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from clirld.read.rows import Cell, Dropped, Made, SourceRow
from clirld.territory.changes import COMMUNE, KINDS, Change, Passage, Unit, together
from clirld.territory.history import History

POPULATION_YEAR = {"population": "2023", "population-mayotte": "2017"}  # see source.yaml
ARRONDISSEMENTS = {"75056": 20, "69123": 9, "13055": 16}  # Paris, Lyon, Marseille: how many each has
# Two communes of Guadeloupe that became collectivities (organic law 2007-223), not named in the mergers file.
BECAME_COLLECTIVITY = {"97123": "97701", "97127": "97801"}
NO_EPT = "ZZZZZZZZZ"
PARTS = {  # TYPECOM: kind, which starts the key too, and class of Insee's ontology
    "ARM": ("arrondissement-municipal", "ArrondissementMunicipal"),
    "COMD": ("commune-deleguee", "CommuneDeleguee"),
    "COMA": ("commune-associee", "CommuneAssociee"),
}
# New Caledonia is not one of these in law, and has no class in Insee's ontology; Clipperton has its own.
COLLECTIVITY_CLASS = {"988": "", "989": "Clipperton"}
# Where the "communes" overseas are none: single-commune collectivities, districts, kingdoms, an island.
NOT_COMMUNES = {"977": "", "978": "", "984": "District", "986": "CirconscriptionTerritoriale", "989": ""}

Origin = tuple[str, int]


@dataclass
class Former:
    """A code that was a commune and is one no more."""

    name: str
    start: str | None
    end: str
    current: list[str]
    """Communes of today that replaced it."""
    rows: list[Origin]


@dataclass
class Commune:
    """What the other files say about a commune of today."""

    epci: dict[str, list[Origin]] = field(default_factory=dict)
    ept: dict[str, list[Origin]] = field(default_factory=dict)
    authority: list[str] = field(default_factory=list)
    """SIREN of the commune as a legal person, and of those merged into it since."""
    population: int | None = None
    population_year: str = ""
    population_rows: list[Origin] = field(default_factory=list)
    grounds: dict[str, tuple[str, str, str]] = field(default_factory=dict)
    """Latitude and longitude of the centre, and area: its own, or those of its arrondissements or merged communes."""
    postcodes: set[str] = field(default_factory=set)
    ground_rows: list[Origin] = field(default_factory=list)


def records(rows: Mapping[str, Iterable[SourceRow]]) -> Iterator[Made | Dropped]:
    """Give every territory once, larger ones first, and the rows that make none with the reason."""
    cog = list(rows["communes"])
    overseas = list(rows["overseas"])
    mergers = list(rows["mergers"])
    current = {_text(r, "COM"): _text(r, "LIBELLE") for r in cog if _text(r, "TYPECOM") == COMMUNE}
    current |= {_text(r, "code_commune"): _text(r, "nom_commune") for r in overseas}
    parts = {_text(r, "COM"): _text(r, "COMPARENT") for r in cog if _text(r, "TYPECOM") in PARTS}
    changes = list(_changes(mergers))
    history = History((change for change, _rows in changes), current, parts)
    former = _former_communes(history, current, mergers)
    counted_codes = current.keys() | {_text(r, "COM") for r in cog if _text(r, "TYPECOM") == "ARM"}
    commune_facts: dict[str, Commune] = defaultdict(Commune)

    yield from _areas(rows)
    yield from _collectivities(overseas)
    yield from _groupings(rows["epci"], "epci", ("siren", "raison_sociale", "insee"), current, former, commune_facts)
    yield from _groupings(rows["ept"], "ept", ("EPT", "LIBEPT", "CODGEO"), current, former, commune_facts)
    yield from _population(rows, counted_codes, former, commune_facts)
    yield from _ground(rows.get("places", ()), current, former, commune_facts)
    yield from _communes(cog, commune_facts, history)
    yield from _overseas_communes(overseas)
    overseas_keys = {_text(r, "code_commune"): _overseas_key(r) for r in overseas}
    for code in sorted(former):
        yield _former_commune(code, former[code], overseas_keys)
    keys = {code: f"commune-{code}" for code in (*current, *former)} | overseas_keys
    for change, rows_of_change in changes:
        yield _change(change, rows_of_change, keys)
    yield from (Dropped("mergers", r.row, "unknown-kind-of-change") for r in mergers if _text(r, "MOD") not in KINDS)


def _text(row: SourceRow, column: str) -> str:
    cell = row.values.get(column, "")
    return cell if isinstance(cell, str) else " ".join(cell)


def _territory(key: str, kind: str, igeo: str, code: str, name: str, rows: list[Origin], **more: Cell) -> Made:
    insee_code = "" if kind in ("epci", "ept") else code  # their code is a SIREN
    more = {"igeo_class": igeo, "insee_code": insee_code, **more}
    values: dict[str, Cell] = {"key": key, "kind": kind, "code": code, "name": name}
    return Made("territory", key, values | {column: cell for column, cell in more.items() if cell}, rows)


def _areas(rows: Mapping[str, Iterable[SourceRow]]) -> Iterator[Made]:
    for r in rows["regions"]:
        code = _text(r, "REG")
        yield _territory(f"region-{code}", "region", "Region", code, _text(r, "LIBELLE"), [("regions", r.row)])
    for r in rows["departements"]:
        code, part_of = _text(r, "DEP"), [f"region-{_text(r, 'REG')}"]
        origin = [("departements", r.row)]
        name = _text(r, "LIBELLE")
        yield _territory(f"departement-{code}", "departement", "Departement", code, name, origin, part_of=part_of)
    for r in rows["arrondissements"]:
        code, part_of = _text(r, "ARR"), [f"departement-{_text(r, 'DEP')}"]
        origin = [("arrondissements", r.row)]
        name = _text(r, "LIBELLE")
        yield _territory(
            f"arrondissement-{code}", "arrondissement", "Arrondissement", code, name, origin, part_of=part_of
        )


def _collectivities(overseas: list[SourceRow]) -> Iterator[Made]:
    known_codes: set[str] = set()
    for r in overseas:
        code = _text(r, "code_collectivite")
        if code not in known_codes:
            known_codes.add(code)
            igeo = COLLECTIVITY_CLASS.get(code, "CollectiviteDOutreMer")
            name = _text(r, "nom_collectivite")
            origin = [("overseas", r.row)]
            yield _territory(f"collectivite-{code}", "overseas-collectivity", igeo, code, name, origin)


def _overseas_key(r: SourceRow) -> str:
    kind = "subdivision" if _text(r, "code_collectivite") in NOT_COMMUNES else "commune"
    return f"{kind}-{_text(r, 'code_commune')}"


def _overseas_communes(overseas: list[SourceRow]) -> Iterator[Made]:
    for r in overseas:
        code, collectivity = _text(r, "code_commune"), _text(r, "code_collectivite")
        kind = "overseas-subdivision" if collectivity in NOT_COMMUNES else "commune"
        igeo = NOT_COMMUNES.get(collectivity, "Commune")
        origin = [("overseas", r.row)]
        part_of = [f"collectivite-{collectivity}"]
        name, postcodes = _text(r, "nom_commune"), _text(r, "code_postal").split("|")
        yield _territory(_overseas_key(r), kind, igeo, code, name, origin, part_of=part_of, postcode=postcodes)


def _groupings(
    rows: Iterable[SourceRow],
    kind: str,
    columns: tuple[str, str, str],
    current: Mapping[str, str],
    former: dict[str, Former],
    commune_facts: dict[str, Commune],
) -> Iterator[Made | Dropped]:
    """Give each grouping once, and note it for each member; the file may be a year behind the communes."""
    siren_column, name_column, member_column = columns
    groupings_by_siren: dict[str, Made] = {}
    epcis_of_siren: dict[str, set[str]] = defaultdict(set)
    former_members: list[tuple[str, str, Origin, str]] = []
    for r in rows:
        siren, code = _text(r, siren_column), _text(r, member_column)
        if siren == NO_EPT:
            yield Dropped(kind, r.row, "not-in-an-ept")
            continue
        origin = (kind, r.row)
        if siren not in groupings_by_siren:
            name = _text(r, name_column)
            groupings_by_siren[siren] = _territory(f"{kind}-{siren}", kind, "Intercommunalite", siren, name, [origin])
        if code in current:
            getattr(commune_facts[code], kind).setdefault(siren, []).append(origin)
            commune_facts[code].authority += filter(None, [_text(r, "siren_membre")])
            epcis_of_siren[siren].update(commune_facts[code].epci)
        else:
            former_members.append((siren, code, origin, _text(r, "siren_membre")))
    # Communes merged since: what the new commune says of itself wins.
    for siren, code, origin, authority in former_members:
        successors = former[code].current if code in former else []
        groupings = getattr(commune_facts[successors[0]], kind) if len(successors) == 1 else None
        if groupings is None:
            yield Dropped(*origin, "commune-shared-out-since" if successors else "unknown-commune")
        elif groupings and siren not in groupings:
            yield Dropped(*origin, "commune-merged-into-another-grouping")
        else:
            groupings.setdefault(siren, []).append(origin)
            commune_facts[successors[0]].authority += filter(None, [authority])
    for siren, grouping in sorted(groupings_by_siren.items()):
        if kind == "ept" and len(epcis_of_siren[siren]) == 1:  # the métropole all its communes belong to
            grouping.values["part_of"] = [f"epci-{epci}" for epci in epcis_of_siren[siren]]
        yield grouping


def _population(
    rows: Mapping[str, Iterable[SourceRow]],
    counted_codes: set[str],
    former: dict[str, Former],
    commune_facts: dict[str, Commune],
) -> Iterator[Dropped]:
    """Note the municipal population; communes merged since the count are added up."""
    for distribution, year in POPULATION_YEAR.items():
        for r in rows[distribution]:
            # In Mayotte's file COM is the (empty) name: the code is the first two digits of 976 and CODCOM.
            code = _text(r, "COM") or _text(r, "DEP")[:2] + _text(r, "CODCOM")
            successors = [code] if code in counted_codes else former[code].current if code in former else []
            if len(successors) != 1:
                reason = "commune-shared-out-since" if successors else "unknown-commune"
                yield Dropped(distribution, r.row, reason)
                continue
            if not _text(r, "PMUN").isdecimal():
                yield Dropped(distribution, r.row, "no-population")
                continue
            commune = commune_facts[successors[0]]
            commune.population = (commune.population or 0) + int(_text(r, "PMUN"))
            commune.population_year = year
            commune.population_rows.append((distribution, r.row))


def _ground(
    rows: Iterable[SourceRow], current: Mapping[str, str], former: dict[str, Former], commune_facts: dict[str, Commune]
) -> Iterator[Dropped]:
    """Note where communes are; the file has one line a postcode, and is behind the communes."""
    for r in rows:
        code = _text(r, "insee_com")
        # Paris, Lyon and Marseille are there by arrondissement only.
        whole = _text(r, "insee_parente") if _text(r, "commune_type") == "ARM" else code
        successors = [whole] if whole in current else former[whole].current if whole in former else []
        if len(successors) != 1:
            yield Dropped("places", r.row, "commune-shared-out-since" if successors else "unknown-commune")
            continue
        commune = commune_facts[successors[0]]
        commune.grounds.setdefault(code, (_text(r, "lat"), _text(r, "lng"), _text(r, "superficie_km2")))
        commune.postcodes.update(filter(None, [_text(r, "code_postal")]))
        commune.ground_rows.append(("places", r.row))


def _ground_of(commune: Commune) -> dict[str, Cell]:
    """The centre, weighted by area, and the area of what a commune is made of; neither where a part lacks one."""
    ground: dict[str, Cell] = {"postcode": sorted(commune.postcodes)}
    grounds = list(commune.grounds.values())
    if len(grounds) == 1:
        latitude, longitude, area = grounds[0]
    else:
        try:
            numbers = [tuple(map(float, cells)) for cells in grounds]
            total = sum(size for _, _, size in numbers)
            latitude, longitude = (f"{sum(n[axis] * n[2] for n in numbers) / total:.5f}" for axis in (0, 1))
            area = f"{total:.2f}"
        except (ValueError, ZeroDivisionError):
            return ground
    with suppress(ValueError):  # what is empty or no number is told by the engine
        area = f"{float(area):.2f}"  # a few have more decimals than a decimal of the tables
    if latitude and longitude:
        ground |= {"latitude": latitude, "longitude": longitude, "area": area}
    return ground


def _communes(cog: list[SourceRow], commune_facts: dict[str, Commune], history: History) -> Iterator[Made | Dropped]:
    """Give communes and their parts, in the file's order."""
    _add_up_arrondissements(cog, commune_facts)
    for r in cog:
        code, typecom, name = _text(r, "COM"), _text(r, "TYPECOM"), _text(r, "LIBELLE")
        origin = [("communes", r.row)]
        if typecom == "COM":
            commune = commune_facts[code]
            part_of = [f"epci-{siren}" for siren in commune.epci]
            part_of += [f"ept-{siren}" for siren in commune.ept]
            part_of += [f"arrondissement-{_text(r, 'ARR')}"] if _text(r, "ARR") else []
            part_of.append(f"departement-{_text(r, 'DEP')}")
            for grouping in (*commune.epci.values(), *commune.ept.values()):
                origin += grouping
            yield _territory(
                f"commune-{code}", "commune", "Commune", code, name,
                origin + commune.population_rows + commune.ground_rows,
                part_of=part_of, authority=commune.authority, start=history.since(code) or "",
                **_population_of(commune), **_ground_of(commune),
            )  # fmt: skip
        elif typecom in PARTS:
            kind, igeo = PARTS[typecom]
            # Delegated and associated communes have no count of their own, and may have their commune's code.
            arrondissement = commune_facts[code] if typecom == "ARM" else Commune()
            yield _territory(
                f"{kind}-{code}", kind, igeo, code, name, origin + arrondissement.population_rows,
                part_of=[f"commune-{_text(r, 'COMPARENT')}"], **_population_of(arrondissement),
            )  # fmt: skip
        else:
            yield Dropped("communes", r.row, "unknown-typecom")


def _population_of(commune: Commune) -> dict[str, Cell]:
    if commune.population is None:
        return {}
    return {"population": str(commune.population), "population_year": commune.population_year}


def _add_up_arrondissements(cog: list[SourceRow], commune_facts: dict[str, Commune]) -> None:
    """Paris, Lyon and Marseille are counted by arrondissement only: add them up, if all are there."""
    arrondissements: dict[str, list[Commune]] = defaultdict(list)
    for r in cog:
        arrondissement = commune_facts.get(_text(r, "COM"))
        if _text(r, "TYPECOM") == "ARM" and arrondissement is not None and arrondissement.population is not None:
            arrondissements[_text(r, "COMPARENT")].append(arrondissement)
    for code, counts in arrondissements.items():
        if len(counts) == ARRONDISSEMENTS.get(code) and commune_facts[code].population is None:
            commune_facts[code].population = sum(c.population or 0 for c in counts)
            commune_facts[code].population_year = counts[0].population_year
            commune_facts[code].population_rows = [origin for c in counts for origin in c.population_rows]


def _changes(mergers: list[SourceRow]) -> Iterator[tuple[Change, list[SourceRow]]]:
    """Put the lines of the file together into changes, each with its lines, in the order of the file."""
    lines: dict[tuple[str, str], list[SourceRow]] = defaultdict(list)
    for r in mergers:
        lines[_text(r, "DATE_EFF"), _text(r, "MOD")].append(r)
    for (date, mod), some in lines.items():
        for group in together(enumerate(map(_passage, some))) if mod in KINDS else ():
            passages = tuple(passage for _number, passage in group)
            yield Change(date, KINDS[mod], passages), [some[number] for number, _passage in group]


def _passage(r: SourceRow) -> Passage:
    before, after = (
        Unit(_text(r, f"TYPECOM_{side}"), _text(r, f"COM_{side}"), _text(r, f"LIBELLE_{side}")) for side in ("AV", "AP")
    )
    if before.code in BECAME_COLLECTIVITY and not after.code:
        after = Unit(COMMUNE, BECAME_COLLECTIVITY[before.code], before.name)
    return Passage(before if before.code else None, after if after.code else None)


def _change(change: Change, rows: list[SourceRow], keys: Mapping[str, str]) -> Made:
    mod = _text(rows[0], "MOD")
    codes = sorted({unit.code for passage in change.passages for unit in passage if unit})
    key = f"{change.date}-{mod}-{codes[0]}"
    before, after = ([keys[code] for code in sorted(side) if code in keys] for side in (change.befores, change.afters))
    values: dict[str, Cell] = {"key": key, "date": change.date, "kind": change.kind, "before": before, "after": after}
    values["passage"] = [str(passage) for passage in change.passages]
    return Made("territory_change", f"change-{key}", values, [("mergers", r.row) for r in rows])


def _former_communes(history: History, current: Mapping[str, str], mergers: list[SourceRow]) -> dict[str, Former]:
    """Find what replaced each code that was a commune and is one no more."""
    events: dict[str, list[SourceRow]] = defaultdict(list)
    for r in mergers:
        for code in dict.fromkeys((_text(r, "COM_AV"), _text(r, "COM_AP"))):
            events[code].append(r)
    former: dict[str, Former] = {}
    for code in history.codes():
        if code in current:
            continue
        last = history.versions(code)[-1]
        left = [r for r in events[code] if _text(r, "COM_AV") == code]
        final = [r for r in left if _text(r, "DATE_EFF") == last.end and _text(r, "TYPECOM_AV") == COMMUNE]
        others = [r for r in left or events[code] if r not in final]
        rows = [("mergers", r.row) for r in (*final, *others)]
        # A code that no event ends, and that is none of today, has no successor: a check of the graph tells it.
        targets = [target.code for target in history.targets(last, history.last_day) if target.code in current]
        former[code] = Former(last.name, history.since(code), last.end or "", targets, rows)
    return former


def _former_commune(code: str, commune: Former, overseas_keys: Mapping[str, str]) -> Made:
    keys: list[str] = [overseas_keys.get(one, f"commune-{one}") for one in commune.current]
    return _territory(
        f"commune-{code}", "former-commune", "Commune", code, commune.name, commune.rows,
        replaced_by=keys, start=commune.start or "", end=commune.end,
    )  # fmt: skip
