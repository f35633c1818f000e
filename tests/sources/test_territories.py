"""The sources `territories` and `zonings`: samples, and the real files where they are beside the project."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from clirld.card.source import load as load_source
from clirld.errors import CardError
from clirld.read.reader import Layout, read
from clirld.read.rows import Dropped, Made, SourceRow
from clirld.records.function import load_function
from clirld.records.make import ReferenceData, write_records
from clirld.records.territory import Territories
from clirld.snapshot.store import Snapshot
from clirld.vocabulary.tables import load as load_tables
from clirld.vocabulary.terms import Vocabulary
from clirld.yamlfile import load as load_yaml

MIRROR = {
    "communes": "communes.csv",
    "population": "donnees_communes.csv",
    "population-mayotte": "donnees_communes_mayotte.csv",
    "epci": "epcicom.xlsx",
    "ept": "ept.xlsx",
    "arrondissements": "arrondissements.csv",
    "departements": "departements.csv",
    "regions": "regions.csv",
    "overseas": "collectivites-outremer.csv",
    "mergers": "mouvements-communes.csv",
    "places": "../communes_comparateur_2024/communes.csv",
}


class Run:
    """What a source's function makes of files."""

    def __init__(self, folder: Path, files: Mapping[str, Path]) -> None:
        self.card = load_yaml(folder / "source.yaml", CardError).data
        streams: dict[str, list[SourceRow]] = {}
        for name, path in files.items():
            where = {"url", "path"}
            layout = {k: v for k, v in self.card["distributions"][name].items() if k not in where}
            streams[name] = [row for row in read(path, Layout(**layout)) if isinstance(row, SourceRow)]
        self.source_rows = {name: {row.row for row in rows} for name, rows in streams.items()}
        self.header = {name: list(rows[0].values) for name, rows in streams.items()}
        results = list(load_function(folder / "records.py")(streams))
        self.made = [r for r in results if isinstance(r, Made)]
        self.dropped = [r for r in results if isinstance(r, Dropped)]
        self.by_key = {str(m.values["key"]): m for m in self.made if "key" in m.values}

    def check_accounting(self) -> None:
        used: dict[str, set[int]] = defaultdict(set)
        for made in self.made:
            assert made.rows, made
            for distribution, row in made.rows:
                used[distribution].add(row)
        gone = Counter((d.distribution, d.row) for d in self.dropped)
        assert max(gone.values(), default=1) == 1
        for name, rows in self.source_rows.items():
            dropped = {row for distribution, row in gone if distribution == name}
            assert not used[name] & dropped, name
            assert used[name] | dropped == rows, name

    def check_columns(self) -> None:
        for entry in self.card["records"]:
            assert list(entry["columns"]) == self.header[entry["from"]]
            assert set(entry["columns"].values()) <= {"used", None}

    def check_references(self) -> None:
        assert len(self.by_key) == len(self.made)
        for made in self.made:
            for column in ("part_of", "replaced_by", "before", "after"):
                for key in made.values.get(column, []):
                    assert key in self.by_key, made

    def territories(self) -> Territories:
        return Territories.from_rows([made.values for made in self.made if made.table == "territory"])


def part_of(made: Made, start: str) -> str:
    found = [key for key in made.values.get("part_of", []) if key.startswith(start)]
    assert len(found) < 2, made
    return found[0].removeprefix(start) if found else ""


@pytest.fixture(scope="module")
def sample(project: Path) -> Run:
    folder = project / "pipelines" / "sources" / "territories"
    return Run(folder, {path.stem: path for path in (folder / "sample").iterdir()})


@pytest.fixture(scope="module")
def real(project: Path, shared: Path) -> Run:
    registry = shared / "registries" / "decoupage_administratif"
    folder = project / "pipelines" / "sources" / "territories"
    return Run(folder, {name: registry / file for name, file in MIRROR.items()})


@pytest.fixture(scope="module")
def reference(shared: Path) -> dict[str, dict[str, str]]:
    path = shared / "registries" / "derived" / "communes_ref_2026.csv"
    with path.open(encoding="utf-8", newline="") as lines:
        return {row["commune_insee"]: row for row in csv.DictReader(lines)}


