"""Names that lead to no commune beside their postcode: the point decides, and no false postcode is published."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from clirld.records.make import ReferenceData
from clirld.records.placing import geography
from clirld.records.placing.commune_of_row import PlaceCache
from clirld.records.placing.model import Said
from clirld.records.placing.points import Located, PointChecker
from clirld.records.territory import Territories
from tests.records import test_make
from tests.records.communes import commune, departement
from tests.records.test_placing_agreement import told

DEPARTEMENTS = {
    "04": "Alpes-de-Haute-Provence", "11": "Aude", "21": "Côte-d'Or", "2A": "Corse-du-Sud", "2B": "Haute-Corse",
    "33": "Gironde", "35": "Ille-et-Vilaine", "74": "Haute-Savoie",
}  # fmt: skip
TERRITORIES = Territories.from_rows(
    [
        *(departement(code, name) for code, name in DEPARTEMENTS.items()),
        commune("2A004", "Ajaccio", 41.92, 8.71, 82, "20000", "20090", "20167"),
        commune("2A203", "Partinello", 42.315, 8.692, 19, "20147"),
        commune("2B033", "Bastia", 42.686, 9.424, 19, "20200", "20600"),
        commune("2B166", "Monte", 42.4874, 9.4118, 15, "20290"),
        commune("2B192", "Olmo", 42.5019, 9.4139, 4, "20290"),
        commune("04063", "Corbières-en-Provence", 43.759, 5.748, 19, "04220"),
        commune("11099", "Corbières", 43.06, 1.98, 5, "11230"),
        commune("21231", "Dijon", 47.33, 5.03, 40, "21000"),
        commune("33227", "Langon", 44.54, -0.24, 14, "33210"),
        commune("35145", "Langon", 47.73, -1.87, 37, "35660"),
        commune("74237", "Saint-Gingolph", 46.389, 6.777, 7, "74500"),
    ]
)
PLACES, POINTS = PlaceCache(TERRITORIES), PointChecker(TERRITORIES)
AT_OLMO, AT_PARTINELLO, AT_CORBIERES = ("42.49735", "9.40923"), ("42.31061", "8.68293"), ("43.761493", "5.751707")


@pytest.fixture(autouse=True, scope="module")
def complete() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(geography, "_COMPLETE", len(TERRITORIES.geography.circles))
        yield


def zero(postcode: str, name: str, departement: str | None = None) -> Said:
    return Said(name=name, postcode=postcode, postcode_guessed=True, departement=departement, street="rue Inventée")


@pytest.mark.parametrize(
    ("said", "point", "seat", "postcode", "codes"),
    [
        # Name and point agree: a postcode of no commune, or of another département, is left out.
        (Said(name="PARTINELLO", postcode="21017"), AT_PARTINELLO, "commune-2A203", None,
         {"commune-by-name", "postcode-other"}),
        (Said(name="Partinello", postcode="21000"), AT_PARTINELLO, "commune-2A203", None,
         {"commune-by-name", "postcode-other"}),
        (Said(street="Lieu inventé 21017 PARTINELLO"), AT_PARTINELLO, "commune-2A203", None,
         {"commune-by-address", "postcode-other"}),
        (Said(street="Lieu inventé 21000 PARTINELLO"), AT_PARTINELLO, "commune-2A203", None,
         {"commune-by-address", "postcode-other"}),
        (Said(name="Partinello", postcode="21000", departement="21"), AT_PARTINELLO, "departement-21", "21000",
         {"commune-unknown", "point-doubtful"}),  # two against two
        # The name is nowhere: a postcode of no commune is an error, one of other communes is not.
        (Said(street="Lieu inventé 21017 NULLEPART"), AT_PARTINELLO, "commune-2A203", None,
         {"postcode-far", "commune-by-point"}),
        (Said(postcode="21017"), AT_PARTINELLO, "commune-2A203", None, {"postcode-far", "commune-by-point"}),
        (Said(street="Lieu inventé 21000 NULLEPART"), AT_PARTINELLO, None, None, {"postcode-far"}),
        # Without a point, a postcode that nobody has is not published beside a name of elsewhere.
        (Said(name="Partinello", postcode="21017"), None, None, None, {"commune-doubtful"}),
        (Said(street="Lieu inventé 21017 PARTINELLO"), None, None, None, {"commune-doubtful"}),
        # A name that resembles: with its postcode, and else not the nearest commune either.
        (Said(street="Casa Inventata 20290 OLMU"), AT_OLMO, "commune-2B192", "20290", {"commune-by-resemblance"}),
        (Said(name="Olmu", postcode="20290"), AT_OLMO, "commune-2B192", "20290", {"commune-by-resemblance"}),
        (Said(name="Olmu", postcode="20200"), AT_OLMO, "departement-2B", None, {"commune-doubtful"}),
        (Said(name="Lieu-dit Inventé", postcode="20290"), ("42.4874", "9.4118"), "commune-2B166", "20290",
         {"commune-by-point"}),
        (Said(street="Casa Inventata 20290 OLMU"), None, "departement-2B", "20290", {"departement-by-postcode"}),
        # A zero put back counts where the commune that name and point say has that postcode.
        (zero("04220", "CORBIÈRES"), AT_CORBIERES, "commune-04063", "04220", {"commune-by-resemblance"}),
        (zero("04220", "CORBIÈRES", "04"), None, "commune-04063", "04220", {"commune-by-beginning"}),
        (zero("04220", "CORBIÈRES"), None, None, None, {"zero-doubtful", "commune-doubtful"}),
        (zero("04220", "CORBIÈRES"), ("43.06", "1.98"), None, None, {"zero-doubtful", "commune-doubtful"}),
        (zero("01898", "Saint-Gingolph"), ("46.392", "6.79"), None, None, {"zero-doubtful", "commune-doubtful"}),
        # CEDEX postcodes of Corsica whose digits do not tell the département.
        (Said(name="AJACCIO", postcode="20302", departement="2A"), None, "commune-2A004", "20302",
         {"commune-by-name", "postcode-unknown"}),
        (Said(name="AJACCIO CEDEX 9", postcode="20700"), None, "commune-2A004", "20700", {"commune-by-name"}),
        (Said(name="BASTIA CEDEX 9", postcode="20401"), None, "commune-2B033", "20401", {"commune-by-name"}),
        (Said(street="rue Inventée 20302 CEDEX"), None, None, "20302", set()),
        # A name of several communes.
        (Said(name="Langon"), None, None, None, {"commune-ambiguous"}),
        (Said(name="Langon"), ("47.72", "-1.85"), "commune-35145", None, {"commune-by-name"}),
        (Said(name="Langon", departement="35"), None, "commune-35145", None, {"commune-by-name"}),
        (Said(name="Langon", departement="21"), None, "departement-21", None, {"commune-unknown"}),
    ],
)  # fmt: skip
def test_a_name_beside_a_point_and_a_postcode(
    said: Said, point: tuple[str, str] | None, seat: str | None, postcode: str | None, codes: set[str]
) -> None:
    place = PLACES[said]
    located = POINTS.locate(place, *point) if point else Located(POINTS.without_point(place), None, None)
    assert located.place.seat == ((seat,) if seat else ())
    assert located.place.postcode == postcode
    assert told(located).keys() == codes


def test_an_ambiguous_name_says_how_many_and_where() -> None:
    (issue,) = PLACES[Said(name="Langon")].issues
    assert issue.detail == {"count": "2", "departements": "33, 35"}


def test_what_is_told_of_a_zero_is_not_that_the_postcode_is_foreign() -> None:
    doubt = told(POINTS.locate(PLACES[zero("04220", "CORBIÈRES")], "43.06", "1.98"))["commune-doubtful"]
    assert "quatre chiffres" in doubt.detail["why"]


@pytest.fixture
def runner(tmp_path: Path) -> test_make.Runner:
    tables = test_make.canonical.load(test_make.SETTINGS.ontology / "tables.yaml")
    vocabulary = test_make.Vocabulary.load(test_make.SETTINGS.ontology)
    return test_make.Runner(tmp_path, ReferenceData(tables, vocabulary, TERRITORIES))


COLUMNS = "N: name / INSEE: commune / ADRESSE: street / CP: postcode / VILLE: locality / DEP: departement"
HEAD = "ID,N,INSEE,ADRESSE,CP,VILLE,DEP\n"


@pytest.mark.parametrize(
    ("row", "code", "column"),
    [
        ("1,x,,rue A,21017,Partinello,\n", "commune-doubtful", "VILLE"),
        ("1,x,,Lieu inventé 21017 Partinello,,,\n", "commune-doubtful", "ADRESSE"),
        ("1,x,,rue A,,Langon,\n", "commune-ambiguous", "VILLE"),
        ("1,x,,rue Inventée 20299 BASTIA,,,\n", "postcode-unknown", "ADRESSE"),  # of which the column is empty
    ],
)
def test_an_issue_names_a_column_that_has_a_value(runner: test_make.Runner, row: str, code: str, column: str) -> None:
    made = runner.run(test_make.card(COLUMNS), HEAD + row)
    assert {issue.column for issue in made.issues if issue.code == code} == {column}


@pytest.mark.parametrize("name", ["Ille-et-Vilaine", "ille et vilaine", "35 - Ille-et-Vilaine", "Ille-et-Vilaine (35)"])
def test_a_departement_by_its_name_chooses_among_communes(runner: test_make.Runner, name: str) -> None:
    made = runner.run(test_make.card(COLUMNS), f"{HEAD}1,x,,rue A,,Langon,{name}\n")
    assert made.row("initiative")["seat"] == "commune-35145"
    assert [issue.code for issue in made.issues] == ["commune-by-name"]


@pytest.mark.parametrize(
    ("more", "cells", "seat"),
    [
        ("    departements: ['35', '74']\n", "Langon,", "commune-35145"),
        ("    departements: ['33', '35']\n", "Langon,", None),
        ("    departements: ['35']\n", "Bastia,", "commune-2B033"),  # they only choose among several
        ("    departements: ['35']\n", "Langon,Gironde", "commune-33227"),
        ("", "Langon,", None),
    ],
)
def test_departements_of_a_source_choose_among_communes_of_one_name(
    runner: test_make.Runner, more: str, cells: str, seat: str | None
) -> None:
    made = runner.run(test_make.card(COLUMNS, more), f"{HEAD}1,x,,rue A,,{cells}\n")
    assert made.row("initiative")["seat"] == seat
