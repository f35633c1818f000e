"""Source cards: what is wrong in one is told with its line and what to do; what is right is kept as it is written."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from clirld.card import source
from clirld.card.model import Card
from clirld.card.source import Source
from clirld.errors import CardError, UsageError
from clirld.settings import Settings
from clirld.vocabulary import tables as canonical
from clirld.vocabulary.tables import Tables
from clirld.vocabulary.terms import Vocabulary

SETTINGS = Settings.from_environment({})
CARD = """\
id: places
title: {fr: Lieux, en: Places}
description: {fr: Des lieux, en: Some places}
publisher: {name: Publisher, url: https://example.org/}
landing_page: https://example.org/places
license: https://creativecommons.org/licenses/by/4.0/
frequency: never
distributions:
  default: {url: https://example.org/places.csv, format: csv}
records:
  - from: default
    table: initiative
    columns:
      ID: record.identifier
      NAME: name
      TYPE: {to: kind, lookup: types}
      CARRIER: organization.name
      MAIL: ~
    constants: {participation.role: carrier}
    keep:
      TYPE: [a, b]
    withhold:
      10V3: natural-person
lookups:
  types:
    a: fablab
assertions:
  rows: {default: [1, 9]}
  filled: {initiative.name: 1.0}
"""


@pytest.fixture(scope="module")
def tables() -> Tables:
    return canonical.load(SETTINGS.ontology / "tables.yaml")


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return Vocabulary.load(SETTINGS.ontology)


class Loader:
    """Writes a card into a folder of its id and loads it."""

    def __init__(self, folder: Path, tables: Tables, vocabulary: Vocabulary) -> None:
        self.folder, self.tables, self.vocabulary = folder / "places", tables, vocabulary
        self.folder.mkdir()

    def load(self, old: str = "", new: str = "") -> Source:
        assert not old or CARD.count(old) == 1, "the test no longer fits the card"
        return self.bytes(CARD.replace(old, new).encode() if old else CARD.encode())

    def bytes(self, content: bytes) -> Source:
        (self.folder / "source.yaml").write_bytes(content)
        return source.load(self.folder, self.tables, self.vocabulary)


@pytest.fixture
def loader(tmp_path: Path, tables: Tables, vocabulary: Vocabulary) -> Loader:
    return Loader(tmp_path, tables, vocabulary)


def test_the_card_of_these_tests_is_right(loader: Loader) -> None:
    card = loader.load().card
    assert card.records[0].targets("MAIL") == []
    assert [target.to for target in card.records[0].targets("NAME")] == ["name"]
    assert card.records[0].withhold == {"10V3": "natural-person"}


@pytest.mark.parametrize(
    ("old", "new", "line", "what", "do"),
    [
        # the fields of a card
        ("frequency: never", "frequency: never\nfreqency: x", 8, "freqency: is not a field", "did you mean frequency"),
        ("frequency: never", "frequency: mensuel", 7, "“mensuel” is none of 'never'", "did you mean monthly"),
        ("frequency: never", "frequency: weakly", 7, "“weakly” is none of", "did you mean weekly"),
        ("title: {fr: Lieux", "titre: {fr: Lieux", 2, "titre: is not a field", "did you mean title"),
        ("id: places", "id: places\nissued: a: b", 2, "not YAML", "between quotes"),
        (re.search("license: .*", CARD)[0], "license: Licence Ouverte", 6, "an address", "licences.yaml"),
        ("title: {fr: Lieux, en: Places}", "title: {fr: , en: }", 2, r"2 fields are empty: title.fr \(2\)", "fill"),
        ("landing_page: https://example.org/places\n", "", 1, "landing_page: is missing", "docs/add-a-source"),
        ("title: {fr: Lieux, en: Places}", "title: {fr: Lieux}", 2, "title.en: is missing", ""),
        ("frequency: never", "frequency: sometimes", 7, "frequency: .*'never'.*'daily'", ""),
        ("frequency: never", "frequency: never\nissued: 2019-13-45", 8, "issued: .*date", ""),
        ("frequency: never", "frequency: never\nstatus: draft", 8, "status: .*'active'", ""),
        ("publisher: {name: Publisher, url: https://example.org/}", "publisher: me", 4, "publisher", ""),
        ("publisher: {name: Publisher, url: https://example.org/}", "publisher: {name: P, url: example.org}", 4,
         "publisher.url: .*https://", ""),
        ("https://example.org/places\n", "https://example.org/my places\n", 5, "landing_page: .*IRI.*' '", ""),
        ("id: places", "id: Places!", 1, "id: .*pattern", ""),
        ("id: places", "id: lieux", 1, "id is lieux, the folder is places", "both the same name"),
        ("by/4.0/", "by-nc/3.0/", 6, "not an allowed licence", "use one of"),
        # distributions
        ("{url: https://example.org/places.csv, format: csv}", "{format: csv}", 9, "give one of url", ""),
        ("format: csv}", "path: a.csv, format: csv}", 9, "give one of url", ""),
        ("url: https://example.org/places.csv", "path: places.csv", 9, "no file places.csv here", "add it"),
        ("format: csv", "format: pdf", 9, "format: .*'csv'", ""),
        ("format: csv", "format: csv, header: 0", 9, "header: .*greater than or equal to 1", ""),
        ("format: csv", "format: csv, colour: red", 9, "colour: is not a field", ""),
        # records
        ("from: default", "from: other", 11, "no distribution other", "name one of this card"),
        ("table: initiative", "table: initiatives", 12, "no table initiatives", "use one of: .*initiative"),
        ("table: initiative", "table: record", 12, "no table record", "use one of"),
        ("    table: initiative\n", "", 11, "no table None", "use one of"),
        ("table: initiative", "table: territory", 15, "no key of their own", "records.py"),
        ("      ID: record.identifier\n", "      ID: ~\n", 13, "no column goes to record.identifier", "identifies"),
        ("NAME: name", "NAME: nom", 15, "no column nom in table initiative", "use one of: name"),
        ("CARRIER: organization.name", "CARRIER: organisation.name", 17, "no table organisation", "organization"),
        ("CARRIER: organization.name", "CARRIER: [alternative_name, nom]", 17, "no column nom", "use one of"),
        ("CARRIER: organization.name", "CARRIER: record.retrieved", 17, "filled by the engine", "record.identifier"),
        ("CARRIER: organization.name", "CARRIER: point", 17, "point is filled from others", "longitude, latitude"),
        ("CARRIER: organization.name", "CARRIER: seat", 17, "seat is filled from others", "commune, departement"),
        ("CARRIER: organization.name", "CARRIER: territory.name", 17, "no key of their own", "records.py"),
        ("lookup: types}", "lookup: kinds}", 16, "no lookup kinds", "add it to lookups"),
        ("lookup: types}", "lookup: types, by: colour}", 16, "'notation', 'label'", ""),
        ("lookup: types}", "lookup: types, glue: x}", 16, "glue: is not a field", ""),
        ("lookup: types}", "lookup: types, join: x}", 16, "join is for one text, kind is none", "name, text, street"),
        ("NAME: name", "NAME: {to: name, by: label}", 15, "by: label is for concepts", "remove by"),
        ("NAME: name", "NAME: {to: name, level: region}", 15, "name is of type name", "level goes with"),
        ("NAME: name", "NAME: name\n      AREA: acts_in", 16, "acts_in is of type territory", "level goes with"),
        ("NAME: name", "NAME: name\n      AREA: {to: acts_in, level: canton}", 16, "'region'", ""),
        ("NAME: name", "NAME: {lookup: types}", 15, "to: is missing", ""),
        ("NAME: name", "NAME: name\n      NAME: street", 16, "duplicate key", ""),
        ("participation.role: carrier", "kind: third-palce", 19, "third-palce is not a concept", "third-place"),
        ("participation.role: carrier", "colour: red", 19, "no column colour", "use one of"),
        ("participation.role: carrier", "record.page: https://example.org", 19, "for each row", "map a column"),
        ("participation.role: carrier", "address: x", 19, "filled from others", "street, postcode, locality"),
        ("participation.role: carrier", "kind: [ptce]", 19, "kind: is empty, or not a text", ""),
        ("      TYPE: [a, b]", "      KIND: [a, b]", 21, "no column KIND", "name a column of the file"),
        ("      TYPE: [a, b]", "      TYPE: a", 21, "keep.TYPE: .*list", ""),
        ("10V3: natural-person", "10V3: A natural person", 23, "withhold.10V3: .*pattern", ""),
        ("10V3: natural-person", "10V3: ~", 23, "withhold.10V3: is empty, or not a text", ""),
        # a file without a header
        ("places.csv, format: csv", "places.csv, format: csv, columns: [ID, ID]", 9, "the same name", ""),
        ("places.csv, format: csv", "places.csv, format: csv, header: 2, columns: [ID]", 9, "header or columns", ""),
        ("places.csv, format: csv", "places.csv, format: json, columns: [ID]", 9, "columns are for a CSV", ""),
        ("places.csv, format: csv", "places.csv, format: json, until: blank-row", 9, "until is for a CSV", ""),
        ("places.csv, format: csv", "places.csv, format: csv, until: blank", 9, "“blank” is none", ""),
        # lookups and assertions
        ("a: fablab", "a: fab-lab", 25, "fab-lab is not a concept of initiative-kind", "use one of: .*fablab"),
        ("a: fablab", "a: [fablab]", 26, "lookups.types.a: is empty, or not a text", ""),
        ("rows: {default: [1, 9]}", "rows: {other: [1, 9]}", 28, "no distribution other", "name one of this card"),
        ("rows: {default: [1, 9]}", "rows: {default: [1]}", 28, "rows.default.1: is missing", ""),
        ("initiative.name: 1.0", "initiative.nom: 1.0", 29, "no column nom in table", "use one of"),
        ("initiative.name: 1.0", "name: 1.0", 29, "name is of no table", "<table>.<column>"),
        ("initiative.name: 1.0", "initiative.name: 70", 29, "less than or equal to 1", ""),
        ("initiative.name: 1.0", "initiative.departement: 0.5", 29, "is not kept", "that is published"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_line_and_what_to_do(
    loader: Loader, old: str, new: str, line: int, what: str, do: str
) -> None:
    with pytest.raises(CardError, match=re.compile(what, re.DOTALL)) as caught:
        loader.load(old, new)
    assert caught.value.where == f"{loader.folder / 'source.yaml'}:{line}"
    assert caught.value.do
    assert re.search(do, caught.value.do)


@pytest.mark.parametrize(
    ("content", "where", "what"),
    [
        (b"id: places\n  title: x\n", ":2", "not YAML"),
        (b"id: 'places\n", ":2", "not YAML"),
        (b"id: caf\xe9\n", "", "not UTF-8"),
        (b"", ":1", "a mapping of names to values is wanted"),
        (b"- id\n", ":1", "a mapping of names to values is wanted"),
        (b"id: a\x07b\n", "", "not YAML"),
    ],
)
def test_a_file_that_is_no_card(loader: Loader, content: bytes, where: str, what: str) -> None:
    with pytest.raises(CardError, match=what) as caught:
        loader.bytes(content)
    assert caught.value.where == f"{loader.folder / 'source.yaml'}{where}"
    assert caught.value.do


def test_no_card_at_all(loader: Loader) -> None:
    with pytest.raises(CardError, match="not there"):
        source.load(loader.folder, loader.tables, loader.vocabulary)


def test_a_distribution_has_one_entry_under_records(loader: Loader) -> None:
    twice = "lookups:\n  types:"
    again = "  - {from: default, table: initiative, columns: {ID: record.identifier}}\n" + twice
    with pytest.raises(CardError, match="default is there twice") as caught:
        loader.load(twice, again)
    assert caught.value.where.endswith(":24")


@pytest.mark.parametrize("text", ["01033", "1e3", "9220.0", "1.10", "yes", "no", "true", "2019-06-01", "0x1F", "1_000"])
def test_what_looks_like_a_number_a_date_or_a_boolean_keeps_its_text(loader: Loader, text: str) -> None:
    old = "    a: fablab\n"
    card = loader.load(old, f"{old}    {text}: coworking-space\n").card
    assert card.lookups["types"] == {"a": "fablab", text: "coworking-space"}
    rows = loader.load("TYPE: [a, b]", f"TYPE: [{text}]").card.records[0]
    assert rows.keep == {"TYPE": [text]}
    rows = loader.load("10V3: natural-person", f"{text}: natural-person").card.records[0]
    assert rows.withhold == {text: "natural-person"}


def test_numbers_dates_and_booleans_are_read_where_they_are_wanted(loader: Loader) -> None:
    wanted = "{url: https://example.org/a.json, format: json, header: 3, escaped_twice: true}"
    card = loader.load("{url: https://example.org/places.csv, format: csv}", wanted).card
    assert (card.distributions["default"].header, card.distributions["default"].escaped_twice) == (3, True)
    assert card.assertions.rows == {"default": (1, 9)}
    assert card.assertions.filled == {"initiative.name": 1.0}
    issued = loader.load("frequency: never", "frequency: never\nissued: 2019-06-01").card.issued
    assert issued is not None
    assert issued.isoformat() == "2019-06-01"


def test_nothing_in_a_lookup_is_known_and_gives_nothing(loader: Loader) -> None:
    assert loader.load("a: fablab", "a: ~").card.lookups == {"types": {"a": None}}


FUNCTION = """\
records:
  - from: default
    columns:
      ID: used
      MAIL: ~
"""


@pytest.mark.parametrize(
    ("old", "new", "line", "what"),
    [
        ("ID: used", "ID: record.identifier", 13, "ID: is record.identifier"),
        ("ID: used", "ID: {to: used}", 13, "ID: is to="),
        (
            "      MAIL: ~\n",
            "      MAIL: ~\n    withhold: {10V3: natural-person}\n",
            15,
            "no effect beside a records.py",
        ),
        ("      MAIL: ~\n", "      MAIL: ~\n    keep: {MAIL: [a]}\n", 15, "no effect beside a records.py"),
        ("      MAIL: ~\n", "      MAIL: ~\n    constants: {kind: ptce}\n", 15, "no effect beside a records.py"),
    ],
)
def test_beside_a_function_a_card_only_says_what_is_used(
    loader: Loader, old: str, new: str, line: int, what: str
) -> None:
    (loader.folder / "records.py").write_text("def records(rows): ...\n")
    head = CARD[: CARD.index("records:")]
    assert loader.bytes((head + FUNCTION).encode()).function == loader.folder / "records.py"
    with pytest.raises(CardError, match=what) as caught:
        loader.bytes((head + FUNCTION.replace(old, new)).encode())
    assert caught.value.where.endswith(f"source.yaml:{line}")


def test_samples_are_found_by_distribution_before_the_single_one(loader: Loader) -> None:
    made = loader.load()
    assert made.sample("default") is None
    (loader.folder / "sample.csv").touch()
    assert made.sample("default") == loader.folder / "sample.csv"
    (loader.folder / "sample").mkdir()
    (loader.folder / "sample" / "default.csv").touch()
    assert made.sample("default") == loader.folder / "sample" / "default.csv"


def test_all_sources_territories_first(tmp_path: Path, tables: Tables, vocabulary: Vocabulary) -> None:
    for name in ("places", "territories", "zones"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "source.yaml").write_text(CARD.replace("id: places", f"id: {name}"))
    (tmp_path / "no-source").mkdir()
    loaded, broken = source.load_all(tmp_path, tables, vocabulary)
    assert list(loaded) == ["territories", "places", "zones"]
    assert broken == {}


def test_a_card_that_cannot_be_used_does_not_stop_the_others(
    tmp_path: Path, tables: Tables, vocabulary: Vocabulary
) -> None:
    for name in ("places", "zones"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "source.yaml").write_text(CARD)
    loaded, broken = source.load_all(tmp_path, tables, vocabulary)
    assert list(loaded) == ["places"]
    assert list(broken) == ["zones"]
    assert "the folder is zones" in str(broken["zones"])


def test_no_two_sources_can_give_the_same_iri(tmp_path: Path, tables: Tables, vocabulary: Vocabulary) -> None:
    """`places` with record `a-1` and `places-a` with record `1` would both make places-a-1."""
    for name in ("places", "places-a", "placesb"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "source.yaml").write_text(CARD.replace("id: places", f"id: {name}"))
    loaded, broken = source.load_all(tmp_path, tables, vocabulary)
    assert list(loaded) == ["places", "placesb"]
    assert "another id" in str(broken["places-a"])


def test_a_folder_of_sources_that_is_not_there(tmp_path: Path, tables: Tables, vocabulary: Vocabulary) -> None:
    with pytest.raises(UsageError, match="CLIRLD_SOURCES"):
        source.load_all(tmp_path / "nowhere", tables, vocabulary)


def test_cards_written_out_and_read_again_are_the_same(tables: Tables, vocabulary: Vocabulary) -> None:
    """`clirld source list --json` and the JSON Schema speak of the same fields."""
    loaded, broken = source.load_all(SETTINGS.sources, tables, vocabulary)
    assert broken == {}
    for one in loaded.values():
        assert Card.model_validate(one.card.model_dump(mode="json", by_alias=True)) == one.card