def test_sample_has_every_distribution_column_and_row_accounted_for(sample: Run) -> None:
    assert set(sample.source_rows) == set(MIRROR) == set(sample.card["distributions"])
    sample.check_accounting()
    sample.check_columns()


def test_a_commune_says_what_it_is_part_of_and_its_population(sample: Run) -> None:
    nantes = sample.by_key["commune-44109"].values
    assert nantes["name"] == "Nantes"
    assert nantes["part_of"] == ["epci-244400404", "arrondissement-442", "departement-44"]
    assert (nantes["kind"], nantes["igeo_class"]) == ("commune", "Commune")
    assert (nantes["code"], nantes["insee_code"]) == ("44109", "44109")
    assert nantes["authority"] == ["214401093"]
    assert int(str(nantes["population"])) > 300_000
    assert nantes["population_year"] == "2023"
    mamoudzou = sample.by_key["commune-97611"].values
    assert mamoudzou["population_year"] == "2017"
    assert (nantes["latitude"], nantes["longitude"], nantes["area"]) == ("47.23823", "-1.56033", "65.19")
    assert nantes["postcode"] == ["44000", "44100", "44200", "44300"]
    assert "area" not in mamoudzou
    assert mamoudzou["part_of"] == ["epci-200060457", "departement-976"]
    assert sample.by_key["departement-2B"].values["part_of"] == ["region-94"]
    assert "insee_code" not in sample.by_key["epci-244400404"].values


def test_greater_paris_has_a_second_grouping(sample: Run) -> None:
    assert "ept-200057867" in sample.by_key["commune-93066"].values["part_of"]
    assert sample.by_key["ept-200057867"].values["part_of"] == ["epci-200054781"]


def test_arrondissements_are_added_up_only_if_all_are_there(sample: Run) -> None:
    assert sample.by_key["arrondissement-municipal-75110"].values["population"] == "83873"
    assert "population" not in sample.by_key["commune-75056"].values


def test_parts_of_communes_keep_their_own_key(sample: Run) -> None:
    assert sample.by_key["commune-deleguee-49307"].values["part_of"] == ["commune-49307"]
    assert sample.by_key["commune-associee-59355"].values["part_of"] == ["commune-59350"]
    assert sample.by_key["arrondissement-municipal-75110"].values["part_of"] == ["commune-75056"]


def test_former_communes_lead_to_those_of_today(sample: Run) -> None:
    def replaced(code: str) -> object:
        values = sample.by_key[f"commune-{code}"].values
        assert values["kind"] == "former-commune"
        return values["replaced_by"], values["end"]

    assert replaced("33110") == (["commune-33063"], "1965-02-22")
    assert replaced("20033") == (["commune-2B033"], "1976-01-01")
    assert replaced("49019") == (["commune-49307"], "2016-01-01")
    assert replaced("08227") == (["commune-08203", "commune-08454"], "1968-03-02")
    assert replaced("97127") == (["subdivision-97801"], "2007-02-23")
    # Its commune took another code when the town hall's commune left it (2024).
    assert replaced("60455") == (["commune-60694"], "2019-01-01")
    assert sample.by_key["commune-60694"].values["kind"] == "commune"


def test_dropped_rows_say_why(sample: Run) -> None:
    reasons = Counter((d.distribution, d.reason) for d in sample.dropped)
    assert set(reasons) == {
        ("ept", "not-in-an-ept"),
    }


def rows(*cells: dict[str, str]) -> list[SourceRow]:
    return [SourceRow(number, dict(values)) for number, values in enumerate(cells, 2)]


def make(project: Path, **given: list[SourceRow]) -> tuple[dict[str, Made], list[Dropped]]:
    streams = {name: given.get(name.replace("-", "_"), []) for name in MIRROR}
    function = load_function(project / "pipelines" / "sources" / "territories" / "records.py")
    results = list(function(streams))
    made = {m.identifier: m for m in results if isinstance(m, Made)}
    return made, [d for d in results if isinstance(d, Dropped)]


