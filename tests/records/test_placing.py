"""Places and points against the other columns: nothing is believed that another column contradicts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clirld.records.placing import geography
from clirld.records.placing.address_text import AddressEnd, address_end
from clirld.records.placing.commune_of_row import PlaceCache
from clirld.records.placing.geography import OVERSEAS, Geography
from clirld.records.placing.groupings import usual_names
from clirld.records.placing.locality_text import read_locality
from clirld.records.placing.model import Said
from clirld.records.placing.points import PointChecker
from clirld.records.placing.projection import to_degrees
from clirld.records.territory import Territories
from clirld.values.countries import FRANCE, country_code
from tests.records.communes import commune

# Invented areas; the codes, names and centres are about those of the real communes.
TERRITORIES = Territories.from_rows(
    [
        {"key": "departement-01", "kind": "departement", "name": "Ain", "code": "01"},
        {"key": "departement-2A", "kind": "departement", "name": "Corse-du-Sud", "code": "2A"},
        {"key": "departement-17", "kind": "departement", "name": "Charente-Maritime", "code": "17"},
        {"key": "departement-70", "kind": "departement", "name": "Haute-Saône", "code": "70"},
        {"key": "departement-75", "kind": "departement", "name": "Paris", "code": "75"},
        {"key": "collectivite-988", "kind": "overseas-collectivity", "name": "Nouvelle-Calédonie", "code": "988"},
        commune("01109", "Collonges", 46.14, 5.9, 16, "01550"),
        commune("02004", "Agnicourt", 49.73, 3.95, 12, "02340"),
        commune("2A004", "Ajaccio", 41.92, 8.71, 82, "20000", "20090", "20167"),
        commune("75056", "Paris", 48.856, 2.342, 105, "75001", "75011"),
        commune("56008", "Bangor", 47.31, -3.19, 25, "56360"),
        commune("17291", "Puilboreau", 46.18, -1.11, 6, "17138"),
        commune("17300", "La Rochelle", 46.16, -1.17, 28, "17000"),
        commune("17179", "Genouillé", 46.02, -0.78, 38, "17430"),
        commune("17448", "Tonnay-Charente", 45.94, -0.89, 34, "17430"),
        commune("70450", "La Rochelle", 47.75, 5.73, 3, "70120"),
        commune("71076", "Chalon-sur-Saône", 46.79, 4.85, 15, "71100"),
        commune("76351", "Le Havre", 49.50, 0.14, 47, "76600"),
        commune("46034", "Le Bourg", 44.72, 1.92, 8, "46120"),
        commune("71584", "Viré", 46.45, 4.84, 11, "71260"),
        commune("14762", "Vire Normandie", 48.84, -0.89, 137, "14500"),
        {
            "key": "commune-deleguee-14762",
            "kind": "commune-deleguee",
            "name": "Vire",
            "code": "14762",
            "part_of": ["commune-14762"],
        },
    ]
)
PLACES = PlaceCache(TERRITORIES)
POINTS = PointChecker(TERRITORIES)


@pytest.mark.parametrize(
    ("said", "code", "certainty"),
    [
        (Said(name="Collonges", postcode="01550", postcode_guessed=True), "01109", "sure"),
        (Said(name="Collonges", postcode="01914", postcode_guessed=True), None, "none"),
        (Said(name="20000 Ajaccio", code="02004", code_guessed=True), "2A004", "sure"),
        (Said(code="02004", code_guessed=True), "02004", "guess"),
        (Said(code="02004", code_guessed=True, name="Agnicourt"), "02004", "sure"),
        (Said(code="02004", code_guessed=True, departement="2A"), None, "none"),
        (Said(name="Bangor"), "56008", "name-alone"),
        (Said(name="Bangor", foreign=True), None, "none"),
        (Said(name="Bangor", country="GB"), None, "none"),
        (Said(name="Bangor", country="FR"), "56008", "name-alone"),
        (Said(code="75056", name="Paris", country="BE"), "75056", "sure"),  # the country is wrong
        (Said(code="75056", country="BE"), None, "none"),  # Belgian codes have five digits too
        (Said(street="5 rue d'Exemple, 20167 Ajaccio"), "2A004", "sure"),
        (Said(street="5 rue d'Exemple, 20167 Bangor"), None, "none"),
    ],
)
def test_what_columns_say_together(said: Said, code: str | None, certainty: str) -> None:
    place = PLACES[said]
    assert (place.commune[0] if place.commune else None, place.certainty) == (code, certainty)
    assert not (place.country and place.country not in FRANCE and place.seat)


@pytest.mark.parametrize(
    ("name", "code", "told"),
    [
        *((name, "75056", "commune-by-name") for name in (
            "Paris XIème", "Paris 11e", "PARIS XI", "Paris (11e)", "Paris, 11e arrondissement", "11e arr. de Paris",
            "Paris 2d", "Paris 75011", "Paris (75)", "Ville de Paris",
        )),
        ("Paris 25e", None, "commune-unknown"),
        *((name, "71076", "commune-by-name") for name in (
            "Chalon s/ Saône", "Chalon s/Saône", "Chalon /Saône", "Chalon-s-Saône", "CHALON SUR SAONE CEDEX",
        )),
        *((name, "76351", "commune-by-name") for name in ("Havre (Le)", "Ville du Havre", "Le Havre (76600)")),
        *((f"Puilboreau{sign}La Rochelle", "17291", "commune-first") for sign in (", ", " / ", " et ", " - ", "/")),
        ("La Rochelle (Charente-Maritime)", "17300", "commune-by-name"),
        ("La Rochelle, 17", "17300", "commune-by-name"),
        ("La Rochelle (70)", "70450", "commune-by-name"),
        ("La Rochelle", None, "commune-ambiguous"),
        ("Puilboreau, Le Havre", None, "commune-several"),
        ("La Rochelle, Le Havre", None, "commune-several"),
        ("Puilboreau (70)", None, "commune-unknown"),
        ("Le Bourg, Puilboreau", "17291", "commune-by-name"),
        ("Le Bourg", None, "commune-unknown"),
        ("Vire", None, "commune-unknown"),  # not Viré; a former commune, of Vire Normandie
        ("Viré", "71584", "commune-by-name"),
    ],
)  # fmt: skip
def test_a_commune_by_what_a_cell_names(name: str, code: str | None, told: str) -> None:
    place = PLACES[Said(name=name)]
    assert (place.commune[0] if place.commune else None) == code
    assert [issue.code for issue in place.issues] == [told]
    assert place.locality is not None


@pytest.mark.parametrize(
    ("said", "point", "seat", "told"),
    [
        (Said(name="Le Bourg", postcode="17138"), None, "commune-17291", "commune-by-postcode"),
        (Said(name="Le Bourg", postcode="17430"), None, "departement-17", "departement-by-postcode"),
        (Said(name="Le Bourg", postcode="46120"), None, "commune-46034", "commune-by-name"),
        (Said(postcode="17138"), None, "commune-17291", "commune-by-postcode"),
        (Said(name="Bangor", postcode="17138"), None, None, "commune-unknown"),  # the two contradict each other
        (Said(name="Le Bourg", postcode="17138"), ("46.18", "-1.11"), "commune-17291", "commune-by-point"),
        (Said(name="Le Bourg", postcode="17138"), ("52.5", "13.4"), None, "point-abroad"),
        (Said(name="Le Bourg", postcode="99999"), None, None, "commune-unknown"),
        (Said(country="FR"), ("52.5", "13.4"), None, "point-doubtful"),
    ],
)
def test_a_postcode_alone(
    said: Said, point: tuple[str, str] | None, seat: str | None, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(geography, "_COMPLETE", len(TERRITORIES.geography.circles))
    if point is None:
        place, issues = POINTS.without_point(PLACES[said]), ()
    else:
        located = POINTS.locate(PLACES[said], *point)
        place, issues = located.place, located.issues
    assert place.seat == ((seat,) if seat else ())
    assert told in {issue.code for issue in (*place.issues, *issues)}


def test_where_not_all_communes_are_known_a_postcode_has_not_only_one() -> None:
    assert POINTS.without_point(PLACES[Said(name="Le Bourg", postcode="17138")]).commune == ()


@given(st.text())
def test_any_cell_can_be_taken_apart(cell: str) -> None:
    locality = read_locality(cell)
    assert all(locality.names)
    assert all(locality.bracketed)
    PLACES[Said(name=cell)]


@given(
    st.sampled_from(["Bangor", "Puilboreau", "Le Havre", "Chalon-sur-Saône"]),
    st.sampled_from(
        ["{} (56)", "56 {}", "Ville de {}", "{} cedex 2", "Le Bourg, {}", "{}, France", "  {}  ", "{} - 17"]
    ),
)
def test_no_spelling_leads_to_another_commune(name: str, spelling: str) -> None:
    right = PLACES[Said(name=name)].commune
    assert PLACES[Said(name=spelling.format(name))].commune in ((), right)


@given(
    name=st.sampled_from(["Bangor", "Paris", "Collonges", "Ailleurs", None]),
    postcode=st.sampled_from(["75011", "01550", "10115", None]),
    guessed=st.booleans(),
    country=st.sampled_from(["GB", "CH", "US", "DE"]),
)
def test_nothing_abroad_is_placed_in_france(
    name: str | None, postcode: str | None, guessed: bool, country: str
) -> None:
    place = PLACES[Said(name=name, postcode=postcode, country=country, postcode_guessed=guessed)]
    assert (place.commune, place.seat, place.postcode) == ((), (), None)
    assert "place-abroad" in {issue.code for issue in place.issues}


@given(st.floats(-90, 90), st.floats(-180, 180), st.sampled_from(["75056", "2A004", "56008"]))
def test_a_point_that_is_kept_is_in_its_commune(latitude: float, longitude: float, code: str) -> None:
    located = POINTS.locate(PLACES[Said(code=code)], f"{latitude:.6f}", f"{longitude:.6f}")
    assert located.place.commune == (code,)
    if located.latitude is None or located.longitude is None:
        assert {issue.code for issue in located.issues} in ({"point-far"}, {"point-doubtful"})
    else:
        assert TERRITORIES.geography.is_in(code, float(located.latitude), float(located.longitude))


@given(
    st.floats(-0.05, 0.05), st.floats(-0.05, 0.05), st.sampled_from([(1, 1), (-1, 1), (1, -1), (-1, -1)]), st.booleans()
)
def test_a_point_with_its_axes_or_signs_mixed_up_comes_back(
    north: float, east: float, signs: tuple[int, int], swapped: bool
) -> None:
    right = f"{48.856 + north:.6f}", f"{2.342 + east:.6f}"
    given_point = f"{float(right[0]) * signs[0]:.6f}", f"{float(right[1]) * signs[1]:.6f}"
    located = POINTS.locate(PLACES[Said(code="75056")], *(reversed(given_point) if swapped else given_point))
    assert (located.latitude, located.longitude) == right
    assert bool(located.issues) == (swapped or signs != (1, 1))


@pytest.mark.parametrize(
    ("said", "point", "code", "told"),
    [
        (Said(name="Bangor"), ("53.22", "-4.12"), None, {"commune-doubtful", "point-abroad"}),  # Wales
        (Said(name="Bangor"), ("47.31", "-3.19"), "56008", {"commune-by-name"}),
        (Said(code="02004", code_guessed=True), ("41.92", "8.71"), None, {"zero-doubtful"}),
        (Said(code="02004", code_guessed=True), ("49.73", "3.95"), "02004", set()),
        (Said(code="02004", code_guessed=True), (None, "3.95"), None, {"zero-doubtful", "point-doubtful"}),
        (Said(), ("2.35", "48.85"), None, {"point-doubtful"}),
        (Said(), ("-22.27", "166.45"), None, {"departement-by-point"}),
        (Said(code="75056"), ("0", "0.0001"), "75056", {"point-doubtful"}),
    ],
)
def test_a_point_against_what_is_said(
    said: Said, point: tuple[str | None, str | None], code: str | None, told: set[str]
) -> None:
    located = POINTS.locate(PLACES[said], *point)
    assert (located.place.commune[0] if located.place.commune else None) == code
    assert {issue.code for issue in (*located.place.issues, *located.issues)} == told


def test_every_part_of_france_overseas_is_in_france() -> None:
    for boxes in OVERSEAS.values():
        for south, north, west, east in boxes:
            assert Geography().side((south + north) / 2, (west + east) / 2) == "france"
    assert Geography().side(5.0, 45.0) == "abroad"


@pytest.mark.parametrize(
    ("address", "end"),
    [
        ("5 rue d'Exemple, 20167 Alata", AddressEnd("20167", "Alata")),
        ("12000 rue Inventée 20 000 Ajaccio", AddressEnd("20000", "Ajaccio")),
        ("3 bd d'Exemple 75011 Paris Cedex 11", AddressEnd("75011", "Paris Cedex")),
        ("12 rue d'Exemple, 1201 Genève, Suisse", AddressEnd(country="CH")),
        ("1 place - 20250 Corte - France", AddressEnd("20250", "Corte", "FR")),
        ("3 rue Inventée, F-37000", AddressEnd("37000")),
        ("FR-37000 Tours", AddressEnd("37000", "Tours")),
        ("3 rue Inventée 974 10 Saint-Pierre", AddressEnd("97410", "Saint-Pierre")),
        ("978438 Exemple", AddressEnd()),  # six digits
        ("un local de 10000 m2", AddressEnd()),
        ("Niger", AddressEnd()),
        ("", AddressEnd()),
    ],
)
def test_what_an_address_ends_with(address: str, end: AddressEnd) -> None:
    assert address_end(address) == end


@given(st.text())
def test_any_address_can_be_read(address: str) -> None:
    end = address_end(address)
    assert end.postcode is None or (len(end.postcode) == 5 and end.postcode.isdecimal())
    assert end.locality is None or end.postcode


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Suisse", "CH"), ("switzerland", "CH"), ("che", "CH"), ("Royaume-Uni", "GB"), ("Corée du Sud", "KR"),
        ("Écosse", "GB"), ("Nouvelle-Calédonie", "NC"), ("France métropolitaine", "FR"), ("Congo", None),
        ("Atlantide", None), ("", None),
    ],
)  # fmt: skip
def test_a_country_by_its_names(name: str, code: str | None) -> None:
    assert country_code(name) == code


def test_a_grouping_has_its_form_and_its_core() -> None:
    assert usual_names("CA Cholet Agglomération") == ["agglomeration cholet", "cholet"]
    assert "agglomeration cholet" in usual_names("CA du Choletais")
    assert usual_names("Métropole d'Exemple")[0] == usual_names("Exemple Métropole")[0]
    assert usual_names("Métropole européenne de Lille (MEL)")[0] == usual_names("Lille Métropole")[0]
    assert usual_names("Métropole") == []


@given(st.floats(41.5, 51), st.floats(-5, 9))
def test_lambert_93_and_back(latitude: float, longitude: float) -> None:
    from pyproj import Transformer

    x, y = Transformer.from_crs("EPSG:4326", "EPSG:2154", always_xy=True).transform(longitude, latitude)
    (degrees,) = to_degrees("EPSG:2154", [f"{x:.3f}"], [f"{y:.3f}"])
    assert degrees is not None
    assert abs(float(degrees[0]) - latitude) < 1e-6
    assert abs(float(degrees[1]) - longitude) < 1e-6
