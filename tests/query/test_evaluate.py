"""The reading of queries, what is refused, and what is answered on a few quads."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad, Store

from clirld.errors import QueryError
from clirld.query.evaluate import QueryRequest, check
from clirld.query.evaluate import evaluate as write_answer
from clirld.query.failure import Failure, messages
from clirld.query.formats import GRAPH_FORMATS, HTML, RESULT_FORMATS
from clirld.query.run import run
from clirld.query.syntax import line_and_column, outline, tokens

ENDPOINT = "<http://127.0.0.1:9/sparql>"


def graph(name: str) -> NamedNode:
    return NamedNode(f"http://example.org/{name}")


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release folder with one triple in each of three named graphs."""
    folder = tmp_path_factory.mktemp("release")
    store = Store(str(folder / "store"))
    for name in ("a", "b", "c"):
        store.add(Quad(graph(f"s-{name}"), graph("p"), Literal(name), graph(name)))
    store.flush()
    return folder


@pytest.fixture
def store(release: Path) -> Store:
    return Store.read_only(str(release / "store"))


def evaluate(store: Store, request: QueryRequest) -> bytes | Failure:
    """The answer, whole."""
    out = io.BytesIO()
    return write_answer(store, request, out) or out.getvalue()


def values(answer: bytes | Failure, name: str = "o") -> list[str]:
    assert isinstance(answer, bytes), answer
    return sorted(row[name]["value"] for row in json.loads(answer)["results"]["bindings"])


CALLS = [
    f"SELECT * {{ SERVICE {ENDPOINT} {{ ?s ?p ?o }} }}",
    f"SELECT * {{ service silent {ENDPOINT} {{ ?s ?p ?o }} }}",
    f"SELECT * {{ SeRvIcE\n#here\n{ENDPOINT}{{ }} }}",
    "SELECT * { SERVICE ?where { ?s ?p ?o } }",
    "PREFIX ex: <http://e/> SELECT * { SERVICE ex:a { } }",
    "SELECT * { { SELECT * { OPTIONAL { SERVICE ?x { } } } } }",
    "ASK { FILTER EXISTS { SERVICE ?x { } } }",
    f"DESCRIBE ?s {{ SERVICE {ENDPOINT} {{ ?s ?p ?o }} }}",
    # Forms that the grammar forbids and pyoxigraph's parser takes.
    "PREFIX ex: <http://e/> SELECT * { SERVICEex:a { } }",
    "PREFIX : <http://e/> SELECT * { SERVICE:a { } }",
    "PREFIX : <http://e/> SELECT * { SERVICESILENT:a { } }",
    f"SELECT * {{ ?s ?p 1SERVICE{ENDPOINT}{{}} }}",
    f"SELECT * {{ ?s ?p trueSERVICE{ENDPOINT}{{}} }}",
    f"SELECT * {{ ?s ?p 1.SERVICE{ENDPOINT}{{}} }}",
    f"PREFIX ex: <http://e/> SELECT * {{ ?s ?p ex:.SERVICE{ENDPOINT}{{}} }}",
    f"SELECT * {{ ?s ?p ''SERVICE{ENDPOINT}{{}} }}",
    # What is an IRI to a hasty reader is a comparison and a string, or a comparison and a comment.
    f"SELECT * {{ FILTER(1<'>')SERVICE{ENDPOINT}{{}} FILTER(1<'>') }}",
    f"SELECT * {{ FILTER(1<#>'''\n2)SERVICE{ENDPOINT}{{}} #'''\n }}",
    f"SELECT * {{ FILTER(?a<?b&&?c>?d)SERVICE{ENDPOINT}{{}} }}",
]
NAMES = [
    "PREFIX ex: <http://e/> SELECT ?service { ?service ex:service ex:a.service }",
    "PREFIX service: <http://e/service#> SELECT * { ?s service:service service:a . ?s service:b ?o }",
    "SELECT * { ?s ?p 'SERVICE <http://x> {}' }",
    'SELECT * { ?s ?p "a \\" SERVICE <http://x> {}" }',
    "SELECT * { ?s ?p '''it's\nSERVICE <http://x> {}''' }",
    'SELECT * { ?s ?p """ "" SERVICE <http://x> {}""" }',
    "SELECT * { ?s ?p ?o # SERVICE <http://x> {}\n }",
    "SELECT * { ?s <http://e/service> <http://e/L'Oréal#service> }",
    "SELECT * { ?s ?p 'x'@service . _:service ?p $SERVICE }",
    "SELECT * { ?s <http://www.w3.org/2001/XMLSchema#a> 'it' . ?s <urn:x#a> 'SERVICE ?x {' }",
]