def com(code: str) -> dict[str, str]:
    return {"TYPECOM": "COM", "COM": code, "DEP": code[:2], "ARR": f"{code[:2]}1", "LIBELLE": f"C{code}"}


def move(mod: str, date: str, before: str, after: str) -> dict[str, str]:
    row = {"MOD": mod, "DATE_EFF": date, "LIBELLE_AV": f"C{before}"}
    return row | {"TYPECOM_AV": "COM", "COM_AV": before, "TYPECOM_AP": "COM", "COM_AP": after}


def changes(made: Mapping[str, Made]) -> list[dict[str, Any]]:
    return [one.values for one in made.values() if one.table == "territory_change"]


def test_mergers_are_followed_by_date_to_the_last(project: Path) -> None:
    mergers = rows(
        move("31", "1972-01-01", "01001", "01002"),  # merged,
        move("21", "1985-01-01", "01002", "01001"),  # on its own again,
        move("32", "2016-01-01", "01001", "01003"),  # merged elsewhere,
        move("50", "2020-01-01", "01003", "01004"),  # and that one changed its code.
    )
    made, dropped = make(project, communes=rows(com("01002"), com("01004")), mergers=mergers)
    assert made["commune-01001"].values["replaced_by"] == ["commune-01004"]
    assert made["commune-01001"].values["end"] == "2016-01-01"
    assert made["commune-01001"].rows == [("mergers", 4), ("mergers", 2)]
    assert made["commune-01001"].values["start"] == "1985-01-01"
    assert dropped == []


def test_codes_that_swap_forth_and_back_end_at_the_one_of_today(project: Path) -> None:
    mergers = rows(move("50", "2021-01-01", "01001", "01002"), move("50", "2023-01-01", "01002", "01001"))
    made, dropped = make(project, communes=rows(com("01001")), mergers=mergers)
    assert made["commune-01002"].values["replaced_by"] == ["commune-01001"]
    assert [values["after"] for values in changes(made)] == [["commune-01002"], ["commune-01001"]]
    assert dropped == []


def test_a_circle_of_events_ends(project: Path) -> None:
    mergers = rows(move("50", "2021-01-01", "01001", "01002"), move("50", "2021-01-01", "01002", "01001"))
    made, _ = make(project, mergers=mergers)
    assert "replaced_by" not in made["commune-01001"].values


def test_files_a_year_behind_the_communes_are_brought_up_to_date(project: Path) -> None:
    members = ("01001", "01002", "01008", "01009")
    made, dropped = make(
        project,
        communes=rows(com("01001"), com("01004")),
        mergers=rows(
            move("32", "2026-01-01", "01002", "01001"),
            move("30", "2026-01-01", "01008", "01001"),
            move("30", "2026-01-01", "01008", "01004"),
        ),
        epci=rows(
            *(
                {"siren": "200000001", "raison_sociale": "CC", "insee": code, "siren_membre": f"21{code}00"}
                for code in members
            )
        ),
        population=rows(*({"COM": code, "PMUN": "10"} for code in members), {"COM": "01004", "PMUN": "?"}),
    )
    assert made["commune-01001"].values["population"] == "20"
    assert made["commune-01001"].values["part_of"] == [
        "epci-200000001",
        "arrondissement-011",
        "departement-01",
    ]
    assert [row for row in made["commune-01001"].rows if row[0] == "epci"] == [("epci", 2), ("epci", 3)]
    assert made["commune-01001"].values["authority"] == ["210100100", "210100200"]
    assert dropped == [
        Dropped("epci", 4, "commune-shared-out-since"),
        Dropped("epci", 5, "unknown-commune"),
        Dropped("population", 4, "commune-shared-out-since"),
        Dropped("population", 5, "unknown-commune"),
        Dropped("population", 6, "no-population"),
    ]


def ground(code: str, postcode: str, *place: str, parent: str = "") -> dict[str, str]:
    kind = "ARM" if parent else "COM"
    row = dict(zip(("lat", "lng", "superficie_km2"), place, strict=True))
    return row | {"insee_com": code, "commune_type": kind, "insee_parente": parent, "code_postal": postcode}


