"""Cases: what the form says becomes rows; what is wrong is told with its line and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from clirld.cases import collection, template
from clirld.cases.facts import Facts, Row
from clirld.cases.field_types import Fact
from clirld.cases.form import form, json_schema
from clirld.cases.model import LISTS, Case
from clirld.cases.raw import codes
from clirld.cases.values import Values
from clirld.issues import codes as issue_codes
from clirld.settings import Settings
from clirld.vocabulary.tables import load
from clirld.vocabulary.terms import Vocabulary

SETTINGS = Settings.from_environment({})
SAMPLE = SETTINGS.sources / "capitalisation" / "sample" / "pole-fictif-du-val.md"

FORM = """\
---
titre: Pôle du Val
genre: ptce
lieu: commune 39300
début: 2014
selon: doc1
documents:
  - id: doc1
    titre: Rapport
    éditeur: Association
    date: 2019-06
    url: https://example.org/rapport
acteurs:
  - id: ville
    nom: Ville du Val
    public: oui
    compétence: commune 39300
    selon: doc1
  - id: asso
    nom: Association du Val
    rna: W390000000
    selon: doc1
rôles:
  - acteur: ville
    rôle public: facilitateur
    début: 2015
    selon: doc1
    page: 12
processus:
  - nom: Essayer
    selon: doc1
étapes:
  - nom: Un essai
    selon: doc1
changements d'échelle:
  - stratégie: duplication
    territoires: [commune 44109]
    selon: doc1
---
Un résumé.
"""


@pytest.fixture(scope="module")
def values() -> Values:
    return Values(Vocabulary.load(SETTINGS.ontology))


def read(text: str, values: Values, name: str = "pole.md", **others: str) -> Facts:
    contents = {Path(name): text.encode()} | {Path(f"{slug}.md"): other.encode() for slug, other in others.items()}
    return collection.check(contents, values, source="capitalisation")[0]


def rows(facts: Facts) -> dict[str, list[Row]]:
    assert [problem.message("fr") for problem in facts.problems] == []
    found: dict[str, list[Row]] = {}
    for row in facts.rows:
        found.setdefault(row.table, []).append(row)
    return found


# What a case becomes -----------------------------------------------------------------------------


def test_a_fact_is_a_row_with_its_document(values: Values) -> None:
    made = rows(read(FORM, values))
    (role,) = made["participation"]
    assert role.identifier == "pole-role-ville-enabler-2015"
    assert role.page == "https://example.org/rapport"
    assert role.values == {
        "key": "capitalisation-pole-role-ville-enabler-2015",
        "initiative": "capitalisation-pole",
        "member": "capitalisation-pole-actor-ville",
        "public_role": "enabler",
        "start_year": "2015",
        "page": "https://example.org/rapport",
        "citation": "Rapport, Association, 2019-06, p. 12",
    }
    (initiative,) = made["initiative"]
    assert initiative.values["acts_in"] == ["commune-39300"]
    assert initiative.values["description"] == "Un résumé."


def test_official_numbers_name_an_organization(values: Values) -> None:
    town, association = rows(read(FORM, values))["organization"]
    assert town.values["key"] == "capitalisation-pole-actor-ville"
    assert town.values["public_class"] == "PublicOrganisation"
    assert town.values["jurisdiction"] == "commune-39300"
    assert association.values["key"] == "rna-W390000000"
    siren = FORM.replace("rna: W390000000", "rna: W390000000\n    siren: 123 456 782")
    assert rows(read(siren, values))["organization"][1].values["key"] == "siren-123456782"


def test_labels_and_slugs_mean_the_same(values: Values) -> None:
    for written in ("facilitator", "enabler", "Facilitateur", "FACILITATEUR"):
        text = FORM.replace("facilitateur", written)
        assert rows(read(text, values))["participation"][0].values["public_role"] == "enabler"


def test_names_of_fields_need_no_accents(values: Values) -> None:
    text = FORM.replace("étapes:", "etapes:").replace("début: 2015", "Debut: 2015").replace("rôles:", "Roles:")
    assert [row.values for row in read(text, values).rows] == [row.values for row in read(FORM, values).rows]


def test_keys_do_not_depend_on_the_order_of_the_facts(values: Values) -> None:
    first, second = FORM.index("  - id: ville"), FORM.index("  - id: asso")
    end = FORM.index("rôles:")
    turned = FORM[:first] + FORM[second:end] + FORM[first:second] + FORM[end:]
    assert {row.values["key"] for row in read(turned, values).rows} == {
        row.values["key"] for row in read(FORM, values).rows
    }


def test_what_is_left_empty_is_not_there(values: Values) -> None:
    empty = FORM.replace("rôles:\n", "obstacles:\n  - genre:\n    description:\nphase:\nrôles:\n")
    assert [row.values for row in read(empty, values).rows] == [row.values for row in read(FORM, values).rows]


def test_steps_without_a_rank_have_that_of_their_place(values: Values) -> None:
    text = FORM.replace("changements", "  - nom: Une suite\n    selon: doc1\nchangements")
    assert [row.values["order"] for row in rows(read(text, values))["process_step"]] == ["1", "2"]


def test_a_role_that_changed_has_its_day_and_what_it_was_before(values: Values) -> None:
    later = """\
  - acteur: ville
    rôle public: propriétaire
    instrument: [parts de capital, bail ou mise à disposition]
    début: 2017-05-10
    fait suite à: ville-enabler-2015
    motif: Le propriétaire privé vend.
    selon: doc1