@pytest.mark.parametrize("text", CALLS)
def test_calls_are_refused(text: str) -> None:
    failure = check(text)
    assert isinstance(failure, Failure)
    assert failure.kind == "service"


@pytest.mark.parametrize("text", NAMES)
def test_names_are_not_calls(text: str) -> None:
    assert not isinstance(check(text), Failure)


def test_a_call_is_placed() -> None:
    failure = check("SELECT * {\n  SERVICE ?x { } }")
    assert isinstance(failure, Failure)
    assert (failure.line, failure.column) == (2, 3)


def test_allowed_services() -> None:
    allow = {"http://a.example/sparql"}
    assert not isinstance(check("ASK { SERVICE SILENT <http://a.example/sparql> { } }", allow=allow), Failure)
    for refused in ("<http://b.example/sparql>", "?x", "ex:a"):
        both = f"ASK {{ SERVICE <http://a.example/sparql> {{ }} SERVICE {refused} {{ }} }}"
        assert isinstance(check(both, allow=allow), Failure)


unhurried = settings(deadline=None)  # the machine may be busy with other things
harmless = st.one_of(
    st.text(st.characters(exclude_characters="\\\"'\r\n", exclude_categories=["Cs"])).map(lambda s: f'"{s}"'),
    st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"])).map(lambda s: f"#{s}\n"),
    st.from_regex(r"\A'''([^'\\]|\\['\\ntr]){0,30}'''\Z"),
    st.from_regex(r"\A<http://[a-z'#/]{0,20}>\Z"),
    st.sampled_from(["?service ", "ex:service ", "'SERVICE' ", "'x'@service ", "1 ", "a ", ". ", "( ", "{ ", "} "]),
    st.sampled_from([" ", "\n", "\t", " # SERVICE ?x {\n"]),
)


@unhurried
@given(st.lists(harmless))
def test_nothing_harmless_is_refused(pieces: list[str]) -> None:
    assert outline("SELECT * { " + " ".join(pieces) + " }").service is None


@unhurried
@given(st.lists(harmless), st.lists(harmless), st.sampled_from(["SERVICE", "service", "Service", "1SERVICE"]))
def test_a_call_is_found_among_anything(before: list[str], after: list[str], keyword: str) -> None:
    text = "SELECT * { " + " ".join(before) + " "
    at = outline(f"{text}{keyword} ?x {{ {' '.join(after)} }}").service
    assert at == len(text)


before_a_call = st.sampled_from(
    [
        "?s ?p 1",
        "?s ?p true",
        "?s ?p ex:",
        "?s ?p ''",
        "?s ?p _:b",
        "FILTER(1<'>')",
        "FILTER('a'<'>'&&'b'>'a')",
        "FILTER(1<#>'''\n2)",
        "BIND(<#> AS ?z)",
        "BIND(<a'b> AS ?w)",
        "#'''\n",
        "FILTER(1<$b&&?c>1)",
        "{}",
        "?s ?p",
        'FILTER(ex:b<"\'>")',
        "?s ^ex:p 'x'",
        "BIND(?q<<u:#> AS ?m)\n",
        "?s ?p ?o{|ex:a ex:b|}",
        " ",
        ".",
        "\n",
    ]
)
called = st.sampled_from(
    ["<http://127.0.0.1:1/>", "ex:a", ":a", " SILENT ex:a", "SILENTex:a", "#'\n ex:a", "?x", " $x"]
)