def test_the_ground_of_a_commune_is_that_of_its_parts_together(project: Path) -> None:
    """Invented: two lines of a commune, one merged into it since, arrondissements, and what cannot be added up."""
    made, dropped = make(
        project,
        communes=rows(com("01001"), com("01004"), com("75056"), com("01006")),
        mergers=rows(
            move("32", "2026-01-01", "01002", "01001"),
            move("32", "2026-01-01", "01003", "01004"),
            move("30", "2026-01-01", "01008", "01001"),
            move("30", "2026-01-01", "01008", "01004"),
        ),
        places=rows(
            ground("01001", "01400", "46.0", "5.0", "30"),
            ground("01001", "01100", "46.0", "5.0", "30"),
            ground("01002", "01200", "47.0", "4.0", "10"),
            ground("01004", "01500", "46.5", "5.5", "10"),
            ground("01003", "01600", "", "", "10"),
            ground("75101", "75001", "48.8", "2.4", "1", parent="75056"),
            ground("75102", "75002", "48.9", "2.3", "1", parent="75056"),
            ground("01006", "01700", "", "", "12"),
            ground("01008", "01800", "46.0", "5.0", "10"),
            ground("01009", "01900", "46.0", "5.0", "10"),
        ),
    )

    def of(code: str) -> list[object]:
        values = made[f"commune-{code}"].values
        return [values.get(column) for column in ("latitude", "longitude", "area", "postcode")]

    assert of("01001") == ["46.25000", "4.75000", "40.00", ["01100", "01200", "01400"]]
    assert of("01004") == [None, None, None, ["01500", "01600"]]
    assert of("75056") == ["48.85000", "2.35000", "2.00", ["75001", "75002"]]
    assert of("01006") == [None, None, None, ["01700"]]
    assert [row for row in made["commune-01001"].rows if row[0] == "places"] == [("places", n) for n in (2, 3, 4)]
    assert dropped == [
        Dropped("places", 10, "commune-shared-out-since"),
        Dropped("places", 11, "unknown-commune"),
    ]


@pytest.mark.real
def test_real_ground(real: Run) -> None:
    def of(code: str) -> list[object]:
        values = real.by_key[f"commune-{code}"].values
        return [values.get(column) for column in ("latitude", "longitude", "area", "postcode")]

    assert of("12218") == ["44.58166", "2.38947", "106.23", ["12320"]]  # 12076 until its code was changed
    assert of("93066") == ["48.93407", "2.36526", "15.77", ["93200", "93210", "93380"]]
    assert of("75056")[:3] == ["48.85616", "2.34225", "105.40"]
    assert of("76601")[2] == "8.71"  # 8.70947791164658, more decimals than the tables take
    placed = [made for made in real.made if made.values["kind"] == "commune" and made.values.get("latitude")]
    assert len(placed) == 34_867


def zonings(project: Path, places: Territories, out: Path, files: Mapping[str, Path]) -> list[dict[str, Any]]:
    """Rows of the table `zoning`, made by the engine from the card."""
    ontology = project / "ontology"
    reference = ReferenceData(load_tables(ontology / "tables.yaml"), Vocabulary.load(ontology), places)
    source = load_source(project / "pipelines" / "sources" / "zonings", reference.tables, reference.vocabulary)
    assert source.card.status == "unconfirmed"
    snapshots = {
        name: Snapshot("zonings", name, path, "0" * 64, 0, None, "2026-11-24T10:00:00Z", "mirror")
        for name, path in files.items()
    }
    account = write_records(source, snapshots, reference, out)
    assert {gone.reason for gone in account.counts()} <= {"out-of-scope", "boundaries-changed", "no-class"}
    assert (out / "issues.jsonl").read_text(encoding="utf-8") == ""
    rows = pl.read_parquet(out / "zoning" / "*.parquet").to_dicts()
    assert len(rows) == account.rows_in["density"]
    assert all(row["key"] == row["territory"] for row in rows)
    return rows


