"""Columns that name different communes: none is published that two others contradict, and nothing without a word."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clirld.records.cells import CellIssue
from clirld.records.placing import geography
from clirld.records.placing.address_text import AddressEnd, address_end, may_have_end, postcodes_in
from clirld.records.placing.commune_of_row import PlaceCache, _Resolver
from clirld.records.placing.model import Said
from clirld.records.placing.placer import Placer
from clirld.records.placing.points import Located, PointChecker
from clirld.records.territory import Territories
from tests.records.communes import commune

DEPARTEMENTS = {
    "11": "Aude", "24": "Dordogne", "32": "Gers", "33": "Gironde", "35": "Ille-et-Vilaine", "44": "Loire-Atlantique",
    "45": "Loiret", "56": "Morbihan", "67": "Bas-Rhin", "77": "Seine-et-Marne",
}  # fmt: skip
# As in the territory files; no other communes are known here, and `complete` says that there are none.
TERRITORIES = Territories.from_rows(
    [
        {"key": "region-76", "kind": "region", "name": "Occitanie", "code": "76"},
        *(
            {
                "key": f"departement-{code}", "kind": "departement", "name": name, "code": code,
                "part_of": ["region-76"] if code in ("11", "32") else [],
            }
            for code, name in DEPARTEMENTS.items()
        ),
        commune("44109", "Nantes", 47.24, -1.56, 65, "44000", "44100", "44200", "44300"),
        commune("44143", "Rezé", 47.17, -1.56, 14, "44400"),
        commune("45234", "Orléans", 47.87, 1.91, 27, "45000", "45100"),
        commune("45284", "Saint-Jean-de-Braye", 47.92, 1.97, 14, "45800"),
        commune("45232", "Olivet", 47.86, 1.89, 23, "45160"),
        commune("32213", "Lombez", 43.46, 0.90, 20, "32220"),
        commune("32013", "Auch", 43.66, 0.57, 72, "32000"),
        commune("32290", "Montréal", 43.96, 0.21, 63, "32250"),
        commune("11254", "Montréal", 43.20, 2.14, 55, "11290"),
        commune("35051", "Cesson-Sévigné", 48.12, -1.59, 32, "35510"),
        commune("35238", "Rennes", 48.12, -1.69, 50, "35000", "35200", "35700"),
        commune("77067", "Cesson", 48.57, 2.59, 7, "77240"),
        commune("33522", "Talence", 44.81, -0.59, 8, "33400"),
        commune("33063", "Bordeaux", 44.86, -0.58, 49, "33000", "33100", "33200", "33300", "33800"),
        commune("24335", "Port-Sainte-Foy-et-Ponchapt", 44.87, 0.21, 18, "33220"),
        commune("56251", "Theix-Noyalo", 47.63, -2.65, 52, "56450"),
        commune("35288", "Saint-Malo", 48.65, -2.01, 37, "35400"),
        commune("67482", "Strasbourg", 48.57, 7.76, 78, "67000", "67100", "67200"),
    ]
)  # fmt: skip
PLACES = PlaceCache(TERRITORIES)
POINTS = PointChecker(TERRITORIES)

IN_REZE, IN_NANTES, IN_BRAYE, IN_OLIVET = (
    ("47.195", "-1.568"),
    ("47.25", "-1.56"),
    ("47.907", "1.952"),
    ("47.846", "1.9"),
)
IN_TALENCE, IN_RENNES = ("44.803", "-0.588"), ("48.13", "-1.68")


@pytest.fixture(autouse=True, scope="module")
def complete() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(geography, "_COMPLETE", len(TERRITORIES.geography.circles))
        yield


def located(said: Said, point: tuple[str, str] | None) -> Located:
    if point is None:
        return Located(POINTS.without_point(PLACES[said]), None, None)
    return POINTS.locate(PLACES[said], *point)


def told(found: Located) -> dict[str, CellIssue]:
    return {issue.code: issue for issue in (*found.place.issues, *found.issues)}


@pytest.mark.parametrize(
    ("name", "is_told"),
    [("Strasbourg", True), ("Bordeaux", False), ("BORDEAUX CEDEX", False), ("Bordeau", False), ("Le Hameau", False)],
)
def test_a_name_of_another_commune_that_counts_for_nothing_is_told(name: str, is_told: bool) -> None:
    found = located(Said(code="33063", name=name, postcode="33000"), None)
    assert found.place.commune == ("33063",)
    issue = told(found).get("name-other")
    assert (issue is not None) == is_told
    assert issue is None or (issue.value, issue.of) == (name, "locality")


@pytest.mark.parametrize(
    ("said", "point", "seat", "codes"),
    [
        # Two of three against a town's name: theirs is taken.
        (Said(name="Nantes", street="2 rue Inventée\n44 400 Rezé"), IN_REZE, "commune-44143", {"commune-corrected"}),
        (Said(name="Nantes", postcode="44400", street="2 rue Inventée, 44400 Rezé"), None, "commune-44143",
         {"commune-corrected"}),
        (Said(name="Orléans", street="1 rue Inventée\nSaint Jean de Braye – 45800", departement="45"), IN_BRAYE,
         "commune-45284", {"commune-corrected"}),
        (Said(name="Orléans", street="1 rue Inventée, 45160 Olivet", country="FR"), IN_OLIVET, "commune-45232",
         {"commune-corrected"}),
        (Said(name="Orléans", postcode="45800"), IN_BRAYE, "commune-45284", {"commune-corrected"}),
        # One against one: only the département stays.
        (Said(name="Nantes", street="2 rue Inventée 44400 Rezé"), None, "departement-44", {"commune-doubtful"}),
        (Said(name="Orléans", departement="45"), ("47.93", "2.0"), "departement-45", {"commune-doubtful"}),
        # The point contradicts the département too, so it is the point that is wrong.
        (Said(name="Nantes", departement="44"), ("47.5", "-1.5"), "commune-44109", {"point-far", "commune-by-name"}),
        # Two against two: only the département stays.
        (Said(name="Nantes", postcode="44400", street="2 rue Inventée 44400 Rezé"), IN_NANTES, "departement-44",
         {"commune-doubtful"}),
        # The point says the same as the name: the address is wrong.
        (Said(name="Nantes", street="2 rue Inventée 44400 Rezé"), IN_NANTES, "commune-44109",
         {"commune-by-name", "address-other"}),
        # A code is not overruled, but doubted.
        (Said(code="44109", street="2 rue Inventée 44400 Rezé"), ("47.16", "-1.56"), "departement-44",
         {"commune-doubtful"}),
        (Said(code="44109", name="Rezé", postcode="44400"), None, "departement-44", {"commune-doubtful"}),
        (Said(code="45234", name="Orléans", postcode="45800"), IN_BRAYE, "departement-45", {"commune-doubtful"}),
        (Said(code="44109", name="Rezé"), None, "commune-44109", {"name-other"}),  # it may be a hamlet
        (Said(code="44109", street="2 rue Inventée 44400 Rezé"), None, "commune-44109", {"address-other"}),
        (Said(code="44109", name="Rennes", departement="35"), None, "departement-35", {"commune-doubtful"}),
        (Said(code="44109", name="Rezé"), IN_REZE, "commune-44109", {"name-other"}),  # the point may be in both
        (Said(code="44109", name="Rezé"), ("47.16", "-1.56"), "departement-44", {"commune-doubtful"}),
        (Said(code="44109", departement="45"), ("47.93", "2.0"), "departement-45", {"commune-doubtful"}),
        (Said(name="Nantes", street="1 rue Inventée 45000 Orléans", departement="45"), IN_NANTES, None,
         {"commune-doubtful"}),
        (Said(postcode="44400", street="1 rue Inventée 44400 Rezé"), IN_NANTES, "commune-44143",
         {"commune-by-address", "point-far"}),
        (Said(postcode="44400"), IN_NANTES, "departement-44", {"departement-by-point"}),
        (Said(code="44109", departement="35"), None, "commune-44109", {"departement-other"}),
        (Said(code="44109", name="Rennes", postcode="35000", departement="35"), IN_RENNES, "departement-35",
         {"commune-doubtful"}),
        (Said(code="44109", name="Rennes", postcode="35000"), IN_RENNES, None, {"commune-doubtful"}),
        # A postcode with its commune's name beats a point, also from the département next door.
        (Said(street="Route Inventée 33220 Port-Sainte-Foy-et-Ponchapt"), IN_TALENCE, "commune-24335",
         {"commune-by-address", "point-far"}),
        (Said(name="Port-Sainte-Foy-et-Ponchapt", postcode="33220"), None, "commune-24335", {"commune-by-name"}),
        # An address whose postcode is another commune's is a name and no more.
        (Said(street="3 rue Inventée 32000 Lombez"), None, "commune-32213", {"commune-by-address", "postcode-other"}),
        (Said(street="3 rue Inventée 32000 Lombez"), ("43.66", "0.57"), "departement-32", {"commune-doubtful"}),
    ],
)  # fmt: skip
def test_columns_that_contradict_each_other(
    said: Said, point: tuple[str, str] | None, seat: str | None, codes: set[str]
) -> None:
    found = located(said, point)
    assert found.place.seat == ((seat,) if seat else ())
    assert told(found).keys() == codes
    if seat and seat.startswith("commune"):
        assert found.place.commune == (seat.removeprefix("commune-"),)
    else:
        assert found.place.commune == ()


def test_what_is_taken_brings_its_own_postcode_and_name() -> None:
    place = located(Said(name="Nantes", street="2 rue Inventée\n44 400 Rezé"), IN_REZE).place
    assert (place.postcode, place.locality) == ("44400", "Rezé")
    (issue,) = place.issues
    assert issue.value == "Nantes"
    assert issue.detail["columns"] == "la fin de l'adresse (« 44400 Rezé ») et le point (47.195, -1.568)"
    # The name of the town is not told with another commune; what another is called, nobody said.
    place = located(Said(name="Orléans", postcode="45800"), IN_BRAYE).place
    assert (place.postcode, place.locality) == ("45800", None)


@pytest.mark.parametrize(
    ("said", "kept", "code"),
    [
        (Said(name="Lombez", postcode="32000"), None, "postcode-other"),
        (Said(code="32213", name="Lombez", postcode="32000"), None, "postcode-other"),
        (Said(code="35288", name="Saint-Malo", postcode="35288"), None, "postcode-other"),  # the INSEE code
        (Said(name="Saint-Malo", postcode="35288"), None, "postcode-other"),
        (Said(code="35288", postcode="44999"), None, "postcode-other"),
        (Said(name="Saint-Malo", postcode="35280"), "35280", "postcode-unknown"),
        (Said(code="35288", postcode="35280"), "35280", "postcode-unknown"),
        (Said(name="Rennes CEDEX 7", postcode="35042"), "35042", None),
        (Said(code="35238", postcode="35700"), "35700", None),
    ],
)
def test_a_postcode_that_is_not_the_communes(said: Said, kept: str | None, code: str | None) -> None:
    found = located(said, None)
    assert found.place.commune
    assert found.place.postcode == kept
    assert {one for one in told(found) if one.startswith("postcode")} == ({code} if code else set())


def test_where_not_all_communes_are_known_no_postcode_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(geography, "_COMPLETE", 1_000)
    place = PlaceCache(TERRITORIES)[Said(name="Saint-Malo", postcode="35280")]
    assert (place.commune, place.postcode) == (("35288",), "35280")
    assert [issue.code for issue in place.issues] == ["commune-by-name"]


@pytest.mark.parametrize(
    ("said", "point", "seat", "code"),
    [
        (Said(name="Montréal du Gers", postcode="32250"), None, "commune-32290", "commune-by-name"),
        (Said(name="MONTREAL-DU-GERS"), None, "commune-32290", "commune-by-name"),
        (Said(name="Montréal de l'Aude"), None, "commune-11254", "commune-by-name"),
        (Said(name="Lombez en Occitanie"), None, "commune-32213", "commune-by-name"),
        (Said(name="Montréal d'Occitanie"), None, None, "commune-unknown"),  # two of them
        (Said(name="Montréal du Gers", postcode="11290"), None, "commune-11254", "commune-by-postcode"),
        (Said(name="Cesson", postcode="35510"), None, "commune-35051", "commune-by-beginning"),
        (Said(name="Cesson", postcode="77240"), None, "commune-77067", "commune-by-name"),
        (Said(name="Cesson"), None, "commune-77067", "commune-by-name"),
        (Said(name="Theix", postcode="56450"), ("47.70", "-2.60"), "commune-56251", "commune-by-beginning"),
        (Said(name="Saint", postcode="45800"), None, "commune-45284", "commune-by-postcode"),
        (Said(name="Strabourg", postcode="67000"), None, "commune-67482", "commune-by-postcode"),  # never by the name
        (Said(name="Strabourg", departement="67"), None, "departement-67", "commune-unknown"),
        (Said(name="Strabourg"), None, None, "commune-unknown"),
        (Said(name="Nulle-Part", postcode="35510"), None, "commune-35051", "commune-by-postcode"),
    ],
)
def test_a_name_that_is_not_the_whole_name(
    said: Said, point: tuple[str, str] | None, seat: str | None, code: str
) -> None:
    found = located(said, point)
    assert found.place.seat == ((seat,) if seat else ())
    assert told(found).keys() == {code}


def test_an_unknown_name_keeps_the_departement_of_a_postcode_of_several_communes() -> None:
    both = Territories.from_rows(
        [
            {"key": "departement-32", "kind": "departement", "name": "Gers", "code": "32"},
            commune("32213", "Lombez", 43.46, 0.90, 20, "32220"),
            commune("32410", "Sauveterre", 43.48, 0.85, 17, "32220"),
        ]
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(geography, "_COMPLETE", 2)
        place = PointChecker(both).without_point(PlaceCache(both)[Said(name="Lombes", postcode="32220")])
    assert (place.commune, place.seat) == ((), ("departement-32",))
    assert [issue.code for issue in place.issues] == ["departement-by-postcode"]


CHOICES = {
    "code": [None, "44109", "44143", "45234", "45284", "24335"],
    "name": [None, "Nantes", "Rezé", "Orléans", "Saint-Jean-de-Braye", "Le Bourg"],
    "postcode": [None, "44000", "44400", "45000", "45800", "33220", "44999"],
    "departement": [None, "44", "45"],
}  # fmt: skip
STREETS = [None, "1 rue Inventée", "1 rue Inventée, 44400 Rezé", "Orléans - 45000",
           "9 rue X 33220 Port Sainte Foy et Ponchapt", "1 rue Inventée 44400 Rezé / 2 rue Inventée 45000 Orléans",
           "1 rue Inventée, Rezé"]  # fmt: skip
WHERE = [
    None,
    ("47.17", "-1.56"),
    ("47.24", "-1.56"),
    IN_REZE,
    IN_BRAYE,
    ("44.87", "0.21"),
    ("0", "0"),
    ("1.97", "47.92"),
]


def combinations(street: str | None) -> Iterator[tuple[dict[str, str | None], tuple[str, str] | None]]:
    for values in product(*CHOICES.values()):
        for point in WHERE:
            yield {**dict(zip(CHOICES, values, strict=True)), "street": street}, point


@pytest.mark.parametrize("street", STREETS)
def test_no_published_commune_is_contradicted_by_two_other_columns(street: str | None) -> None:
    for given_columns, point in combinations(street):
        hold(given_columns, point)


def hold(given_columns: dict[str, str | None], point: tuple[str, str] | None) -> None:
    found = located(Said(**given_columns), point)
    if not found.place.commune:
        return
    (code,) = found.place.commune
    ground = TERRITORIES.geography
    name, postcode = given_columns["name"], given_columns["postcode"]
    ends = {written.postcode for written in postcodes_in(given_columns["street"] or "")}
    pairs = [tuple(map(float, one)) for one in ((point, point[::-1]) if point and point != ("0", "0") else ())]
    against = {
        "code": given_columns["code"] not in (None, code),
        "name": name not in (None, "Le Bourg") and not TERRITORIES.has_name(code, name),
        "postcode": postcode not in (None, *ground.postcodes[code]),
        "point": bool(pairs) and not any(ground.is_in(code, *pair) for pair in pairs),
        "address": bool(ends) and ends.isdisjoint(ground.postcodes[code]),
    }
    if given_columns["code"] or "commune-by-address" in told(found):  # a name that nothing else leads to is a hamlet's
        named = TERRITORIES.commune_by_name(name or "")
        against["name"] &= named is not None and (
            (against["postcode"] and postcode in ground.postcodes[named.code])
            or (against["address"] and not ends.isdisjoint(ground.postcodes[named.code]))
        )
    elif "commune-corrected" in told(found):
        against["name"] = False  # the one column that two others overrule
    if postcode == "44999":  # a CEDEX, perhaps, of its département
        against["postcode"] &= not code.startswith("44")
    assert sum(against.values()) < 2, (given_columns, point)
    assert told(found) or not any(against.values()), (given_columns, point)
    if found.latitude and found.longitude:
        assert ground.is_in(code, float(found.latitude), float(found.longitude))


def test_a_table_is_held_to_its_addresses_too() -> None:
    columns = {
        "commune": [("44109",), ("44109",), ()],
        "locality": [("Nantes",), ("Nantes",), ("Nantes",)],
        "postcode": [("44000",), ("44400",), ()],
        "street": [("1 rue Inventée",), ("1 rue Inventée",), ("1 rue Inventée, 44400 Rezé",)],
        "latitude": [(), (), (IN_REZE[0],)],
        "longitude": [(), (), (IN_REZE[1],)],
    }
    placed = Placer(TERRITORIES).place(columns, [7, 8, 9], {})
    assert columns["commune"] == [("44109",), ("44109",), ("44143",)]
    assert columns["postcode"] == [("44000",), (), ("44400",)]
    assert columns["locality"] == [("Nantes",), ("Nantes",), ("Rezé",)]
    assert [(row, issue.code) for row, issue in placed.issues] == [(8, "postcode-other"), (9, "commune-corrected")]


@pytest.mark.parametrize(
    ("address", "end"),
    [
        ("1 rue Inventée\nSaint Jean de Braye – 45800", AddressEnd("45800", "Saint Jean de Braye")),
        ("1 rue Inventée, Olivet (45160)", AddressEnd("45160", "Olivet")),
        ("1 rue Inventée, 44 400 Rezé", AddressEnd("44400", "Rezé")),
        ("BP 44400", AddressEnd("44400", "BP")),  # no commune is called so
        ("1 rue Inventée", AddressEnd()),
    ],
)
def test_an_address_that_ends_with_its_postcode(address: str, end: AddressEnd) -> None:
    assert address_end(address) == end
    assert may_have_end(address) == (end.postcode is not None)


@given(st.text(alphabet="0123456789 ,-\nRezé"))
def test_what_may_have_no_end_has_none(address: str) -> None:
    assert may_have_end(address) or address_end(address).postcode is None


@pytest.mark.parametrize(("kilometres", "is_in"), [(5.0, True), (7.0, False)])
def test_a_point_is_in_its_commune_within_two_radii_and_one_kilometre(kilometres: float, is_in: bool) -> None:
    # Olivet has 23 km²: a circle of 2.7 km, so 6.4.
    assert TERRITORIES.geography.is_in("45232", 47.86 + kilometres / 111.2, 1.89) is is_in


@pytest.mark.parametrize("communes", ["complete", "some"])
def test_columns_that_agree_give_the_place_that_the_whole_rule_gives(
    monkeypatch: pytest.MonkeyPatch, communes: str
) -> None:
    if communes == "complete":
        monkeypatch.setattr(geography, "_COMPLETE", 1)
    codes = ("44109", "44143", "11254", "99999", "4414")
    names = ("Nantes", "NANTES", "Rezé", "Montréal", "Le Bourg", "Nulle Part")
    postcodes = ("44000", "44400", "11290", "32250", "99999")
    every = [Said(*one) for one in product(codes, names, postcodes, (None, "44", "11"))]
    short = PlaceCache(TERRITORIES)
    found = [short[said] for said in every]
    monkeypatch.setattr(_Resolver, "_agreed", lambda _self, _said: None)
    whole = PlaceCache(TERRITORIES)
    assert found == [whole[said] for said in every]
