"""What the columns of unknown files are proposed for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from clirld.draft.evidence import ColumnNames, distinctive_type
from clirld.draft.propose import CardProposal, ColumnProposal, propose
from clirld.draft.sniff import ColumnProfile, sniff
from clirld.values.persons.columns import normalized_name
from clirld.vocabulary import tables as canonical
from clirld.vocabulary.tables import Tables
from clirld.vocabulary.terms import Vocabulary

SIREN = ["732829320", "552100554", "542065479", "552081317", "443061841", "100029172"]


@pytest.fixture(scope="module")
def tables(project: Path) -> Tables:
    return canonical.load(project / "ontology" / "tables.yaml")


@pytest.fixture(scope="module")
def vocabulary(project: Path) -> Vocabulary:
    return Vocabulary.load(project / "ontology")


@pytest.fixture(scope="module")
def names(tables: Tables) -> ColumnNames:
    return ColumnNames.load(tables)


class Proposer:
    """Proposals for a file, or for columns given here."""

    def __init__(self, tables: Tables, vocabulary: Vocabulary, names: ColumnNames, folder: Path) -> None:
        self.tables, self.vocabulary, self.names, self.folder = tables, vocabulary, names, folder

    def file(self, path: Path) -> CardProposal:
        return propose(sniff(path), self.tables, self.vocabulary, self.names)

    def columns(self, **columns: list[str]) -> dict[str, ColumnProposal]:
        rows = zip(*columns.values(), strict=True)
        path = self.folder / "file.csv"
        path.write_text("\n".join("\t".join(row) for row in [tuple(columns), *rows]) + "\n", encoding="utf-8")
        return {one.column.name: one for one in self.file(path).columns}


@pytest.fixture
def proposer(tables: Tables, vocabulary: Vocabulary, names: ColumnNames, tmp_path: Path) -> Proposer:
    return Proposer(tables, vocabulary, names, tmp_path)


def targets(proposed: CardProposal) -> dict[str, str]:
    """Column → what it is proposed for; columns proposed for nothing are left out."""
    return {one.column.name: " ".join(one.to) for one in proposed.columns if one.to}


def personal(proposed: CardProposal) -> set[str]:
    return {one.column.name for one in proposed.columns if one.personal}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("codePostalEtablissement", "code postal etablissement"),
        ("NOM_TL", "nom tl"),
        ("Libellé géographique", "libelle geographique"),
        ("geo.latitude", "geo latitude"),
        ("objet_social1", "objet social 1"),
    ],
)
def test_words(name: str, expected: str) -> None:
    assert normalized_name(name) == expected


@pytest.mark.parametrize(
    ("name", "target"),
    [
        ("Nom de la structure", "name"),
        ("Dénomination", "name"),
        ("adrs_codepostal", "postcode"),
        ("codePostalEtablissement", "postcode"),
        ("libelleCommuneEtablissement", "locality"),
        ("address.streetAddress", "street"),
        ("Site internet", "homepage"),
        ("Sites internets", "homepage"),
        ("categorieJuridiqueUniteLegale", "organization.legal_form"),
        ("nom_structure_porteuse", "organization.name"),
    ],
)
def test_names(names: ColumnNames, name: str, target: str) -> None:
    known = [*names.targets, "organization.legal_form"]
    assert names.best_match(name, [one for one in known if one not in ("legal_form", "siren", "siret")])[0] == target


@pytest.mark.parametrize("name", ["denomination_enrich_source", "cpe", "latence", "nom_voie", "METRO"])
def test_names_that_only_look_alike(names: ColumnNames, name: str) -> None:
    assert names.best_match(name, names.targets) == ("", 0.0)


def test_identifiers_are_known_by_their_check_digit_whatever_their_name(proposer: Proposer) -> None:
    found = proposer.columns(libelle=[f"Lieu {n}" for n in range(6)], xyz=SIREN)
    assert found["xyz"].to == ("record.identifier", "siren")
    wrong = proposer.columns(libelle=[f"Lieu {n}" for n in range(6)], siren=[f"12345678{n}" for n in range(6)])
    assert "siren" not in wrong["siren"].to


def test_nine_digits_in_few_rows_prove_nothing() -> None:
    few = ColumnProfile("x", 2, 2, dict.fromkeys(SIREN[:2], 1))
    assert distinctive_type(few) is None


def test_no_canonical_column_is_proposed_twice(proposer: Proposer) -> None:
    found = proposer.columns(id=["a", "b"], nom=["Le lieu", "L'atelier"], denomination=["Lieu", "Atelier"])
    assert found["nom"].to == ("name",)
    assert found["denomination"].to == ()
    assert "nom is proposed for name already" in found["denomination"].why_en


def test_nothing_is_said_of_a_column_that_is_only_called_alike(proposer: Proposer) -> None:
    found = proposer.columns(id=["a", "b"], nom=["Le lieu", "L'atelier"], labels=["Un label", "Deux labels"])
    assert found["nom"].to == ("name",)
    assert "already" not in found["labels"].why_en


@pytest.mark.parametrize("name", ["Structure", "Espace numérique", "Etablissement"])
def test_a_column_called_by_what_it_names_is_the_name(proposer: Proposer, name: str) -> None:
    assert proposer.columns(**{"id": ["a", "b"], name: ["Le lieu", "L'atelier"]})[name].to == ("name",)


def test_personal_by_name_and_by_content(proposer: Proposer) -> None:
    found = proposer.columns(
        id=["1", "2"],
        nom=["Dupont", "Durand"],
        prenom=["Jeanne", "Jean"],
        courriel_du_referent=["", ""],
        joindre=["jeanne@example.org", ""],
        appeler=["03 84 00 00 00", "+33 6 00 00 00 00"],
    )
    assert {name for name, one in found.items() if one.personal} == set(found) - {"id"}
    assert all(not one.to for name, one in found.items() if name != "id")


def test_why_a_column_is_personal_is_said(proposer: Proposer) -> None:
    """All names are invented."""
    found = proposer.columns(
        nom=["Le lieu", "L'atelier", "La grange"],
        joindre=["06 00 00 00 01", "03 84 00 00 00", ""],
        portage=["Jeanne Exemple", "TÉMOIN Jean", "Camille Fictif"],
        animatrice=["", "", ""],
        adresse=["rue Jean Exemple", "Jean Jaurès", "Jeanne Exemple"],
    )
    assert {name: one.why_en for name, one in found.items() if one.personal} == {
        "joindre": "personal, never published: e-mails or phone numbers",
        "portage": "personal, never published: names of persons",
        "animatrice": "personal, never published: by its name",
    }


def test_what_is_in_the_object_of_a_carrier_is_of_the_organization(proposer: Proposer, tmp_path: Path) -> None:
    path = tmp_path / "lieux.json"
    carrier = {"raison_sociale": "SCIC exemple", "adresse": "1 rue Basse", "lat": "47.1"}
    path.write_text(json.dumps([{"id": f"L{n}", "nom": f"Lieu {n}", "porteur": carrier} for n in range(3)]))
    assert targets(proposer.file(path)) == {
        "id": "record.identifier",
        "nom": "name",
        "porteur.raison_sociale": "organization.name",
        "porteur.adresse": "organization.street",
    }


def test_addresses_of_homes_only_place(proposer: Proposer) -> None:
    """All names are invented."""
    streets = [f"{n} rue Basse" for n in range(10)]
    homes = [f"chez Mme Exemple, {n} rue Basse" for n in range(3)]
    found = proposer.columns(
        id=[str(n) for n in range(13)], nom=[f"Lieu {n}" for n in range(13)], adresse=streets + homes
    )
    assert found["adresse"].to == ("private_address",)
    assert "TO CHECK" in found["adresse"].why_fr
    few = proposer.columns(id=[str(n) for n in range(11)], adresse=[*streets, homes[0]])
    assert few["adresse"].to == ("street",)


def test_a_name_whose_values_do_not_fit_is_not_believed(proposer: Proposer) -> None:
    found = proposer.columns(id=["a", "b"], commune=["01001", "39198"], latitude=["à 2 km", "au bourg"])
    assert found["commune"].to == ("commune",)
    assert found["latitude"].to == ()


def test_coordinates_are_known_by_their_values(proposer: Proposer) -> None:
    found = proposer.columns(
        id=[str(n) for n in range(6)], a=[f"47.{n}4123" for n in range(6)], b=[f"5.{n}8112" for n in range(6)]
    )
    assert (found["a"].to, found["b"].to) == (("latitude",), ("longitude",))


def test_codes_are_told_apart_by_their_last_digit(proposer: Proposer) -> None:
    communes = [f"39{n:03}" for n in (198, 300, 13, 55, 209, 478, 97, 342, 411, 526, 274)]
    postcodes = [f"39{n}0" for n in range(10, 20)] + ["39199"]
    found = proposer.columns(k=[f"x{n}" for n in range(11)], a=communes, b=postcodes)
    assert found["a"].to[-1] == "commune"
    assert found["b"].to[-1] == "postcode"


def test_values_that_are_concepts(proposer: Proposer) -> None:
    found = proposer.columns(
        siren=SIREN,
        nom=[f"Lieu {n}" for n in range(6)],
        categorie_juridique=["9220", "9220.0", "5710", "9220", "9220", "5710"],
        etat=["A", "C", "A", "A", "A", "C"],
    )
    assert found["categorie_juridique"].by == "notation"
    assert found["etat"].lookup == "status"


def test_lookups_hold_the_values_and_only_sure_concepts(proposer: Proposer, tmp_path: Path) -> None:
    path = tmp_path / "lieux.csv"
    path.write_text("id,nom,type\n1,Le lieu,Fablab !\n2,L'atelier,Autre chose\n", encoding="utf-8")
    proposed = proposer.file(path)
    assert proposed.lookups == {"kind": {"Fablab !": "fablab", "Autre chose": None}}
    path.write_text("id,nom,type\n" + "".join(f"{n},Lieu {n},t{n}\n" for n in range(40)), encoding="utf-8")
    proposed = proposer.file(path)
    assert proposed.lookups == {}
    assert proposed.columns[2].to == ()


def test_one_value_everywhere_is_no_kind(proposer: Proposer) -> None:
    found = proposer.columns(id=[str(n) for n in range(30)], type=["Feature"] * 30)
    assert found["type"].to == ()


def test_several_values_in_a_cell(proposer: Proposer) -> None:
    found = proposer.columns(
        id=["1", "2"], nom=["Un lieu", "Deux"], web=["https://a.example.org;https://b.example.org", ""]
    )
    assert (found["web"].to, found["web"].split) == (("homepage",), ";")


def test_regions_only_where_no_commune_is_given(proposer: Proposer) -> None:
    with_ = proposer.columns(id=["1"], nom=["Lieu"], insee=["39198"], region=["27"])
    without = proposer.columns(id=["1"], nom=["Lieu"], region=["Bourgogne-Franche-Comté"])
    assert with_["region"].to == ()
    assert (without["region"].to, without["region"].level) == (("acts_in",), "region")


def test_a_territory_of_action_is_to_be_checked(proposer: Proposer) -> None:
    found = proposer.columns(id=["1"], nom=["Lieu"], region=["Bretagne"])
    assert found["region"].why_fr.startswith("À VÉRIFIER")


def test_the_number_of_a_row_does_not_identify_it_beside_an_identifier(proposer: Proposer) -> None:
    beside = proposer.columns(id=["1", "2", "3"], nom=["Un lieu", "Deux", "Trois"], id_tl=["TL7", "TL2", "TL9"])
    alone = proposer.columns(id=["1", "2", "3"], nom=["Un lieu", "Deux", "Trois"])
    assert ("record.identifier" in beside["id_tl"].to, beside["id"].to) == (True, ())
    assert "record.identifier" in alone["id"].to


def test_pages_on_platforms_are_no_homepage(proposer: Proposer) -> None:
    found = proposer.columns(id=["1", "2"], lien=["https://www.facebook.com/a", "facebook.com/b"])
    assert found["lien"].to == ()


def test_a_name_is_believed_before_what_values_look_like(proposer: Proposer) -> None:
    """A column of addresses of images is no homepage beside one that is called so, and is not said to be one."""
    found = proposer.columns(
        id=[str(n) for n in range(6)],
        photo=[f"https://img.example/{n}.jpg" for n in range(6)],
        site_web=["https://a.example", "https://b.example", "", "voir avec eux", "https://c.example", ""],
        numero_fiscal=SIREN,
        siren=["732829320", "552100554", "542065479", "552081317", "abc", ""],
    )
    assert found["site_web"].to == ("homepage",)
    assert found["photo"].to == ()
    assert "homepage" not in found["photo"].why_en
    assert found["siren"].to[-1].endswith("siren")
    assert not any(to.endswith("siren") for to in found["numero_fiscal"].to)


def test_of_columns_of_a_name_the_fuller_one(proposer: Proposer) -> None:
    found = proposer.columns(
        id=["1", "2", "3"], nom=["", "", "Un lieu"], denomination=["Le lieu", "L'atelier", "La grange"]
    )
    assert found["denomination"].to == ("name",)
    assert found["nom"].to == ()


def test_a_guess_from_values_alone_is_marked(proposer: Proposer) -> None:
    found = proposer.columns(nom=[f"Lieu {n}" for n in range(6)], xyz=SIREN)
    assert "to check: from the content alone" in found["xyz"].why_en


SIRET = ["73282932000017", "55210055400013", "54206547900017", "55208131700018", "44306184100013", "10002917200010"]


@pytest.mark.parametrize(
    ("columns", "table"),
    [
        ({"nom": "Lieu", "siret": None}, "initiative"),  # a SIRET alone says nothing
        ({"nom_du_lieu": "Lieu", "siret": None, "latitude": "47.1"}, "initiative"),
        ({"nom": "Lieu", "siret_porteur": None}, "initiative"),
        ({"raison_sociale": "Asso", "siret": None}, "organization"),
        ({"nom": "Asso", "siret": None, "code_naf": "94.99Z", "date_creation": "2001-01-01"}, "organization"),
    ],
)
def test_what_a_row_is(proposer: Proposer, columns: dict[str, str | None], table: str, tmp_path: Path) -> None:
    names = ["id", *columns]
    rows = [
        [str(n), *(siret if one is None else f"{one}" for one in columns.values())] for n, siret in enumerate(SIRET)
    ]
    path = tmp_path / "rows.csv"
    path.write_text("\n".join("\t".join(row) for row in [names, *rows]) + "\n", encoding="utf-8")
    proposed = proposer.file(path)
    assert proposed.table == table
    siret = next(one for one in proposed.columns if "siret" in one.column.name)
    owner = "" if table == "organization" else "organization."
    assert siret.to == (f"{owner}siret", f"{owner}siren")


def test_a_siret_that_identifies_the_row_gives_the_siren_too(proposer: Proposer) -> None:
    rows = {"raison_sociale": ["Asso"] * 6, "siret": SIRET}
    assert proposer.columns(**rows)["siret"].to == ("record.identifier", "siret", "siren")
    beside = proposer.columns(**rows, siren=[one[:9] for one in SIRET])
    assert [to for one in beside.values() for to in one.to].count("siren") == 1


def test_a_point_or_an_address_identifies_nothing(proposer: Proposer) -> None:
    found = proposer.columns(
        nom=["Le lieu", "L'atelier"], latitude=["47.11", "47.12"], site_web=["https://a.example", "https://b.example"]
    )
    assert not any("record.identifier" in one.to for one in found.values())


def test_what_geojson_says_of_itself_is_no_kind(proposer: Proposer, tmp_path: Path) -> None:
    features = [
        {
            "type": "Feature",
            "properties": {"id": f"f{n}", "nom": f"Lieu {n}"},
            "geometry": {"type": "Point", "coordinates": [5.5, 46.7]},
        }
        for n in range(3)
    ]
    path = tmp_path / "lieux.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    proposed = proposer.file(path)
    assert {one.column.name for one in proposed.columns if not one.to} >= {"type", "geometry.type"}
    assert "kind" not in proposed.lookups


# The real registries: everything that is proposed, so that what is wrong is seen here too. ---------------------------


@pytest.mark.real
def test_tiers_lieux(proposer: Proposer, shared: Path) -> None:
    proposed = proposer.file(shared / "registries/tiers_lieux_cget_2019/CGET_TiersLieux_2019.csv")
    assert proposed.table == "initiative"
    assert targets(proposed) == {
        "ID": "record.identifier",
        "NOM_TL": "name",
        "ADRESSE": "street",
        "CP": "postcode",
        "INSEECOM": "commune",
        "NOMCOM": "locality",
        "WEB": "homepage",
        "TYPO": "kind",
        "LAT": "latitude",
        "LONG": "longitude",
        "INSEEDEP": "departement",
    }
    assert personal(proposed) == {"CONTACT", "MAIL"}


@pytest.mark.real
def test_ess_numerique(proposer: Proposer, shared: Path) -> None:
    proposed = proposer.file(shared / "registries/ess_numerique/x_enriched.csv")
    assert proposed.table == "organization"
    assert targets(proposed) == {
        "siren": "record.identifier siren",
        "denomination": "name",
        "sigle": "alternative_name",
        "siret_siege": "siret",
        "rna": "rna",
        "categorie_juridique": "legal_form",
        "naf": "naf",
        "date_creation": "founded",
        # Right by name and content, but filled in 40 rows only, from another source joined by name.
        "code_postal": "postcode",
        "commune": "locality",
        "site_web": "homepage",
    }
    assert personal(proposed) == {"nom_usage"}


@pytest.mark.real
def test_gogocarto_full(proposer: Proposer, shared: Path) -> None:
    proposed = proposer.file(shared / "registries/gogocarto_pwa/elements-gogofull.json")
    assert proposed.table == "initiative"
    assert targets(proposed) == {
        "id": "record.identifier",
        "name": "name",
        "description": "description",
        "geo.latitude": "latitude",
        "geo.longitude": "longitude",
        "address.streetAddress": "street",
        "address.postalCode": "postcode",
        "address.addressLocality": "locality",
        "address.addressCountry": "country",
        "website": "homepage",
        "optionValues": "source_category",
    }
    [status] = [one for one in proposed.columns if one.column.name == "status"]  # moderation on the map: 1 and 4
    assert "status? its values are not like those of status" in status.why_en
    contributed = {name for name in personal(proposed) if name.startswith("contributions")}
    assert personal(proposed) - contributed == {"telephone", "email"}
    assert contributed


@pytest.mark.real
def test_gogocarto_compact(proposer: Proposer, shared: Path) -> None:
    proposed = proposer.file(shared / "registries/gogocarto_pwa/elements-gogocompact.json")
    assert targets(proposed) == {
        "field_1": "record.identifier",
        "field_2": "name",
        "field_3": "latitude",
        "field_4": "longitude",
    }


@pytest.mark.real
def test_epcicom(proposer: Proposer, shared: Path) -> None:
    proposed = proposer.file(shared / "registries/decoupage_administratif/epcicom.xlsx")
    assert proposed.table == "organization"
    assert targets(proposed) == {
        "siren": "siren",
        "raison_sociale": "name",
        "nature_juridique": "legal_form",
        "insee": "record.identifier commune",
        "dept": "departement",
    }
    assert personal(proposed) == set()


@pytest.mark.real
def test_rna(proposer: Proposer, shared: Path) -> None:
    proposed = proposer.file(shared / "registries/rna_sample/rna_sample_waldec.csv")
    assert proposed.table == "organization"
    assert targets(proposed) == {
        "id": "record.identifier rna",
        "siret": "siret siren",
        "date_creat": "founded",
        "titre": "name",
        "titre_court": "alternative_name",
        "adrs_codeinsee": "commune",
        "adrs_codepostal": "postcode",
        "adrs_libcommune": "locality",
        "siteweb": "homepage",
        "position": "status",
    }
    assert personal(proposed) == {"dir_civilite", "telephone", "email"}


@pytest.mark.real
def test_density(proposer: Proposer, shared: Path) -> None:
    proposed = proposer.file(shared / "registries/anct_zonages/densite.csv")
    assert targets(proposed) == {"insee_com": "record.identifier commune", "lib_com": "locality"}


@pytest.mark.real
def test_ptce(proposer: Proposer, shared: Path) -> None:
    proposed = proposer.file(shared / "registries/ptce/ptce_laureats_transcribed.csv")
    assert targets(proposed) == {
        "name": "name",
        "region": "acts_in",
        "departement": "acts_in",
        "structure_porteuse": "organization.name",
        "source_url": "record.page",
    }


def test_a_point_in_one_cell_goes_to_latitude_and_longitude(proposer: Proposer) -> None:
    proposed = proposer.columns(
        nom=["a", "b", "c"], geo_point_2d=["45.899, 6.129", "48.1, -1.68", "-21.1, 55.5"], prix=["1.5", "2.5", "3.5"]
    )
    assert proposed["geo_point_2d"].to == ("latitude", "longitude")
    assert "à vérifier" in proposed["geo_point_2d"].why_fr
    assert proposed["prix"].to == ()


def test_a_name_counts_for_more_than_what_is_wrong_in_the_column(proposer: Proposer) -> None:
    siret = ["50000074000018", "3,80951E+13", "123", ""]
    proposed = proposer.columns(nom=["a", "b", "c", "d"], kind=["x", "y", "z", "w"], **{"SIRET porteur": siret})
    assert "organization.siret" in proposed["SIRET porteur"].to
    assert "33% de valeurs valides" in proposed["SIRET porteur"].why_fr


def test_the_code_of_a_place_is_no_identifier_where_another_column_is_one(proposer: Proposer) -> None:
    proposed = proposer.columns(
        id_geo=["01053", "01401", "03095"], id_territoire=["m-1-29", "m-2-79", "m-2-60"], nom=["a", "b", "c"]
    )
    assert proposed["id_territoire"].to == ("record.identifier",)
    assert "record.identifier" not in proposed["id_geo"].to


def identifiers(proposed: dict[str, ColumnProposal]) -> list[str]:
    return [name for name, one in proposed.items() if "record.identifier" in one.to]


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("result_score", ["0.91", "0.87", "0.5512"]),
        ("indice", ["0.91", "0,87", "12.5"]),  # decimals
        ("score", ["91", "87", "55"]),
        ("date_saisie", ["2024-01-01", "2024-01-02", "2024-01-03"]),
        ("Nombre de places", ["12", "8", "31"]),
        ("autre_nom", ["Exa", "Fic", "Inv"]),
    ],
)
def test_what_is_measured_dated_or_another_name_identifies_nothing(
    proposer: Proposer, name: str, values: list[str]
) -> None:
    nom = ["Le lieu", "Un lieu", "Ce lieu"]
    assert identifiers(proposer.columns(nom=nom, **{name: values})) == []
    assert identifiers(proposer.columns(nom=nom, **{name: values}, cle=["k1", "k2", "k3"])) == ["cle"]


def test_a_column_with_an_empty_cell_identifies_nothing_unless_it_is_called_so(proposer: Proposer) -> None:
    rows = {"nom": [f"Lieu {n}" for n in range(40)], "cle": [f"k{n}" for n in range(39)]}
    assert identifiers(proposer.columns(nom=rows["nom"], cle=[*rows["cle"], "k39"])) == ["cle"]
    assert identifiers(proposer.columns(nom=rows["nom"], cle=[*rows["cle"], ""])) == []
    assert identifiers(proposer.columns(nom=rows["nom"], id=[*rows["cle"], ""])) == ["id"]


def test_a_code_identifies_before_a_name(proposer: Proposer) -> None:
    found = proposer.columns(nom=["Exemple", "Fictif", "Inventé"], cle=["k1", "k2", "k3"])
    assert identifiers(found) == ["cle"]


def test_a_geocoder_places_only_where_the_publisher_does_not(proposer: Proposer) -> None:
    codes = ["39198", "39300", "39478"]
    geocoded = {
        "result_label": ["1 rue A", "2 rue B", "3 rue C"],
        "result_citycode": codes,
        "result_score": ["0.9", "0.5", "0.7"],
    }
    nom = ["Le lieu", "Un lieu", "Ce lieu"]
    alone = proposer.columns(nom=nom, **geocoded)
    assert alone["result_citycode"].to == ("commune",)
    assert "À VÉRIFIER / TO CHECK" in alone["result_citycode"].why_fr
    assert "result_score" in alone["result_citycode"].why_en
    assert alone["result_label"].to == alone["result_score"].to == ()
    assert "a geocoder's word" in alone["result_label"].why_en
    beside = proposer.columns(nom=nom, **geocoded, code_insee=codes)
    assert "commune" in beside["code_insee"].to
    assert beside["result_citycode"].to == ()
    assert "a geocoder's word" in beside["result_citycode"].why_en


ODD_NAMES = ["Maison Exemple", "Relais de la Fiction", "Atelier Inventé", "Fabrique Imaginaire"]


@pytest.mark.parametrize("header", ["Nom de l'organisation", "lib_fs", "Libellé de la maison", "GEIQ"])
def test_a_column_of_names_is_found_by_its_cells(proposer: Proposer, header: str) -> None:
    found = proposer.columns(id=["1", "2", "3", "4"], **{header: ODD_NAMES})
    assert found[header].to == ("name",)
    assert ("TO CHECK" in found[header].why_fr) == (header != "Nom de l'organisation")


@pytest.mark.parametrize(
    ("header", "values"),
    [
        ("Commentaire", ODD_NAMES),
        ("lib_fs", ["Maison Exemple", "Maison Exemple", "Relais de la Fiction", "Maison Exemple"]),  # a category
        ("GEIQ", [f"{n} {name}" for n, name in enumerate(ODD_NAMES, 2)]),  # addresses
        ("GEIQ", [f"{name} " * 6 for name in ODD_NAMES]),  # texts
        ("Autres actions menées", ODD_NAMES),
    ],
)
def test_what_only_has_words_is_no_name(proposer: Proposer, header: str, values: list[str]) -> None:
    found = proposer.columns(id=["1", "2", "3", "4"], **{header: values})
    assert "name" not in found[header].to


def test_a_column_called_the_name_is_believed_before_one_of_names(proposer: Proposer) -> None:
    found = proposer.columns(id=["1", "2", "3", "4"], GEIQ=ODD_NAMES, nom=[f"Lieu {n}" for n in range(4)])
    assert (found["nom"].to, found["GEIQ"].to) == (("name",), ())


def test_the_rest_of_an_address_is_joined_to_the_street(proposer: Proposer) -> None:
    names = {"nom": ["Le lieu", "Un lieu"]}
    streets = {"adresse": ["Maison des Entreprises", "2 rue Inventée"]}
    rest = {"COMPLEMENT ADRESSE": ["16, rue Inventée", ""]}
    after = proposer.columns(**names, **streets, **rest)
    assert [after[one].to for one in ("adresse", "COMPLEMENT ADRESSE")] == [("street",), ("street",)]
    assert [after[one].join for one in ("adresse", "COMPLEMENT ADRESSE")] == [None, ", "]
    before = proposer.columns(**names, **rest, **streets)
    assert [before[one].join for one in ("COMPLEMENT ADRESSE", "adresse")] == [None, ", "]
    assert "street" not in proposer.columns(**names, **rest)["COMPLEMENT ADRESSE"].to


def test_the_rest_of_an_address_that_names_persons_only_places(proposer: Proposer) -> None:
    rest = [f"chez M. {first} Exemple" for first in ("Jean", "Paul", "Anne", "Luc")]
    found = proposer.columns(nom=ODD_NAMES, adresse=[f"{n} rue Inventée" for n in range(1, 5)], complement_adresse=rest)
    assert found["adresse"].to != ("street",)
    assert found["complement_adresse"].to != ("street",)
