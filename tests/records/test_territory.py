"""Codes and names of places to the territories of today."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from clirld.records.commune_names import ResolvedCommune
from clirld.records.placing import geography
from clirld.records.territory import EMPTY, Territories, departement_of_postcode, departements_of_postcode


def row(
    key: str, kind: str, name: str, *part_of: str, replaced_by: tuple[str, ...] = (), authority: str = ""
) -> dict[str, Any]:
    code = key.rpartition("-")[2]
    end = "2016-01-01" if kind == "former-commune" else None
    return {
        "key": key, "kind": kind, "name": name, "code": code,
        "part_of": list(part_of) or None, "replaced_by": list(replaced_by) or None, "end": end,
        "authority": [authority] if authority else None,
    }  # fmt: skip


def former(code: str, name: str, *replaced_by: str) -> dict[str, Any]:
    return row(f"commune-{code}", "former-commune", name, replaced_by=replaced_by)


ROWS = [
    row("region-27", "region", "Bourgogne-Franche-Comté"),
    row("region-04", "region", "La Réunion"),
    row("departement-39", "departement", "Jura", "region-27"),
    row("departement-21", "departement", "Côte-d'Or", "region-27"),
    row("departement-93", "departement", "Seine-Saint-Denis"),
    row("departement-974", "departement", "La Réunion", "region-04"),
    row("departement-2B", "departement", "Haute-Corse"),
    row("collectivite-978", "overseas-collectivity", "Saint-Martin"),
    row("epci-200071116", "epci", "CA Espace Communautaire Lons Agglomération"),
    row("epci-200000001", "epci", "CC du Val"),
    row("epci-200000002", "epci", "CC du Val"),
    row("commune-39300", "commune", "Lons-le-Saunier", "epci-200071116", "departement-39"),
    row("commune-39368", "commune", "Hauts de Bienne", "departement-39", authority="200057115"),
    row("ept-200057867", "ept", "Plaine Commune"),
    row("commune-deleguee-39368", "commune-deleguee", "Morez", "commune-39368"),
    row("commune-75056", "commune", "Paris", "departement-75"),
    row("arrondissement-municipal-75110", "arrondissement-municipal", "Paris 10e", "commune-75056"),
    row("commune-59350", "commune", "Lille"),
    row("commune-associee-59355", "commune-associee", "Lomme", "commune-59350"),
    former("59355", "Lomme", "commune-59350"),
    former("39290", "La Mouille", "commune-39368"),
    row("commune-39001", "commune", "Homonyme", "departement-39"),
    row("commune-21001", "commune", "Homonyme", "departement-21"),
    former("21002", "Partagé", "commune-21001", "commune-39001"),
    row("commune-43157", "commune", "Le Puy-en-Velay", "departement-43"),
    row("commune-93066", "commune", "Saint-Denis", "departement-93"),
    row("commune-97411", "commune", "Saint-Denis", "departement-974"),
    row("commune-2B033", "commune", "Bastia", "departement-2B"),
    former("20033", "Bastia", "commune-2B033"),
    row("subdivision-97801", "overseas-subdivision", "Saint-Martin", "collectivite-978"),
]  # fmt: skip


@pytest.fixture
def places() -> Territories:
    return Territories.from_rows(ROWS)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("39300", ResolvedCommune("39300", "current")),
        ("75110", ResolvedCommune("75056", "municipal-arrondissement")),
        ("39368", ResolvedCommune("39368", "current")),  # the code of a delegated commune too
        ("39290", ResolvedCommune("39368", "merged")),
        ("59355", ResolvedCommune("59350", "associated")),  # merged too, but still an associated commune
        ("20033", ResolvedCommune("2B033", "merged")),
        ("97801", ResolvedCommune("97801", "current")),
        ("21002", None),  # shared out
        ("0", None),
        ("", None),
    ],
)
def test_commune(places: Territories, code: str, expected: ResolvedCommune | None) -> None:
    assert places.commune(code) == expected


@pytest.mark.parametrize(
    ("name", "postcode", "departement", "expected"),
    [
        ("LONS LE SAUNIER", None, None, ResolvedCommune("39300", "current")),
        ("Lons-le-Saunier Cedex", "39015", None, ResolvedCommune("39300", "current")),
        ("Morez", "39400", None, ResolvedCommune("39368", "delegated")),
        ("La Mouille", None, "39", ResolvedCommune("39368", "merged")),
        ("Paris 10e", "75010", None, ResolvedCommune("75056", "current")),
        ("Homonyme", None, None, None),
        ("Homonyme", "21000", None, ResolvedCommune("21001", "current")),
        ("Homonyme", "21000", "39", None),  # both départements have one
        ("Saint-Denis", None, None, None),
        ("St Denis", "97400", "2A", ResolvedCommune("97411", "current")),  # the département given is wrong
        ("Saint-Denis", "0", "93", ResolvedCommune("93066", "current")),
        ("Bastia", "20200", None, ResolvedCommune("2B033", "current")),
        ("Bastia", "20000", None, None),  # Corse-du-Sud
        ("Puy-en-Velay", "43000", None, ResolvedCommune("43157", "current")),
        ("Puy-en-Velay", None, None, None),
        ("Saint-Martin", "97150", None, ResolvedCommune("97801", "current")),
        ("", None, "39", None),
    ],
)
def test_commune_by_name(
    places: Territories, name: str, postcode: str | None, departement: str | None, expected: ResolvedCommune | None
) -> None:
    assert places.commune_by_name(name, postcode=postcode, departement=departement) == expected


def test_departement_of(places: Territories) -> None:
    assert places.departement_of("39290") == "39"
    assert places.departement_of("97801") == "978"
    assert places.departement_of("99999") is None


@pytest.mark.parametrize(
    ("value", "level", "expected"),
    [
        ("bourgogne franche comte", "region", "region-27"),
        ("27", "region", "region-27"),
        ("La Réunion", "region", "region-04"),
        ("La Réunion", "departement", "departement-974"),
        ("Cote d’Or", "departement", "departement-21"),
        ("978", "departement", "collectivite-978"),
        ("200071116", "epci", "epci-200071116"),
        ("CC du Val", "epci", None),  # two of that name
        ("39290", "commune", "commune-39368"),
        ("lons le saunier", "commune", "commune-39300"),
        ("Saint-Denis", "commune", None),
        ("Franche-Comté", "region", None),
        ("region-27", "", "region-27"),
        ("region-28", "", None),
        ("200071116", "", "epci-200071116"),
        ("200057867", "", "ept-200057867"),
        ("200057115", "", "commune-39368"),
        ("39290", "", "commune-39368"),
        ("200000003", "", None),
        ("27", "canton", None),
        ("epci: CA Espace Communautaire Lons Agglomération", "", "epci-200071116"),
        ("epci: CC du Val", "", None),
        ("commune:Paris", "", "commune-75056"),
        ("pays: Lons", "", None),
    ],
)
def test_find(places: Territories, value: str, level: str, expected: str | None) -> None:
    assert places.find(value, level) == expected


def test_seat(places: Territories) -> None:
    assert places.seat("39290", "21") == "commune-39368"
    assert places.seat(None, "21") == "departement-21"
    assert places.seat("0", "Jura") == "departement-39"
    assert places.seat(None, None) is None
    assert places.seat("97801", None) == "subdivision-97801"


@pytest.mark.parametrize(
    ("postcode", "expected"),
    [
        ("39000", "39"),
        ("20090", "2A"),
        ("20190", "2A"),
        ("20250", "2B"),
        ("20600", "2B"),
        ("20302", None),  # CEDEX postcodes, of Ajaccio and of Bastia
        ("20401", None),
        ("97400", "974"),
        ("97133", "977"),
        ("97150", "978"),
        ("98800", "988"),
        ("0", None),
        ("00100", None),
        ("1000", None),
        ("", None),
    ],
)
def test_departement_of_postcode(postcode: str, expected: str | None) -> None:
    assert departement_of_postcode(postcode) == expected


def test_a_cedex_of_corsica_is_of_one_of_two_departements() -> None:
    assert departements_of_postcode("20302") == ("2A", "2B")
    assert departements_of_postcode("20200") == ("2B",)
    assert departements_of_postcode("0") == ()


def test_load_reads_all_parts_of_the_table(tmp_path: Path, places: Territories) -> None:
    lists = dict.fromkeys(("part_of", "replaced_by", "authority"), pl.List(pl.String))
    schema = {**lists, "end": pl.String}
    paths = [tmp_path / "part-00000.parquet", tmp_path / "part-00001.parquet"]
    for path, part in zip(paths, (ROWS[:10], ROWS[10:]), strict=True):
        pl.DataFrame(part, schema_overrides=schema).write_parquet(path)
    assert Territories.load(paths) == places


def test_nothing_is_found_without_territories() -> None:
    assert Territories.load([]) is EMPTY
    assert EMPTY.commune("39300") is None
    assert EMPTY.commune_by_name("Paris") is None
    assert EMPTY.find("27", "region") is None
    assert EMPTY.seat("39300", "39") is None


def test_a_commune_without_its_departement_is_looked_for_by_the_digits_of_its_code() -> None:
    places = Territories.from_rows(
        [
            row("commune-59350", "commune", "Homonyme"),
            row("commune-97501", "commune", "Homonyme"),
            row("commune-98818", "commune", "Homonyme"),
        ]
    )
    assert places.commune_by_name("Homonyme", postcode="59000") == ResolvedCommune("59350", "current")
    assert places.commune_by_name("Homonyme", postcode="97500") == ResolvedCommune("97501", "current")
    assert places.commune_by_name("Homonyme", postcode="98800") == ResolvedCommune("98818", "current")
    assert places.commune_by_name("Homonyme", postcode="97600") is None


def test_a_part_counts_only_where_its_whole_is_known_and_one() -> None:
    places = Territories.from_rows(
        [
            row("departement-39", "departement", "Jura"),
            row("commune-39001", "commune", "Aiguillon", "departement-39"),
            row("commune-39002", "commune", "Belle Roche", "departement-39"),
            row("commune-deleguee-39010", "commune-deleguee", "Sans tout", "commune-39999"),
            former("39011", "Au département", "departement-39"),
            former("39012", "Partagé", "commune-39001", "commune-39002"),
            former("39013", "À demi connu", "commune-39001", "commune-39999"),
        ]
    )
    found = {code: places.commune(code) for code in ("39010", "39011", "39012", "39013", "39")}
    assert found == {**dict.fromkeys(found), "39013": ResolvedCommune("39001", "merged")}
    names = ("Sans tout", "Au département", "Partagé", "À demi connu", "Jura")
    by_name = {name: places.commune_by_name(name, departement="39") for name in names}
    assert by_name == {**dict.fromkeys(names), "À demi connu": ResolvedCommune("39001", "merged")}


def test_the_names_of_today_come_before_those_of_parts() -> None:
    places = Territories.from_rows(
        [
            row("commune-39001", "commune", "Bellevue", "departement-39"),
            row("commune-39002", "commune", "Autre", "departement-39"),
            row("commune-deleguee-39003", "commune-deleguee", "Bellevue", "commune-39002"),
            row("commune-deleguee-39004", "commune-deleguee", "Double", "commune-39002"),
            former("39005", "Double", "commune-39001"),
        ]
    )
    assert places.commune_by_name("Bellevue", departement="39") == ResolvedCommune("39001", "current")
    assert places.commune_by_name("Double", departement="39") is None


@pytest.mark.parametrize(
    ("of_today", "of_the_other", "is_meant"), [(400, 66_700, False), (42_000, 214, True), (5, 5, False)]
)
def test_a_name_alone_is_not_that_of_the_smaller(of_today: int, of_the_other: int, is_meant: bool) -> None:
    """« Évry » was one of the Essonne for thirty years, and is one of the Yonne."""
    places = Territories.from_rows(
        [
            row("commune-89162", "commune", "Évry", "departement-89") | {"population": of_today},
            row("commune-91228", "commune", "Évry-Courcouronnes", "departement-91") | {"population": of_the_other},
            former("78228", "Évry", "commune-91228"),
            row("departement-91", "departement", "Essonne"),
            row("departement-89", "departement", "Yonne"),
        ]
    )
    meant = ResolvedCommune("89162", "current")
    assert places.commune_by_name("Évry") == (meant if is_meant else None)
    assert places.commune_by_name("Évry", departement="89") == meant
    assert places.commune_by_name("Évry", departement="91") == ResolvedCommune("91228", "merged")
    assert places.commune_by_name("Évry", postcode="91000") == ResolvedCommune("91228", "merged")


def test_what_is_part_of_a_commune_and_no_former_one_is_none() -> None:
    places = Territories.from_rows([*ROWS, row("quarter-QN03901", "quarter", "Les Mouillères", "commune-39300")])
    assert places.commune("QN03901") is None
    assert places.commune_by_name("Les Mouillères", departement="39") is None


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("Bourgogne-Franche-Comté", {"21", "39"}),
        ("jura", {"39"}),
        ("39", {"39"}),
        ("La Réunion", {"974"}),  # a département and a region
        ("Lons-le-Saunier", set()),
        ("Saint-Martin", {"978"}),
        ("region-27", set()),
    ],
)
def test_the_departements_that_a_name_means(places: Territories, name: str, codes: set[str]) -> None:
    assert places.departements_named(name) == codes


def test_a_name_of_a_region_is_none_of_a_departement(places: Territories) -> None:
    assert places.departement_named("Bourgogne-Franche-Comté") is None
    assert places.departement_named("CC du Val") is None
    assert places.departement_named("Seine-Saint-Denis") == "93"


def test_the_communes_that_a_name_means(places: Territories) -> None:
    """Those of today first, then those that a part of the name belongs to."""
    assert places.communes_named("Saint-Denis") == {"93066", "97411"}
    assert places.communes_named("Bastia") == {"2B033"}
    assert places.communes_named("La Mouille") == {"39368"}
    assert places.communes_named("Nulle Part") == frozenset()
    of_today = row("commune-01001", "commune", "La Mouille", "departement-01")
    assert Territories.from_rows([*ROWS, of_today]).communes_named("La Mouille") == {"01001"}


@pytest.mark.parametrize(
    ("name", "code"), [("Ceps", "35051"), ("Cep", None), ("Saint", None), ("Ceps-Sevi", None), ("Ceps-Sevigne", None)]
)
def test_the_beginning_of_a_name_has_four_letters(name: str, code: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(geography.Geography, "_is_complete", True)  # as with all communes of France
    rows = [
        {**row("commune-35051", "commune", "Ceps-Sévigné"), "postcode": ["35510"]},
        {**row("commune-35052", "commune", "Saint-Ceps"), "postcode": ["35510"]},
    ]
    assert Territories.from_rows(rows).commune_beginning(name, "35510") == code
    assert Territories.from_rows(rows).commune_beginning(name, "35511") is None


def test_only_a_grouping_is_found_by_what_it_is_usually_called(places: Territories) -> None:
    assert places.find("Espace Communautaire Lons Agglomération", "epci") == "epci-200071116"
    assert places.find("Espace Communautaire Lons Agglomération", "departement") is None
    assert places.find("Espace Communautaire Lons Agglomération", "region") is None
