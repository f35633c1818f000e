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

from clirld.read.rows import Dropped, Made, SourceRow
from clirld.territory.changes import COMMUNE, KINDS
from clirld.territory.history import History

from .facts import Commune, add_up_arrondissements, ground, ground_of, population, population_of
from .layout import Origin, territory, text_of
from .passages import Former, change_made, changes_in, former_commune, former_communes

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


def records(rows: Mapping[str, Iterable[SourceRow]]) -> Iterator[Made | Dropped]:
    """Give every territory once, larger ones first, and the rows that make none with the reason."""
    cog = list(rows["communes"])
    overseas = list(rows["overseas"])
    mergers = list(rows["mergers"])
    current = {text_of(r, "COM"): text_of(r, "LIBELLE") for r in cog if text_of(r, "TYPECOM") == COMMUNE}
    current |= {text_of(r, "code_commune"): text_of(r, "nom_commune") for r in overseas}
    parts = {text_of(r, "COM"): text_of(r, "COMPARENT") for r in cog if text_of(r, "TYPECOM") in PARTS}
    changes = list(changes_in(mergers))
    history = History((change for change, _rows in changes), current, parts)
    former = former_communes(history, current, mergers)
    counted_codes = current.keys() | {text_of(r, "COM") for r in cog if text_of(r, "TYPECOM") == "ARM"}
    commune_facts: dict[str, Commune] = defaultdict(Commune)

    yield from _areas(rows)
    yield from _collectivities(overseas)
    yield from _groupings(rows["epci"], "epci", ("siren", "raison_sociale", "insee"), current, former, commune_facts)
    yield from _groupings(rows["ept"], "ept", ("EPT", "LIBEPT", "CODGEO"), current, former, commune_facts)
    yield from population(rows, counted_codes, former, commune_facts)
    yield from ground(rows.get("places", ()), current, former, commune_facts)
    yield from _communes(cog, commune_facts, history)
    yield from _overseas_communes(overseas)
    overseas_keys = {text_of(r, "code_commune"): _overseas_key(r) for r in overseas}
    for code in sorted(former):
        yield former_commune(code, former[code], overseas_keys)
    keys = {code: f"commune-{code}" for code in (*current, *former)} | overseas_keys
    for change, rows_of_change in changes:
        yield change_made(change, rows_of_change, keys)
    yield from (Dropped("mergers", r.row, "unknown-kind-of-change") for r in mergers if text_of(r, "MOD") not in KINDS)


def _areas(rows: Mapping[str, Iterable[SourceRow]]) -> Iterator[Made]:
    for r in rows["regions"]:
        code = text_of(r, "REG")
        yield territory(f"region-{code}", "region", "Region", code, text_of(r, "LIBELLE"), [("regions", r.row)])
    for r in rows["departements"]:
        code, part_of = text_of(r, "DEP"), [f"region-{text_of(r, 'REG')}"]
        origin = [("departements", r.row)]
        name = text_of(r, "LIBELLE")
        yield territory(f"departement-{code}", "departement", "Departement", code, name, origin, part_of=part_of)
    for r in rows["arrondissements"]:
        code, part_of = text_of(r, "ARR"), [f"departement-{text_of(r, 'DEP')}"]
        origin = [("arrondissements", r.row)]
        name = text_of(r, "LIBELLE")
        yield territory(
            f"arrondissement-{code}", "arrondissement", "Arrondissement", code, name, origin, part_of=part_of
        )


def _collectivities(overseas: list[SourceRow]) -> Iterator[Made]:
    known_codes: set[str] = set()
    for r in overseas:
        code = text_of(r, "code_collectivite")
        if code not in known_codes:
            known_codes.add(code)
            igeo = COLLECTIVITY_CLASS.get(code, "CollectiviteDOutreMer")
            name = text_of(r, "nom_collectivite")
            origin = [("overseas", r.row)]
            yield territory(f"collectivite-{code}", "overseas-collectivity", igeo, code, name, origin)


def _overseas_key(r: SourceRow) -> str:
    kind = "subdivision" if text_of(r, "code_collectivite") in NOT_COMMUNES else "commune"
    return f"{kind}-{text_of(r, 'code_commune')}"


def _overseas_communes(overseas: list[SourceRow]) -> Iterator[Made]:
    for r in overseas:
        code, collectivity = text_of(r, "code_commune"), text_of(r, "code_collectivite")
        kind = "overseas-subdivision" if collectivity in NOT_COMMUNES else "commune"
        igeo = NOT_COMMUNES.get(collectivity, "Commune")
        origin = [("overseas", r.row)]
        part_of = [f"collectivite-{collectivity}"]
        name, postcodes = text_of(r, "nom_commune"), text_of(r, "code_postal").split("|")
        yield territory(_overseas_key(r), kind, igeo, code, name, origin, part_of=part_of, postcode=postcodes)


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
        siren, code = text_of(r, siren_column), text_of(r, member_column)
        if siren == NO_EPT:
            yield Dropped(kind, r.row, "not-in-an-ept")
            continue
        origin = (kind, r.row)
        if siren not in groupings_by_siren:
            name = text_of(r, name_column)
            groupings_by_siren[siren] = territory(f"{kind}-{siren}", kind, "Intercommunalite", siren, name, [origin])
        if code in current:
            getattr(commune_facts[code], kind).setdefault(siren, []).append(origin)
            commune_facts[code].authority += filter(None, [text_of(r, "siren_membre")])
            epcis_of_siren[siren].update(commune_facts[code].epci)
        else:
            former_members.append((siren, code, origin, text_of(r, "siren_membre")))
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


def _communes(cog: list[SourceRow], commune_facts: dict[str, Commune], history: History) -> Iterator[Made | Dropped]:
    """Give communes and their parts, in the file's order."""
    add_up_arrondissements(cog, commune_facts)
    for r in cog:
        code, typecom, name = text_of(r, "COM"), text_of(r, "TYPECOM"), text_of(r, "LIBELLE")
        origin = [("communes", r.row)]
        if typecom == "COM":
            commune = commune_facts[code]
            part_of = [f"epci-{siren}" for siren in commune.epci]
            part_of += [f"ept-{siren}" for siren in commune.ept]
            part_of += [f"arrondissement-{text_of(r, 'ARR')}"] if text_of(r, "ARR") else []
            part_of.append(f"departement-{text_of(r, 'DEP')}")
            for grouping in (*commune.epci.values(), *commune.ept.values()):
                origin += grouping
            yield territory(
                f"commune-{code}", "commune", "Commune", code, name,
                origin + commune.population_rows + commune.ground_rows,
                part_of=part_of, authority=commune.authority, start=history.since(code) or "",
                **population_of(commune), **ground_of(commune),
            )  # fmt: skip
        elif typecom in PARTS:
            kind, igeo = PARTS[typecom]
            # Delegated and associated communes have no count of their own, and may have their commune's code.
            arrondissement = commune_facts[code] if typecom == "ARM" else Commune()
            yield territory(
                f"{kind}-{code}", kind, igeo, code, name, origin + arrondissement.population_rows,
                part_of=[f"commune-{text_of(r, 'COMPARENT')}"], **population_of(arrondissement),
            )  # fmt: skip
        else:
            yield Dropped("communes", r.row, "unknown-typecom")
