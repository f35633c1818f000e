"""Cells with several places, spellings of postcodes, names at the end of an address; and no row unplaced in silence."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clirld.records.cells import CellIssue
from clirld.records.make import ReferenceData
from clirld.records.placing import geography
from clirld.records.placing.address_communes import Towns
from clirld.records.placing.address_text import last_part
from clirld.records.placing.commune_of_row import PlaceCache
from clirld.records.placing.model import Said
from clirld.records.placing.points import Located, PointChecker
from clirld.records.territory import Territories
from tests.records import test_make
from tests.records.communes import commune, delegated, departement, former

Point = tuple[str, str] | None

# As in the territory files; no other communes are known here, and `complete` says that there are none.
TERRITORIES = Territories.from_rows(
    [
        departement("02", "Aisne"),
        departement("06", "Alpes-Maritimes"),
        departement("13", "Bouches-du-Rhône"),
        departement("31", "Haute-Garonne"),
        departement("34", "Hérault"),
        departement("37", "Indre-et-Loire"),
        departement("44", "Loire-Atlantique"),
        departement("69", "Rhône"),
        departement("75", "Paris"),
        departement("93", "Seine-Saint-Denis"),
        departement("971", "Guadeloupe"),
        departement("974", "La Réunion"),
        commune("02498", "Montaigu", 49.53, 3.83, 11, "02820"),
        commune("02676", "Saint-Erme-Outre-et-Ramecourt", 49.52, 3.84, 28, "02820"),
        commune("06088", "Nice", 43.71, 7.24, 73, "06000", "06100"),
        commune("13055", "Marseille", 43.30, 5.40, 242, "13001", "13002"),
        commune("31555", "Toulouse", 43.60, 1.43, 118, "31000", "31100"),
        commune("34172", "Montpellier", 43.61, 3.87, 57, "34000", "34070"),
        commune("37261", "Tours", 47.39, 0.69, 34, "37000", "37100"),
        commune("44073", "Héric", 47.41, -1.65, 74, "44810"),
        commune("44109", "Nantes", 47.24, -1.56, 65, "44000", "44100", "44200"),
        commune("44131", "Pornic", 47.12, -2.06, 94, "44210"),
        commune("44143", "Rezé", 47.17, -1.56, 14, "44400"),
        commune("47222", "La Réunion", 44.28, 0.13, 20, "47700"),
        commune("69123", "Lyon", 45.76, 4.83, 48, "69001", "69008"),
        commune("75056", "Paris", 48.86, 2.34, 105, "75001", "75011", "75018"),
        commune("92049", "Montrouge", 48.82, 2.32, 2, "92120"),
        commune("93048", "Montreuil", 48.86, 2.45, 9, "93100"),
        commune("28267", "Montreuil", 48.77, 1.37, 12, "28500"),
        commune("93066", "Saint-Denis", 48.93, 2.36, 12, "93200"),
        commune("97411", "Saint-Denis", -20.93, 55.45, 143, "97400"),
        commune("97118", "Petit-Bourg", 16.2, -61.6, 130, "97170"),
        commune("49367", "Erdre-en-Anjou", 47.61, -0.83, 97, "49370", "49220"),
        delegated("49367", "Vern-d'Anjou", "49367"),
        former("75066", "Saint-Denis", "93066"),
        former("75048", "Montreuil", "93048"),
        former("75049", "Montrouge", "92049"),
    ]
)
PLACES = PlaceCache(TERRITORIES)
POINTS = PointChecker(TERRITORIES)
IN_NANTES, IN_MONTPELLIER, IN_TOULOUSE, IN_PORNIC = (
    ("47.245", "-1.56"),
    ("43.61", "3.88"),
    ("43.6", "1.44"),
    ("47.11", "-2.10"),
)
TWO = "3 rue Inventée A 34000 Montpellier / 5 rue Inventée B 31000 Toulouse"
OF_ONE_DEPARTEMENT = "1 rue Inventée, 44000 Nantes et 2 rue Inventée, 44400 Rezé"


@pytest.fixture(autouse=True, scope="module")
def complete() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(geography, "_COMPLETE", len(TERRITORIES.geography.circles))
        yield


def located(said: Said, point: Point = None) -> Located:
    if point is None:
        return Located(POINTS.without_point(PLACES[said]), None, None)
    return POINTS.locate(PLACES[said], *point)


def told(found: Located) -> dict[str, CellIssue]:
    return {issue.code: issue for issue in (*found.place.issues, *found.issues)}


@pytest.mark.parametrize(
    ("cell", "shown", "seat"),
    [
        (TWO, "34000 Montpellier / 31000 Toulouse", None),
        ("1 rue Inventée, 13001 Marseille et 2 rue Inventée, 06000 Nice", "13001 Marseille / 06000 Nice", None),
        ("13001 Marseille et Nice", "13001 Marseille / Nice", None),
        ("34000 Montpellier\n31000 Toulouse", "34000 Montpellier / 31000 Toulouse", None),
        ("Montpellier 34000, Toulouse 31000", "34000 Montpellier / 31000 Toulouse", None),
        ("Montpellier (34000) ; Toulouse (31000)", "34000 Montpellier / 31000 Toulouse", None),
        ("34000MONTPELLIER - 31000TOULOUSE", "34000 MONTPELLIER / 31000 TOULOUSE", None),
        ("34000 Montpellier / 31000 Toulouse / 44000 Nantes",
         "34000 Montpellier / 31000 Toulouse / 44000 Nantes", None),
        ("44000 Nantes – BP 1 – 44405 REZE Cedex", "44000 Nantes / 44405 REZE Cedex", "departement-44"),
        ("02820 Montaigu, 02821 St Erme Outre et Ramecourt Cedex",
         "02820 Montaigu / 02821 St Erme Outre et Ramecourt Cedex", "departement-02"),
        (OF_ONE_DEPARTEMENT, "44000 Nantes / 44400 Rezé", "departement-44"),
    ],
)  # fmt: skip
def test_a_cell_with_several_places_is_no_commune(cell: str, shown: str, seat: str | None) -> None:
    for said, of in ((Said(street=cell), "street"), (Said(name=cell), "locality")):
        found = located(said)
        assert (found.place.commune, found.place.seat) == ((), (seat,) if seat else ())
        assert told(found) == {"commune-several": CellIssue("commune-several", shown, {}, of)}


@pytest.mark.parametrize("cell", ["34000 / 31000", "44000 / 44400"])
def test_a_cell_with_several_postcodes_is_none_of_their_communes(cell: str) -> None:
    assert located(Said(name=cell)).place.seat == ()
    assert told(located(Said(name=cell))).keys() == {"commune-several"}


@pytest.mark.parametrize(
    ("cell", "postcode"),
    [
        ("1 rue Inventée 44000 Nantes / 2 rue Inventée 44200 Nantes", None),
        ("44000/44100/44200 Nantes", None),
        ("34000 Montpellier – BP 12 – 34184 Montpellier Cedex 4", "34000"),  # a CEDEX is the postcode of nobody
        ("1 rue Inventée 34000 Montpellier / 2 rue Inventée 34000 Montpellier", "34000"),
        ("97400 Saint-Denis / La Réunion", "97400"),  # not the commune La Réunion
        ("12000 rue Inventée 34000 Montpellier", "34000"),
        ("34000 Montpellier et Montpellier", "34000"),
        ("2 bis route de Montaigu 02820 ST ERME OUTRE ET RAMECOURT", "02820"),
    ],
)
def test_several_streets_of_one_town_are_that_town(cell: str, postcode: str | None) -> None:
    for said in (Said(street=cell), Said(name=cell)):
        found = located(said)
        assert len(found.place.commune) == 1
        assert found.place.postcode == postcode
        assert told(found).keys() <= {"commune-by-address", "commune-by-name"}


@pytest.mark.parametrize(
    ("others", "point", "code"),
    [
        ({"code": "34172"}, None, "34172"),
        ({"code": "31555"}, None, "31555"),
        ({"name": "Toulouse"}, None, "31555"),
        ({"name": "Montpellier"}, None, "34172"),
        ({"postcode": "31000"}, None, "31555"),
        ({"postcode": "34070"}, None, "34172"),
        ({"departement": "34"}, None, "34172"),
        ({}, IN_MONTPELLIER, "34172"),
        ({}, IN_TOULOUSE, "31555"),
        ({"name": "34000 Montpellier / 44000 Nantes"}, None, "34172"),
        # Nothing that leads to one of them.
        ({"postcode": "44000"}, None, None),
        ({"postcode": "31000", "departement": "34"}, None, None),
        ({"name": "Nulle-Part"}, None, None),
        ({}, IN_NANTES, None),
    ],
)
def test_of_several_places_another_column_says_which(others: dict[str, str], point: Point, code: str | None) -> None:
    found = located(Said(street=TWO, **others), point)
    assert found.place.commune == ((code,) if code else ())
    assert ("commune-several" in told(found)) == (code is None)
    assert "address-other" not in told(found)
    if code and "code" not in others and others.get("name") not in ("Toulouse", "Montpellier"):
        assert told(found)["commune-by-address"].value in ("34000 Montpellier", "31000 Toulouse")


def test_what_is_taken_of_several_brings_its_own_postcode_and_name() -> None:
    for said, point in ((Said(street=TWO, departement="34"), None), (Said(street=TWO), IN_MONTPELLIER)):
        place = located(said, point).place
        assert (place.postcode, place.locality) == ("34000", "Montpellier")
    # Two columns that agree against a name, one of them with several places.
    place = located(Said(name="Nantes", postcode="44400", street=f"{TWO} / 44400 Rezé")).place
    assert (place.commune, place.postcode, place.locality) == (("44143",), "44400", "Rezé")


@pytest.mark.parametrize(
    ("said", "code", "issue"),
    [
        (Said(name="Nantes", street=TWO), None, "commune-doubtful"),  # a name alone, and an address that names others
        (Said(code="44109", street=TWO), "44109", "address-other"),
        (Said(name=TWO, street="9 rue Inventée 44000 Nantes"), "44109", "address-other"),
        (Said(name="Montpellier / Toulouse"), None, "commune-several"),
        (Said(name="Montpellier / Toulouse", postcode="31000"), "31555", "commune-by-name"),
        (Said(name="Montpellier / Toulouse", departement="34"), "34172", "commune-by-name"),
    ],
)
def test_several_places_and_a_name(said: Said, code: str | None, issue: str) -> None:
    found = located(said)
    assert found.place.commune == ((code,) if code else ())
    assert issue in told(found)


SPELLINGS = ["37000TOURS", "37000 TOURS", "37 000 Tours", "F-37000 Tours", "FR-37000 Tours", "F37000 Tours",
             "F - 37000 Tours", "fr 37000 Tours", "TOURS 37000", "Tours (37000)", "Tours F-37000", "37000-TOURS",
             "37000, Tours", "37000 Tours Cedex 1", "37000 Tours France", "37000 Tours, France"]  # fmt: skip


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("before", ["", "3 rue Inventée ", "3 rue Inventée, ", "3 rue Inventée\n"])
def test_a_postcode_and_its_town_however_they_are_spelled(spelling: str, before: str) -> None:
    for said in (Said(street=before + spelling), Said(name=before + spelling)):
        place = located(said).place
        assert (place.commune, place.postcode) == (("37261",), "37000")
        assert (place.locality or "").casefold().startswith("tours")


@pytest.mark.parametrize(
    ("said", "seat", "issue"),
    [
        (Said(street="3 rue Inventée LYON Cedex 08"), "commune-69123", "commune-by-address"),
        (Said(name="LYON Cedex 08"), "commune-69123", "commune-by-name"),
        (Said(street="3 rue Inventée LYON Cedex 08", postcode="69371"), "commune-69123", "commune-by-address"),
        (Said(street="3 rue Inventée LYON Cedex 08", postcode="37041"), "departement-37", "departement-by-cedex"),
        (Said(street="3 rue Inventée, SAINT-DENIS Cedex"), None, None),  # two of them
        (Said(street="3 rue Inventée, SAINT-DENIS Cedex", departement="93"), "commune-93066", "commune-by-address"),
        (Said(name="97188 JARRY Cedex"), "departement-971", "departement-by-cedex"),
        (Said(name="JARRY Cedex", postcode="97188"), "departement-971", "departement-by-cedex"),
        (Said(street="3 rue Inventée 97188 JARRY Cedex"), "departement-971", "departement-by-cedex"),
        (Said(postcode="97188", country="FR"), "departement-971", "departement-by-cedex"),
        (
            Said(postcode="37999", name="Nulle-Part"),
            None,
            "commune-unknown",
        ),  # of five digits are others' postcodes too
        (Said(postcode="37999"), None, None),
        (Said(postcode="99999", street="Cedex"), None, None),  # of no département
        (Said(name="978438 Nulle-Part"), None, "commune-unknown"),
        (Said(street="3 rue Inventée, FR-44810"), "commune-44073", "commune-by-postcode"),
        (Said(name="FR-44810"), "commune-44073", "commune-by-postcode"),
        (Said(name="44 810"), "commune-44073", "commune-by-postcode"),
    ],
)
def test_a_cedex_and_a_postcode_alone(said: Said, seat: str | None, issue: str | None) -> None:
    found = located(said)
    assert found.place.seat == ((seat,) if seat else ())
    assert told(found).keys() == ({issue} if issue else set())


def test_a_cedex_whose_point_is_elsewhere_is_nowhere() -> None:
    assert located(Said(name="97188 JARRY Cedex"), IN_NANTES).place.seat == ()
    assert located(Said(name="97188 JARRY Cedex"), ("16.21", "-61.6")).place.seat == ("commune-97118",)


@pytest.mark.parametrize(
    ("said", "point", "seat", "codes"),
    [
        (Said(street="3 rue Inventée, Pornic"), IN_TOULOUSE, None, {"commune-doubtful"}),
        (Said(street="3 rue Inventée, Pornic, France"), IN_NANTES, "departement-44", {"commune-doubtful"}),
        (Said(street="Pornic"), IN_TOULOUSE, None, {"commune-doubtful"}),
        (Said(street="3 rue Inventée, Saint-Denis"), IN_NANTES, None, {"commune-doubtful"}),  # neither of the two
        (Said(name="Héric"), IN_NANTES, "departement-44", {"commune-doubtful"}),
        # Where both say it, it is that one: the centre of another may be nearer.
        (Said(street="3 rue Inventée, Pornic"), IN_PORNIC, "commune-44131", {"commune-by-address"}),
        (Said(street="3 rue Inventée, Rezé"), ("47.20", "-1.56"), "commune-44143", {"commune-by-address"}),
        (Said(street="3 rue Inventée, Saint-Denis"), ("48.93", "2.36"), "commune-93066", {"commune-by-address"}),
        (Said(street="3 rue Inventée, Pornic", postcode="44210"), None, "commune-44131", {"commune-by-address"}),
        # Two others against it: they are taken, and it is told.
        (Said(street="3 rue Inventée, Pornic", postcode="31000"), IN_TOULOUSE, "commune-31555",
         {"commune-by-point", "address-other"}),
        (Said(street="3 rue Inventée, Pornic", departement="31"), IN_TOULOUSE, "commune-31555",
         {"commune-by-point", "address-other"}),
        (Said(street="3 rue Inventée, Pornic", postcode="44810"), None, "commune-44073",
         {"commune-by-postcode", "address-other"}),
        # No name of a commune: the street of one, any name.
        (Said(street="3 rue de Pornic"), IN_TOULOUSE, "commune-31555", {"commune-by-point"}),
        (Said(street="3 rue Inventée, Le Bourg"), IN_TOULOUSE, "commune-31555", {"commune-by-point"}),
    ],
)  # fmt: skip
def test_a_name_at_the_end_of_an_address_against_a_point(
    said: Said, point: Point, seat: str | None, codes: set[str]
) -> None:
    found = located(said, point)
    assert found.place.seat == ((seat,) if seat else ())
    assert told(found).keys() == codes
    if "commune-doubtful" in codes and said.street and "Pornic" in said.street:
        issue = told(found)["commune-doubtful"]
        assert (issue.value, issue.of) == ("Pornic", "street")
        assert ", ".join(point or ()) in issue.detail["why"]
        assert "44131" in issue.detail["why"]


@pytest.mark.parametrize(
    ("said", "point", "code", "issue"),
    [
        *((Said(name=name), None, None, "commune-doubtful") for name in (
            "Saint-Denis, Paris", "Montreuil, Paris", "Saint-Denis (Paris)", "Montrouge, Paris", "Montreuil (75)",
        )),
        (Said(name="Saint-Denis, Paris", postcode="93200"), None, "93066", "commune-by-name"),
        (Said(name="Saint-Denis, Paris", departement="93"), None, "93066", "commune-by-name"),
        (Said(name="Montreuil, Paris", departement="93"), None, "93048", "commune-by-name"),
        (Said(name="Montreuil, Paris"), ("48.86", "2.45"), "93048", "commune-by-name"),
        (Said(name="Montreuil, Paris"), IN_NANTES, None, "commune-doubtful"),
        (Said(name="Montreuil, Paris", street="1 rue Inventée 93100 Montreuil"), None, "93048", "commune-by-name"),
        (Said(name="Montreuil, Paris", street="1 rue Inventée 75011 Paris"), None, "75056", "commune-by-address"),
        (Said(name="Montreuil, Paris", postcode="75011"), None, "75056", "commune-by-name"),
        (Said(name="Saint-Denis", departement="75"), None, None, "commune-doubtful"),
        (Said(name="Saint-Denis", postcode="75018"), None, None, "commune-doubtful"),
        (Said(street="1 rue Inventée 75018 Saint-Denis"), None, None, "commune-doubtful"),
        (Said(name="Montrouge", departement="75"), None, "92049", "departement-other"),  # the name alone leads to it
        (Said(name="Saint-Denis, La Réunion"), None, "97411", "commune-by-name"),
        (Said(name="Montreuil (93)"), None, "93048", "commune-by-name"),
        (Said(name="Montreuil, Lyon"), None, None, "commune-several"),
    ],
)  # fmt: skip
def test_a_name_with_that_of_a_bigger_town(said: Said, point: Point, code: str | None, issue: str) -> None:
    found = located(said, point)
    assert found.place.commune == ((code,) if code else ())
    assert issue in told(found)


def test_an_old_name_leads_to_the_commune_of_today_that_kept_its_code() -> None:
    for said in (Said(name="Vern-d'Anjou"), Said(name="VERN D ANJOU", postcode="49220"), Said(code="49367")):
        assert located(said).place.commune == ("49367",)


@given(st.lists(st.sampled_from(["34000 ", "31000", " Toulouse", "Montpellier", " / ", " et ", ", ", "(", ")", "\n",
                                 "F-", "rue de ", "Cedex", "12", "-"]), max_size=9).map("".join))  # fmt: skip
def test_what_is_published_of_an_address_is_the_only_town_beside_its_postcode(address: str) -> None:
    towns = Towns(TERRITORIES).named(address, "street")
    assert len({town.commune for town in towns}) == len(towns)
    place = PLACES[Said(street=address)]
    if len(towns) > 1:
        assert place.commune == ()
    if place.commune and place.certainty == "sure":
        assert place.commune == (towns[0].commune,)
    for town in towns:
        assert town.postcode in (None, *TERRITORIES.geography.postcodes[town.commune])
        assert TERRITORIES.has_name(town.commune, town.name)


@given(st.text())
def test_any_address_has_a_last_part(address: str) -> None:
    assert last_part(address) in address


# The whole stage: by the columns of the file.

CELLS = {
    "INSEE": ["", "44109", "99999", "x"],
    "NOM": ["", "Nantes", "Nulle-Part", "Saint-Denis, Paris", "Le Bourg"],
    "CP": ["", "44000", "97188", "978438", "34000 / 31000"],
    "DEP": ["", "44", "99"],
    "ADRESSE": ["", "3 rue Inventée", "3 rue Inventée, Pornic", TWO, "3 rue Inventée 97188 JARRY Cedex"],
    "LAT": ["", "47.245", "52.5", "0", "48.0"],
}
LONGITUDES = {"": "", "47.245": "-1.56", "52.5": "13.4", "0": "0", "48.0": "0.9"}  # the last is far from all communes
COLUMNS = ("N: name / INSEE: commune / NOM: locality / CP: postcode / DEP: departement / ADRESSE: street"
           " / LAT: latitude / LONG: longitude / PAYS: country")  # fmt: skip


@pytest.fixture
def runner(tmp_path: Path) -> test_make.Runner:
    tables = test_make.canonical.load(test_make.SETTINGS.ontology / "tables.yaml")
    vocabulary = test_make.Vocabulary.load(test_make.SETTINGS.ontology)
    return test_make.Runner(tmp_path, ReferenceData(tables, vocabulary, TERRITORIES))


def as_csv(rows: list[dict[str, str]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, rows[0])
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


@pytest.mark.parametrize("country", ["", "FR", "DE"])
def test_no_row_is_unplaced_in_silence(runner: test_make.Runner, country: str) -> None:
    rows = [
        {"ID": str(n), "N": "x", **dict(zip(CELLS, cells, strict=True)), "LONG": LONGITUDES[cells[-1]], "PAYS": country}
        for n, cells in enumerate(product(*CELLS.values()))
    ]
    made = runner.run(test_make.card(COLUMNS), as_csv(rows))
    columns = defaultdict(set)
    for issue in made.issues:
        columns[issue.row].add(issue.column)
    unplaced = [row for row in made.rows("initiative") if row["seat"] is None]
    assert len(unplaced) > len(rows) / 20
    assert country != "DE" or len(unplaced) > len(rows) / 2
    for row in unplaced:
        given_cells = rows[int(row["key"].removeprefix("places-"))]
        filled = {name for name in (*CELLS, "LONG") if given_cells[name]}
        assert columns[row["row"]] & {*filled, "PAYS"} or not filled, given_cells


def test_an_issue_names_the_column_that_holds_the_places(runner: test_make.Runner) -> None:
    columns = "N: name / INSEE: commune / VILLE: locality / LIEU: locality / A: street / B: street / CP: postcode"
    head = "ID,N,INSEE,VILLE,LIEU,A,B,CP\n"
    made = runner.run(
        test_make.card(columns),
        f"{head}1,x,,,,,{TWO},\n2,x,,,,{TWO},3 rue Inventée,\n3,x,,,{TWO},,,\n4,x,44109,Nantes,,,{TWO},\n"
        "5,x,,,Tours,,,\n6,x,,,,,,44810\n7,x,,,,,3 rue Inventée,\n",
    )
    assert [(code, row, column) for code, row, column, _value in made.told] == [
        ("commune-several", 2, "B"),
        ("commune-several", 3, "A"),
        ("commune-several", 4, "LIEU"),
        ("address-other", 5, "B"),
        ("commune-by-name", 6, "LIEU"),
        ("commune-by-postcode", 7, "CP"),
        ("place-unknown", 8, "B"),
    ]


def test_of_an_address_that_only_places_nothing_but_its_towns_is_told(runner: test_make.Runner) -> None:
    columns = "N: name / A: street / P: private_address / INSEE: commune"
    rows = f"1,x,,{TWO},\n2,x,,3 rue Inventée,\n3,x,{TWO},3 rue Inventée,\n4,x,,{TWO},44109\n"
    made = runner.run(test_make.card(columns), f"ID,N,A,P,INSEE\n{rows}")
    assert made.told == [
        ("commune-several", 2, "P", "34000 Montpellier / 31000 Toulouse"),
        ("place-unknown", 3, "P", None),
        ("commune-several", 4, "A", "34000 Montpellier / 31000 Toulouse"),
        ("address-other", 5, "P", "34000 Montpellier / 31000 Toulouse"),
    ]
    assert "rue" not in (made.out / "issues.jsonl").read_text()


def test_several_postcodes_in_their_column_are_no_foreign_one(runner: test_make.Runner) -> None:
    made = runner.run(test_make.card("N: name / VILLE: locality / CP: postcode"),
                      "ID,N,VILLE,CP\n1,x,Nantes,44000 / 44100\n2,x,Nantes,1201\n")  # fmt: skip
    assert [row["seat"] for row in made.rows("initiative")] == ["commune-44109", None]
    assert made.told[0] == ("value-unclean", 2, "CP", "44000 / 44100")