"""
    _first, role = rows(read(FORM.replace("processus:\n", later + "processus:\n"), values))["participation"]
    assert (role.values["start_year"], role.values["start_date"]) == ("2017", "2017-05-10")
    assert role.values["changed_from"] == "capitalisation-pole-role-ville-enabler-2015"
    assert role.values["instrument"] == ["shares", "lease"]


def test_what_is_of_the_only_process_or_scaling_need_not_say_so(values: Values) -> None:
    more = """\
conditions:
  - genre: lieu disponible
    description: Une école vide.
    selon: doc1
adaptations:
  - genre: changé
    étapes: essayer-un-essai
    description: Un marché couvert.
    selon: doc1
---
Un résumé."""
    made = rows(read(FORM.replace("---\nUn résumé.", more), values))
    assert made["condition"][0].values["process"] == "capitalisation-pole-process-essayer"
    (adaptation,) = made["adaptation"]
    assert adaptation.values["scaling"] == made["scaling_operation"][0].values["key"]
    assert adaptation.values["step"] == [made["process_step"][0].values["key"]]


PROOFS = [
    ("affirmé", "", False),
    ("compté", "valeur: 5", False),
    ("comparé", "", False),
    ("comparé", "valeur: 5", False),
    ("comparé", "valeur: 5\n    valeur de départ: 2", True),
    ("comparé", "valeur: 5\n    valeur visée: 4", True),
    ("confirmé par un tiers", "", True),
]


@pytest.mark.parametrize(("evidence", "figures", "is_proven"), PROOFS)
def test_what_worked_needs_more_than_a_count(values: Values, evidence: str, figures: str, is_proven: bool) -> None:
    outcome = f"""\
résultats:
  - description: Des emplois.
    appréciation: a marché
    preuve: {evidence}
    dit par: la presse
    {figures}
    selon: doc1