@unhurried
@given(st.lists(before_a_call, max_size=5), called, st.lists(before_a_call, max_size=2))
def test_no_call_that_pyoxigraph_makes_is_missed(before: list[str], called: str, after: list[str]) -> None:
    prefixes = "BASE <http://b/> PREFIX ex: <http://127.0.0.1:1/> PREFIX : <http://127.0.0.1:1/> "
    text = f"{prefixes}SELECT * {{{''.join(before)}SERVICE{called}{{}}{''.join(after)}}}"
    calls = False
    try:
        bool(list(Store().query(text)))  # type: ignore[arg-type]
    except SyntaxError:
        pass
    except (OSError, RuntimeError):
        calls = True  # port 1 is refused before anything is sent
    assert not calls or outline(text).service is not None


@unhurried
@given(st.text())
def test_any_text_can_be_read(text: str) -> None:
    read = list(tokens(text))
    assert all(text.startswith(token.text, token.start) for token in read)
    outline(text)


@unhurried
@given(st.lists(harmless), st.sampled_from(["select", "ask", "construct", "describe"]))
def test_kind_is_the_first_word_that_is_one(pieces: list[str], kind: str) -> None:
    comments = "".join(piece for piece in pieces if piece.startswith("#"))
    head = f"{comments}BASE <http://ask/>\nPREFIX select: <http://describe/>\n{comments}"
    assert outline(f"{head}{kind} ?x {{ ?x a 'INSERT' }}").form == kind


@pytest.mark.parametrize("text", ["INSERT DATA { <a:a> <a:b> <a:c> }", "PREFIX a: <a:> DELETE WHERE { }", "clear all"])
def test_updates_are_refused(text: str) -> None:
    failure = check(text)
    assert isinstance(failure, Failure)
    assert failure.kind == "update"


def test_long_queries_are_refused() -> None:
    failure = check("ASK { ?s ?p '" + "x" * 100 + "' }", max_length=100)
    assert isinstance(failure, Failure)
    assert failure.kind == "too-long"


def test_place_counts_from_one() -> None:
    assert line_and_column("ab\nc", 0) == (1, 1)
    assert line_and_column("ab\nc", 3) == (2, 1)


def test_default_graph_is_the_union(store: Store) -> None:
    assert values(evaluate(store, QueryRequest("SELECT ?o { ?s ?p ?o }"))) == ["a", "b", "c"]


def test_from_is_heeded(store: Store) -> None:
    text = "SELECT ?o FROM <http://example.org/a> FROM NAMED <http://example.org/b> { %s }"
    assert values(evaluate(store, QueryRequest(text % "?s ?p ?o"))) == ["a"]
    assert values(evaluate(store, QueryRequest(text % "GRAPH ?g { ?s ?p ?o }"))) == ["b"]


def test_request_dataset_comes_before_from(store: Store) -> None:
    text = "SELECT ?o FROM <http://example.org/a> { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } }"
    named = QueryRequest(text, default_graphs=("http://example.org/b",), named_graphs=("http://example.org/c",))
    assert values(evaluate(store, named)) == ["b", "c"]
    assert values(evaluate(store, QueryRequest(text, default_graphs=("http://example.org/b",)))) == ["b"]
    assert values(evaluate(store, QueryRequest(text, named_graphs=("http://example.org/c",)))) == ["c"]


def test_a_graph_that_is_no_iri_is_refused(store: Store) -> None:
    failure = evaluate(store, QueryRequest("ASK {}", default_graphs=("not an iri",)))
    assert isinstance(failure, Failure)
    assert failure.kind == "dataset"


@pytest.mark.parametrize(
    ("text", "kind", "place", "said"),
    [
        ("SELECT * {\n ?s ?p }", "syntax", (2, 9), "cannot be read"),
        ("SELECT * { ?s foo:a ?o }", "prefix", (1, 15), "“foo:”"),
        ("SELECT ?s { ?s skos:broader ?o }", "prefix", (1, 16), "“skos:”"),
        ("SELECT ?o { ?s ?p ?o } GROUP BY ?s", "syntax", (1, 35), "variable that is unbound"),
        ("SELECT * { ?s <rel> ?o }", "syntax", (1, 20), "?s <rel> ?o }” (IRI parsing failed)"),
        ("no query", "syntax", (1, 9), "near “no query”"),
        ("ASK {} ASK {}", "syntax", (1, 14), "cannot be read"),
    ],
)
def test_syntax_errors_are_readable(store: Store, text: str, kind: str, place: tuple[int, int], said: str) -> None:
    failure = evaluate(store, QueryRequest(text))
    assert isinstance(failure, Failure)
    assert failure.kind == kind
    assert (failure.line, failure.column) == place
    assert said in failure.text("what")
    assert "\\u{" not in failure.text("what")