def test_zonings_sample_gives_each_commune_its_places(project: Path, sample: Run, tmp_path: Path) -> None:
    folder = project / "pipelines" / "sources" / "zonings" / "sample"
    files = {path.stem: path for path in folder.iterdir()}
    zoned = {row["territory"]: row for row in zonings(project, sample.territories(), tmp_path, files)}
    communes = {key for key, made in sample.by_key.items() if made.values["kind"] == "commune"}
    assert zoned.keys() == communes - {"commune-97501", "commune-98735", "commune-98818"}
    assert zoned["commune-46102"]["density"] == "small-town"
    assert zoned["commune-46102"]["typology"] == ["centre-structuring"]
    assert zoned["commune-2B033"]["official_zoning"] == ["massif-corsica", "qpv"]


def test_a_situation_is_said_by_two_files_together(project: Path) -> None:
    """Invented communes: very scattered dwellings are not enough, nor is a commune that is no centre."""

    def grid(column: str, *labels: str) -> list[SourceRow]:
        return [SourceRow(n, {"insee_com": f"0{n}", column: label}) for n, label in enumerate(labels, 2)]

    scattered, dispersed = "Rural à habitat très dispersé", "Rural à habitat dispersé"
    centre, no_centre = "Centre local d'équipements et de services", "Communes non centre"
    streams = {
        "density": grid("niveau_densite", scattered, scattered, dispersed, "Un mot nouveau"),
        "rurality": grid("niveau_ruralite", " Hors champ : DOM ou commune urbaine"),
        "centrality": grid("niveau_centralite", no_centre, centre, no_centre),
        "mountain": [],
        "qpv": [],
    }
    results = list(load_function(project / "pipelines" / "sources" / "zonings" / "records.py")(streams))
    assert results[0] == Dropped("rurality", 2, "out-of-scope")
    values = [made.values for made in results if isinstance(made, Made)]
    assert [one["situation"] for one in values] == ["very-low-density-rural", "", "", ""]
    assert values[3]["density"] == "Un mot nouveau"  # the engine will say that it knows none


@pytest.mark.real
def test_real_territories_by_kind(real: Run) -> None:
    assert Counter(str(made.values["kind"]) for made in real.made if made.table == "territory") == {
        "commune": 34_875 + 83,  # overseas collectivities: 2 + 48 + 33
        "former-commune": 4_242,
        "commune-deleguee": 2_105,
        "commune-associee": 471,
        "arrondissement-municipal": 45,
        "epci": 1_255,
        "ept": 11,
        "arrondissement": 333,
        "departement": 101,
        "region": 18,
        "overseas-collectivity": 8,
        "overseas-subdivision": 11,
    }
    assert real.by_key["commune-75056"].values["population"] == "2103778"


@pytest.mark.real
def test_real_rows_are_all_accounted_for(real: Run) -> None:
    real.check_accounting()
    real.check_columns()
    real.check_references()
    assert Counter((d.distribution, d.reason) for d in real.dropped) == {
        ("ept", "not-in-an-ept"): 34_746,
    }


@pytest.mark.real
def test_real_former_communes_and_parts_agree(real: Run) -> None:
    former = [made for made in real.made if made.values["kind"] == "former-commune"]
    several = {str(made.values["code"]) for made in former if len(made.values["replaced_by"]) > 1}
    # Shared out when they ended; the last four when a commune was made later of what they had become: Val-de-Reuil
    # (1981), Les Ulis (1977, twice) and Awala-Yalimapo (1989).
    at_the_end = {"08227", "45117", "51385", "51606", "60606", "77362"}
    assert several == at_the_end | {"27443", "78122", "78471", "97355"}
    for made in former:
        for kind in ("commune-deleguee", "commune-associee", "arrondissement-municipal"):
            if part := real.by_key.get(f"{kind}-{made.values['code']}"):
                assert made.values["replaced_by"] == part.values["part_of"]