---
Un résumé."""
    problems = read(FORM.replace("---\nUn résumé.", outcome), values).problems
    assert [problem.code for problem in problems] == ([] if is_proven else ["too-little-evidence"])


def test_a_case_may_refer_to_another(values: Values) -> None:
    text = FORM.replace("début: 2014", "inspirée de: [autre]")
    (initiative,) = rows(read(text, values, autre=FORM.replace("du Val", "d'ailleurs")))["initiative"]
    assert initiative.values["inspired_by"] == ["capitalisation-autre"]


def test_every_table_of_a_fact_has_the_columns_it_fills(values: Values) -> None:
    tables = load(SETTINGS.ontology / "tables.yaml")
    sample = collection.check(
        {SAMPLE: SAMPLE.read_bytes()}, values, source="capitalisation", others={"atelier-fictif"}
    )[0]
    made = rows(sample)
    kinds = {model.table for _name, model in LISTS.values() if issubclass(model, Fact)}
    assert set(made) == kinds
    for table, several in made.items():
        for row in several:
            assert set(row.values) - {"key"} <= set(tables[table].columns)


def test_the_sample_fills_every_field() -> None:
    text = SAMPLE.read_text(encoding="utf-8")
    for _column, name, _info, _is in Case.fields():
        assert f"\n{name}:" in text or name == "résumé"
    for name, model in LISTS.values():
        part = text.partition(f"\n{name}:")[2].split("\n\n")[0]
        for _column, field, _info, _is in model.fields():
            assert f" {field}:" in part or field in ("id", "page", "siren", "rna"), (name, field)


# What is wrong -----------------------------------------------------------------------------------

WRONG: list[tuple[str, str, str, int | None, str]] = [
    # text, its replacement, code, line, what the advice or the message names
    ("titre: Pôle du Val\n", "", "missing-field", 1, "titre"),
    ("genre: ptce\n", "genre:\n", "missing-field", 3, "genre"),
    ("    titre: Rapport\n", "", "missing-field", 8, "titre"),
    ("  - nom: Un essai\n    selon: doc1\n", "  - nom: Un essai\n", "missing-field", 33, "selon"),
    ("début: 2014", "debout: 2014", "unknown-field", 5, "« début » ?"),
    ("début: 2014", "début: 2014\nDebut: 2015", "field-twice", 6, "début"),
    ("genre: ptce", "genre: {a: b}", "wrong-form", 3, "genre"),
    ("titre: Rapport", "titre: [Rapport]", "wrong-form", 9, "titre"),
    ("lieu: commune 39300\n", "", "no-place", 1, "commune"),
    ("facilitateur", "facilitatrice", "unknown-value", 25, "« facilitateur » ?"),
    ("genre: ptce", "genre: [ptce, tiers lieux]", "unknown-value", 3, "« tiers-lieu » ?"),
    ("public: oui", "public: peut-être", "unknown-value", 16, "oui · non"),
    ("lieu: commune 39300", "lieu: Lons-le-Saunier", "unknown-territory", 4, "commune 39300"),
    ("lieu: commune 39300", "lieu: [commune 39300, epci 123]", "unknown-territory", 4, "epci 123"),
    ("date: 2019-06", "date: juin 2019", "unclean", 11, "AAAA-MM"),
    ("date: 2019-06", "date: 1719-06", "unclean", 11, "1719-06"),
    ("url: https://example.org/rapport", "url: rapport", "unclean", 12, "rapport"),
    ("rna: W390000000", "rna: 123", "unclean", 21, "123"),
    ("    selon: doc1\n    page: 12", "    selon: doc\n    page: 12", "unknown-document", 27, "« doc1 » ?"),
    ("acteur: ville", "acteur: vile", "unknown-reference", 24, "« ville » ?"),
    ("début: 2014", "inspirée de: [ailleurs]", "unknown-reference", 5, "ailleurs"),
    ("selon: doc1\n    page: 12", "selon: doc1\n    vérification: confirmé", "half-checked", 27, "vérifié le"),
    ("selon: doc1\n    page: 12", "selon: doc1\n    vérifié le: 2026-11-28", "half-checked", 27, "vérification"),
    ("id: asso", "id: Asso du Val", "bad-id", 19, "asso-du-val"),
    ("id: asso", "id: ville", "same-id", 19, "ville"),
    ("rôle public: facilitateur", "fait: Aide.", "no-role", 24, "non précisé"),
    ("acteur: ville", "acteur: asso", "not-public", 24, "asso"),
    ("rna: W390000000", "compétence: commune 39300", "not-public", 19, "compétence"),
    ("    territoires: [commune 44109]\n", "", "no-target", 36, "vers"),
    ("territoires: [commune 44109]", "vers: pole", "same-target", 36, "pole"),
    ("processus:\n  - nom: Essayer\n    selon: doc1\n", "", "which-process", 30, "processus"),
    ("changements d'échelle:\n  - stratégie: duplication\n    territoires: [commune 44109]\n",
     "adaptations:\n  - genre: changé\n    description: Un autre lieu.\n", "which-scaling", 36, "changement d'échelle"),
    ("processus:\n", "résultats:\n  - description: Deux emplois.\n    appréciation: a marché\n    preuve: compté\n"
     "    dit par: la presse\n    selon: doc1\nprocessus:\n", "too-little-evidence", 30, "compté"),
    ("  - nom: Un essai\n", "  - nom: Zéro\n    selon: doc1\n    rang: 1\n  - nom: Un essai\n    rang: 1\n",
     "same-rank", 36, "1"),
    ("début: 2015", "début: 2015\n    fin: 2014-12", "end-before-start", 27, "2014-12"),
    ("Un résumé.", "Voir Mme Durand.", "personal", 40, "Mme Durand"),
    ("Un résumé.", "Écrire à contact@example.org.", "personal", 40, "contact@example.org"),
    ("éditeur: Association", "éditeur: 03 84 00 00 00", "personal", 10, "03 84 00 00 00"),
    ("---\ntitre", "titre", "not-a-form", 1, "---"),
    ("titre: Pôle du Val", "titre: Pôle: du Val", "not-yaml", 2, "guillemets"),
    ("titre: Pôle du Val", "titre: a\ntitre: b", "not-yaml", 3, ""),
]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "code", "line", "named"), WRONG, ids=[f"{w[2]}-{n}" for n, w in enumerate(WRONG)]
)
def test_what_is_wrong_is_told_with_its_line(
    values: Values, old: str, new: str, code: str, line: int, named: str
) -> None:
    assert old in FORM
    facts = read(FORM.replace(old, new, 1), values)
    assert facts.rows == ()
    told = [problem for problem in facts.problems if problem.code == code]
    assert [problem.location.line for problem in told] == [line]
    assert told[0].location.text("fr") == f"pole.md:{line}"
    for language in ("fr", "en"):
        assert told[0].message(language)
        assert told[0].advice(language)
    assert named in told[0].message("fr") + told[0].advice("fr")


def test_all_that_is_wrong_is_told_at_once(values: Values) -> None:
    text = FORM.replace("facilitateur", "x").replace("W390000000", "y").replace("commune 44109", "z")
    assert [problem.code for problem in read(text, values).problems] == [
        "unclean",
        "unknown-value",
        "unknown-territory",
    ]


def test_a_file_name_that_cannot_name_a_case(values: Values) -> None:
    (problem,) = read(FORM, values, name="Pôle du Val.md").problems
    assert problem.code == "bad-slug"
    assert "pole-du-val" in problem.advice("fr")


def test_bytes_that_are_not_utf8(values: Values) -> None:
    (facts,) = collection.check({Path("pole.md"): FORM.encode("latin-1")}, values, source="capitalisation")
    assert [(problem.code, problem.location.line) for problem in facts.problems] == [("not-utf8", 2)]


def test_one_organization_has_one_name_in_all_cases(values: Values) -> None:
    other = FORM.replace("Association du Val", "Asso du Val")
    contents = {Path("a.md"): FORM.encode(), Path("b.md"): other.encode()}
    first, second = collection.check(contents, values, source="capitalisation")
    assert first.problems == ()
    assert [(problem.code, problem.location.text("fr")) for problem in second.problems] == [("named-twice", "b.md:19")]


def test_one_case_has_one_file(values: Values) -> None:
    contents = {Path("a/pole.md"): FORM.encode(), Path("b/pole.md"): FORM.encode()}
    first, second = collection.check(contents, values, source="capitalisation")
    assert first.problems == ()
    assert [(problem.code, problem.location.text("fr")) for problem in second.problems] == [("case-twice", "b/pole.md")]
    assert second.rows == ()


def test_a_byte_order_mark_and_other_line_ends_do_no_harm(values: Values) -> None:
    text = "\ufeff" + FORM.replace("\n", "\r\n")
    assert [row.values for row in read(text, values).rows] == [row.values for row in read(FORM, values).rows]


def test_every_message_is_tested_and_in_both_languages() -> None:
    elsewhere = {"not-utf8", "bad-slug", "named-twice", "case-twice", "not-spreadsheet", "unknown-sheet"}
    assert {wrong[2] for wrong in WRONG} | elsewhere == set(codes())
    assert not set(codes()) & set(issue_codes())


# The same as a spreadsheet -----------------------------------------------------------------------


@pytest.fixture(params=["FORM", "sample"])
def case(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / "pole.md"
    path.write_text(FORM if request.param == "FORM" else SAMPLE.read_text(encoding="utf-8"), encoding="utf-8")
    return path


def test_a_spreadsheet_of_the_same_case_gives_the_same_rows(values: Values, case: Path) -> None:
    sheet = case.with_suffix(".xlsx")
    template.write(sheet, values, collection.read_case(case.read_bytes(), case, "pole.md"))
    text, table = (
        collection.check(
            {path: path.read_bytes()}, values, source="capitalisation", others={"atelier-fictif", "pole-fictif-du-val"}
        )[0]
        for path in (case, sheet)
    )
    assert text.rows
    assert [(row.table, row.identifier, row.page) for row in table.rows] == [
        (row.table, row.identifier, row.page) for row in text.rows
    ]
    assert [row.values for row in table.rows] == [row.values for row in text.rows]


def test_the_template_is_the_same_every_time_and_says_what_is_missing(values: Values, tmp_path: Path) -> None:
    for name in ("a.xlsx", "b.xlsx"):
        template.write(tmp_path / name, values)
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
    path = tmp_path / "a.xlsx"
    (facts,) = collection.check({path: path.read_bytes()}, values, source="capitalisation")
    assert {problem.code for problem in facts.problems} == {"missing-field"}
    assert all(problem.location.sheet == "cas" for problem in facts.problems)


def workbook(path: Path, sheets: dict[str, list[list[str]]]) -> bytes:
    import xlsxwriter

    with xlsxwriter.Workbook(str(path)) as book:
        for name, table in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(table):
                sheet.write_row(number, 0, row)
    return path.read_bytes()


OWN = [["champ", "valeur"], ["titre", "Pôle"], ["genre", "ptce ; tiers-lieu"], ["commune", "39300"], ["selon", "doc1"]]
DOCUMENTS = [["id", "titre", "url"], ["doc1", "Rapport", "https://example.org/"]]


def test_a_sheet_and_a_row_are_told(values: Values, tmp_path: Path) -> None:
    actors = [["id", "nom", "forme juridique", "selon"], ["a", "A", "", "doc1"], [], ["b", "B", "asociation", "doc1"]]
    content = workbook(tmp_path / "x.xlsx", {"cas": OWN, "documents": DOCUMENTS, "acteurs": actors})
    (facts,) = collection.check({Path("x.xlsx"): content}, values, source="capitalisation")
    (problem,) = facts.problems
    assert problem.code == "unknown-value"
    assert problem.location.text("fr") == "x.xlsx, feuille “acteurs”, ligne 4"
    assert "« association » ?" in problem.advice("fr")


def test_sheets_and_columns_that_are_not_of_the_template(values: Values, tmp_path: Path) -> None:
    sheets = {"cas": [*OWN, ["titr", "x"]], "documents": [[*DOCUMENTS[0], "titre2"], DOCUMENTS[1]], "acteur": [["id"]]}
    content = workbook(tmp_path / "x.xlsx", sheets)
    (facts,) = collection.check({Path("x.xlsx"): content}, values, source="capitalisation")
    told = {problem.code: problem for problem in facts.problems}
    assert {(p.code, p.location.sheet, p.location.line) for p in facts.problems} == {
        ("unknown-field", "cas", 6),
        ("unknown-field", "documents", 1),
        ("unknown-sheet", "acteur", None),
    }
    assert "« acteurs » ?" not in told["unknown-sheet"].message("fr")
    assert "acteurs" in told["unknown-sheet"].advice("fr")


def test_a_file_that_is_no_workbook(values: Values) -> None:
    (facts,) = collection.check({Path("x.xlsx"): b"x"}, values, source="capitalisation")
    assert [problem.code for problem in facts.problems] == ["not-spreadsheet"]


# The form and its schema -------------------------------------------------------------------------


def test_the_empty_form_can_be_read_and_names_every_field(values: Values) -> None:
    text = form("pole", values)
    assert {problem.code for problem in read(text, values).problems} == {"missing-field"}
    for model in (Case, *(model for _name, model in LISTS.values())):
        for _column, name, _info, _is in model.fields():
            assert f"{name}:" in text or name == "résumé"
    assert "structure porteuse" in text


def test_the_json_schema_is_up_to_date(project: Path, values: Values) -> None:
    written = (project / "pipelines" / "case.schema.json").read_text(encoding="utf-8")
    assert written == json_schema(values), "write it anew: clirld case schema > pipelines/case.schema.json"
