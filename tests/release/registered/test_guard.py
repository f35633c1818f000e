"""A release that would break a query that somebody relies on is held back until a person has looked."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from clirld.cli import commands
from clirld.errors import ReleaseError, UsageError
from clirld.query.files import registered
from clirld.query.files.registered import Finding, Given
from clirld.release.make import make_release
from clirld.release.published import Release, current
from clirld.release.registered import guard
from tests.followed import Followed, followed, row

PLACES = [row(number) for number in range(1, 6)]
RENAMED = [*(row(number, f"Autre nom {number}") for number in range(1, 4)), *PLACES[3:]]
QUERY = """
PREFIX clir: <https://w3id.org/clirld/ontology#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT ?initiative ?name ?site {
  ?initiative a clir:Initiative ; rdfs:label ?name FILTER(CONTAINS(?name, "Lieu"))
  OPTIONAL { ?initiative rdfs:nothing ?site }
}
"""


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Followed:
    """A source whose releases are to give what is registered in a folder of their own."""
    made = followed(tmp_path, monkeypatch)
    queries = tmp_path / "queries"
    (queries / "registered").mkdir(parents=True)
    object.__setattr__(made, "settings", replace(made.settings, queries=queries))
    return made


def register(source: Followed, name: str = "places", text: str = QUERY, **said: object) -> None:
    folder = source.settings.queries / "registered"
    (folder / f"{name}.rq").write_text(text, encoding="utf-8")
    given = {"title": {"fr": "Lieux", "en": "Places"}, "by": "Exemple", "contact": "https://example.org/"}
    given |= {"columns": ["name"], "rows": 3, **said}
    (folder / f"{name}.yaml").write_text(json.dumps(given), encoding="utf-8")


def release(source: Followed, rows: list[str], day: str) -> Release:
    source.run(rows, day)
    return make_release(source.project)[0]


def test_fewer_rows_hold_it_back_until_a_person_accepts(source: Followed) -> None:
    register(source)
    register(source, "other", rows=4)
    first = release(source, PLACES, "2026-01-01")
    assert [(one["id"], one["rows"], one["lacks"]) for one in first.manifest["registered"]] == [
        ("other", len(PLACES), []),
        ("places", len(PLACES), []),
    ]
    with pytest.raises(ReleaseError) as held:
        release(source, RENAMED, "2026-01-02")
    error = held.value
    assert "would break the registered query other (Exemple): it relies on at least 4 rows and gets 2" in error.what
    assert "elle s'appuie sur 4 lignes au moins et en reçoit 2" in error.fr
    assert "1 other registered queries: places" in error.what
    assert "clirld accept other --query" in error.do
    assert "https://example.org/" in error.do_fr
    assert error.where.endswith("other.yaml")
    served = current(source.settings.data)
    assert served is not None
    assert served.id == first.id
    assert [path.name for path in (source.settings.data / "releases").glob("2026*")] == [first.id]
    with pytest.raises(UsageError, match="no release is held back"):
        guard.accept(source.settings, "none", "because", "me")
    guard.accept(source.settings, "other", "two places closed", "Exemple", "2026-06-02T00:00:00+00:00")
    with pytest.raises(ReleaseError, match="places"):
        make_release(source.project)
    guard.accept(source.settings, "places", "two places closed", "Exemple", "2026-06-02T00:00:00+00:00")
    second, is_new = make_release(source.project)
    assert is_new
    told = {one["id"]: one for one in second.manifest["registered"]}
    assert told["other"]["lacks"] == [{"kind": "rows", "relied": 4, "given": 2}]
    assert told["other"]["accepted"] == {
        "because": "two places closed", "by": "Exemple", "when": "2026-06-02T00:00:00+00:00",
    }  # fmt: skip
    assert not (source.settings.data / "registered" / "held.json").exists()


def test_what_was_accepted_is_no_licence_for_more(source: Followed) -> None:
    register(source)
    query = registered.load(source.settings.queries)[0]
    folder = source.settings.data / "registered"
    folder.mkdir(parents=True)
    found = [Finding("rows", relied=3, given=2), Finding("column", of="site")]
    held = {"places": {"fingerprint": query.fingerprint, "lacks": [one.as_json() for one in found]}}
    (folder / "held.json").write_text(json.dumps(held), encoding="utf-8")
    guard.accept(source.settings, "places", "because", "me")
    assert guard.accepted(source.settings.data, query, found)
    assert guard.accepted(source.settings.data, query, [found[1]])
    assert guard.accepted(source.settings.data, query, [Finding("rows", relied=3, given=1)]) is None
    assert guard.accepted(source.settings.data, query, [Finding("column", of="name")]) is None
    assert guard.accepted(source.settings.data, query, [Finding("error", said={})]) is None
    assert guard.accepted(source.settings.data, replace(query, rows=4), found) is None


BREAKS = {
    "column": ({"columns": ["name", "site"]}, QUERY, "the column site has no value any more"),
    "error": ({}, QUERY, "it fails: "),
    "seconds": ({"seconds": 0.000001}, QUERY, "it relies on an answer within 1e-06 s and waits"),
}


def test_each_way_to_break_holds_it_back(source: Followed) -> None:
    made = release(source, PLACES, "2026-01-01")
    for kind, (said, text, words) in BREAKS.items():
        register(source, text=text, **said)
        limits = replace(source.settings, query_timeout=0.000001) if kind == "error" else source.settings
        # What is new, or lacked it before, is told of and holds nothing back.
        told = guard.check(limits, made.folder, None)
        assert [[lack["kind"] for lack in one["lacks"]] for one in told] == [[kind]]
        assert guard.check(limits, made.folder, {"registered": told})
        with pytest.raises(ReleaseError) as held:
            guard.check(limits, made.folder, {"registered": [{**one, "lacks": []} for one in told]})
        assert words in held.value.what
        assert held.value.fr != held.value.what
        kept = json.loads((source.settings.data / "registered" / "held.json").read_text(encoding="utf-8"))
        assert [one["kind"] for one in kept["places"]["lacks"]] == [kind]


def test_a_query_that_is_wrong_is_refused_with_its_place(source: Followed) -> None:
    wrong = {
        "ASK {}": "only a SELECT",
        "SELECT (NOW() AS ?name) {}": "changes by itself",
        "SELECT": "not SPARQL",
        "SELECT ?other {}": "no column name",
    }
    for text, words in wrong.items():
        register(source, text=text)
        with pytest.raises(registered.QueryError, match=words):
            registered.load(source.settings.queries)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"contact": "someone@example.org"}, "contact is not the address of a page"),
        ({"contact": "mailto:someone@example.org"}, "contact is not the address of a page"),
        ({"by": " "}, "no organization"),
        ({"by": "someone@example.org"}, "no organization"),
        ({"title": {"fr": "a"}}, "title is not in French and English"),
        ({"columns": []}, "no columns"),
        ({"rows": -1}, "not a whole number"),
        ({"rows": True}, "not a whole number"),
        ({"seconds": 0}, "not a number above zero"),
        ({"mail": "a"}, "not known: mail"),
    ],
)
def test_what_is_relied_on_is_checked(source: Followed, said: dict[str, object], words: str) -> None:
    register(source, **said)
    with pytest.raises(registered.QueryError, match=words):
        registered.load(source.settings.queries)


def test_files_without_each_other_are_refused(source: Followed) -> None:
    register(source)
    folder = source.settings.queries / "registered"
    (folder / "places.rq").rename(folder / "others.rq")
    with pytest.raises(registered.QueryError, match="nobody is said"):
        registered.load(source.settings.queries)
    (folder / "others.rq").unlink()
    with pytest.raises(registered.QueryError, match="the query is not there"):
        registered.load(source.settings.queries)


def test_what_an_answer_gives() -> None:
    answer = 'a,b,c\r\n"x, y",,\r\n,"1\n2",\r\n'
    assert registered.given(answer.encode(), 0.5) == Given(2, ("a", "b"), 0.5)
    assert registered.given(b"a\r\n", 0) == Given(0, (), 0)


def test_the_projects_own_are_as_they_should_be() -> None:
    from tests.conftest import PROJECT

    assert registered.load(PROJECT / "queries")


def test_it_is_accepted_and_shown_by_command(source: Followed) -> None:
    register(source)
    made = release(source, PLACES, "2026-01-01")
    data, queries = source.settings.data, source.settings.queries
    query = registered.load(queries)[0]
    held = {"places": {"fingerprint": query.fingerprint, "lacks": [{"kind": "rows", "relied": 3, "given": 2}]}}
    (data / "registered").mkdir(exist_ok=True)
    (data / "registered" / "held.json").write_text(json.dumps(held), encoding="utf-8")
    accept = [
        "accept",
        "places",
        "--query",
        "--because",
        "two closed",
        "--by",
        "Exemple",
        "--data",
        str(data),
        "--json",
    ]
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("CLIRLD_QUERIES", str(queries))
        runner = CliRunner()
        told = runner.invoke(commands.app, accept)
        assert told.exit_code == 0, told.output
        assert guard.accepted(data, query, [Finding("rows", relied=3, given=2)])
        shown = runner.invoke(commands.app, ["registered", "--data", str(data)])
        assert (shown.exit_code, "✓ places" in shown.output) == (0, True), shown.output
        register(source, rows=50)
        lacking = runner.invoke(commands.app, ["registered", "--data", str(data), "--release", made.id, "--json"])
        assert lacking.exit_code == 1
        (one,) = json.loads(lacking.output)["registered"]
        assert one["lacks"] == [{"kind": "rows", "relied": 50, "given": 5}]