@pytest.mark.real
def test_real_communes_are_in_the_same_areas_as_the_derived_file(
    real: Run, reference: dict[str, dict[str, str]]
) -> None:
    made = {str(m.values["code"]): m for m in real.made if m.values["kind"] == "commune" and part_of(m, "departement-")}
    assert made.keys() == reference.keys()
    assert len(made) == 34_875
    for code, row in reference.items():
        departement = part_of(made[code], "departement-")
        assert made[code].values["name"] == row["commune_nom"]
        assert departement == row["dep_code"]
        assert part_of(real.by_key[f"departement-{departement}"], "region-") == row["reg_code"]
        assert part_of(made[code], "arrondissement-") == row["arr_code"]
        assert part_of(made[code], "epci-") == row["epci_siren"]
        assert made[code].values["population"], code


@pytest.mark.real
def test_real_third_places_resolve(real: Run, shared: Path) -> None:
    places = real.territories()
    path = shared / "registries" / "tiers_lieux_cget_2019" / "CGET_TiersLieux_2019.csv"
    with path.open(encoding="utf-8-sig", newline="") as lines:
        third_places = list(csv.DictReader(lines))
    codes = [row["INSEECOM"].zfill(5) for row in third_places if row["INSEECOM"] != "0"]
    found = [places.commune(code) for code in codes]
    assert len(found) == 1_355
    assert None not in found
    assert Counter(resolved.status for resolved in found if resolved) == {
        "current": 1_049,
        "municipal-arrondissement": 303,
        "delegated": 3,
    }


@pytest.mark.real
def test_real_third_places_without_a_code_resolve_by_name(real: Run, shared: Path) -> None:
    places = real.territories()
    path = shared / "registries" / "tiers_lieux_cget_2019" / "CGET_TiersLieux_2019.csv"
    outcome: Counter[str] = Counter()
    unknown: set[str] = set()
    with path.open(encoding="utf-8-sig", newline="") as lines:
        for row in csv.DictReader(lines):
            name = row["NOMCOM"] or row["COMINIT"]
            if row["INSEECOM"] != "0":
                continue
            found = places.commune_by_name(name, postcode=row["CP"], departement=row["INSEEDEP"])
            outcome[found.status if found else "unknown" if name else "no-name"] += 1
            if name and found is None:
                unknown.add(name)
    assert outcome == {"current": 103, "delegated": 4, "unknown": 4, "no-name": 46}
    # In Belgium; renamed; misspelt; a technology park.
    assert unknown == {"Tournai", "Florac", "Vabre l'Abbaye", "Sophia Antipolis"}


@pytest.mark.real
def test_real_communes_are_found_by_their_own_name(real: Run) -> None:
    places = real.territories()
    for made in real.made:
        if made.values["kind"] == "commune":
            code, name = str(made.values["code"]), str(made.values["name"])
            found = places.commune_by_name(name, departement=places.departement_of(code))
            assert found is not None
            assert found.code == code


@pytest.mark.real
def test_real_zonings_are_those_of_the_files(
    project: Path, shared: Path, real: Run, reference: dict[str, dict[str, str]], tmp_path: Path
) -> None:
    folder = shared / "registries" / "anct_zonages"
    grids = {"density": "densite", "rurality": "ruralite", "centrality": "centralite", "mountain": "montagne"}
    files = {name: folder / f"{file}.csv" for name, file in grids.items()}
    files["qpv"] = folder / "centroide-4326_qpv.geojson"
    rows = zonings(project, real.territories(), tmp_path, files)
    scheme = Vocabulary.load(project / "ontology")
    assert {row["territory"]: row["density"] for row in rows} == {
        f"commune-{code}": scheme.slug_by_label("density-grid", row["densite"].strip())
        for code, row in reference.items()
    }
    counted = Counter(one for row in rows for one in [*(row["typology"] or []), *(row["official_zoning"] or [])])
    assert counted["qpv"] == 824
    assert sum(count for name, count in counted.items() if name.startswith("massif-")) == 8_594
    assert counted["productive-farming"] == 6_171
    assert counted["not-a-centre"] == 23_975
    assert Counter(row["situation"][0] for row in rows if row["situation"]) == {"very-low-density-rural": 6_951}