def test_known_prefixes_are_proposed(store: Store) -> None:
    failure = evaluate(store, QueryRequest("SELECT ?s { ?s skos:broader ?o }"))
    assert isinstance(failure, Failure)
    assert "PREFIX skos: <http://www.w3.org/2004/02/skos/core#>" in failure.text("do", "fr")


@pytest.mark.parametrize("media", list(RESULT_FORMATS))
def test_tables(store: Store, media: str) -> None:
    for text in ("SELECT ?o { ?s ?p ?o }", "ASK { ?s ?p ?o }"):
        answer = evaluate(store, QueryRequest(text, media))
        assert isinstance(answer, bytes)
        assert answer


@pytest.mark.parametrize("media", list(GRAPH_FORMATS))
def test_graphs(store: Store, media: str) -> None:
    for text in ("CONSTRUCT WHERE { ?s ?p ?o }", "DESCRIBE <http://example.org/s-a>"):
        answer = evaluate(store, QueryRequest(text, media))
        assert isinstance(answer, bytes)
        assert b"http://example.org/" in answer


def test_a_page_has_its_first_rows_only(store: Store) -> None:
    answer = evaluate(store, QueryRequest("SELECT ?o ?none { ?s ?p ?o } ORDER BY ?o", HTML, rows=2))
    assert isinstance(answer, bytes)
    page = json.loads(answer)
    assert page["variables"] == ["o", "none"]
    assert [row[0]["value"] for row in page["rows"]] == ["a", "b"]
    assert page["rows"][0][1] is None
    assert page["more"] is True
    graph = evaluate(store, QueryRequest("CONSTRUCT WHERE { ?s ?p ?o }", HTML, rows=3))
    assert isinstance(graph, bytes)
    assert json.loads(graph)["more"] is False
    assert evaluate(store, QueryRequest("ASK {}", HTML)) == b'{"boolean": true}'


def test_every_failure_has_its_words() -> None:
    for kind, entry in messages().items():
        for part in ("title", "what", "do"):
            assert entry[part]["fr"], kind
            assert entry[part]["en"], kind


def ask(release: Path, text: str, media: str | None = None, timeout: float = 60.0) -> bytes:
    return run(release, text, media, timeout=timeout, memory=1 << 30)


def test_run(release: Path) -> None:
    assert values(ask(release, "SELECT ?o { ?s ?p ?o }")) == ["a", "b", "c"]
    assert ask(release, "SELECT ?o { ?s ?p ?o } ORDER BY ?o LIMIT 1", "text/csv") == b"o\r\na\r\n"
    assert ask(release, "CONSTRUCT WHERE { <http://example.org/s-a> ?p ?o }").startswith(b"<http://example.org/s-a>")


@pytest.mark.parametrize(
    ("text", "media", "said"),
    [
        ("SELECT * { ?s ?p", None, "cannot be read"),
        (f"ASK {{ SERVICE {ENDPOINT} {{ }} }}", None, "SERVICE"),
        ("CLEAR ALL", None, "read-only"),
        ("ASK {}", "text/turtle", "cannot be answered in the format"),
        ("  \n", None, "no query"),
    ],
)
def test_run_refuses(release: Path, text: str, media: str | None, said: str) -> None:
    with pytest.raises(QueryError, match=said) as caught:
        ask(release, text, media)
    assert caught.value.do


def test_run_ends_in_time(release: Path) -> None:
    slow = "SELECT (COUNT(*) AS ?n) { " + " ".join(f"?a{i} ?b{i} ?c{i} ." for i in range(20)) + " }"
    with pytest.raises(QueryError, match=r"limit of 0\.5 seconds"):
        ask(release, slow, timeout=0.5)


def test_run_says_that_a_release_cannot_be_opened(tmp_path: Path) -> None:
    with pytest.raises(QueryError, match="cannot be opened"):
        ask(tmp_path, "ASK {}")
