"""Searches in SPARQL: what is rewritten, what is refused, and that nothing in strings or comments is taken for one."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad, QueryResultsFormat, RdfFormat, Store

from clirld.query.evaluate import QueryRequest, evaluate
from clirld.query.failure import Failure
from clirld.query.formats import HTML
from clirld.query.graphs import graphs_read
from clirld.query.run import run
from clirld.query.text_search import NAMESPACE, Searched, is_cut, is_used, searched
from clirld.search.find import MOST
from clirld.search.index import FILE, write
from clirld.settings import BASE
from clirld.web.protocol import STATUS

HEAD = f"PREFIX text: <{NAMESPACE}> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> "
THINGS = {"a": "Le bois", "b": "Le bois joli", "c": "L'eau", "d": "La forêt et le bois"}
"""Key → label; each stands in a graph of its own."""


def make_release(folder: Path, things: dict[str, str]) -> Path:
    store = Store(str(folder / "store"))
    label = NamedNode("http://www.w3.org/2000/01/rdf-schema#label")
    for key, text in things.items():
        thing, graph = NamedNode(f"{BASE}id/initiative/{key}"), NamedNode(f"{BASE}graph/{key}")
        store.add(Quad(thing, label, Literal(text, language="fr"), graph))
    store.dump(str(folder / "all.nq"), format=RdfFormat.N_QUADS)
    store.flush()
    write([folder / "all.nq"], folder / FILE)
    return folder


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_release(tmp_path_factory.mktemp("release"), THINGS)


@pytest.fixture(scope="module")
def store(release: Path) -> Store:
    return Store.read_only(str(release / "store"))


def answer(store: Store, release: Path, query: str, **given: Any) -> tuple[bytes | Failure, list[str]]:
    """The answer, and what was told of the hits."""
    out, told = io.BytesIO(), list[str]()
    failure = evaluate(store, QueryRequest(HEAD + query, **given), out, release, told.append)
    return failure or out.getvalue(), told


def things(store: Store, release: Path, query: str, **given: Any) -> list[str]:
    found, _ = answer(store, release, query, **given)
    assert isinstance(found, bytes), found
    return [row["s"]["value"].rpartition("/")[2] for row in json.loads(found)["results"]["bindings"]]


def test_a_search_gives_things_for_the_rest_of_the_query(store: Store, release: Path) -> None:
    query = 'SELECT ?s ?l { ?s text:query "bois" . ?s rdfs:label ?l }'
    assert set(things(store, release, query)) == {"a", "b", "d"}
    assert answer(store, release, query)[1] == ["3"]


def test_scores_give_the_order(store: Store, release: Path) -> None:
    assert things(store, release, 'SELECT * { (?s ?n) text:query "le bois" } ORDER BY DESC(?n)') == ["a", "b", "d"]
    query = 'SELECT ?s ?n { (?s ?n) text:query ("le bois" 2) } ORDER BY DESC(?n)'
    assert things(store, release, query) == ["a", "b"]
    found, told = answer(store, release, query, media_type="text/csv")
    assert isinstance(found, bytes)
    assert found.splitlines()[1] == f"{BASE}id/initiative/a,3".encode()
    assert told == ["2;cut"]


FORMS = [
    'SELECT ?s { ?s text:query "bois" }',
    "SELECT ?s { ?s text:query 'bois'@fr . }",
    'SELECT ?s { ?s text:query """bois""" FILTER(isIRI(?s)) }',
    'SELECT ?s { $s text:query ("bois") }',
    'SELECT ?s { (?s) text:query ("bo\\u0069s" 50) }',
    'SELECT ?s { (?s $n) text:query ("\\tBOIS"@fr 50).{} }',
    f'SELECT ?s {{ ?s <{NAMESPACE}query> "bois" }}',
    'PREFIX t: <http://jena.apache.org/text#qu> SELECT ?s { ?s t:ery "bois" }',
    'PREFIX : <http://jena.apache.org/text#> SELECT ?s { ?s :query "bois" }',
    'SELECT ?s { ?s rdfs:label ?l . ?s text:query "bois" }',
    'SELECT ?s { FILTER(isIRI(?s)) . ?s text:query "bois" OPTIONAL { ?s rdfs:label ?l } }',
    'SELECT ?s { { ?s text:query "bois" } }',
    'SELECT ?s { { SELECT ?s { ?s text:query "bois" } LIMIT 50 } ?s rdfs:label ?l }',
    'SELECT ?s { ?s rdfs:label ?l FILTER EXISTS { ?s text:query "bois" } }',
    'SELECT ?s { ?s rdfs:label ?l MINUS { ?s text:query "eau" } }',
    'SELECT ?s { ?s text:query "le" . ?s text:query "bois" }',
    'SELECT ?s { GRAPH ?g { ?s rdfs:label ?l . ?s text:query "bois" } }',
    '# ?x text:query "eau"\nSELECT ?s { ?s text:query "bois" # ?x text:query "eau"\n}',
    'SELECT ?s { ?s text:query "bois" BIND(\'?x text:query "eau" .\' AS ?b) }',
    'SELECT ?s { ?s text:query "bois" BIND("""a" . ?x text:query "eau" . """ AS ?b) }',
    # Among the predicates of a thing, as Jena's users write it.
    'SELECT ?s { ?s text:query "bois" ; rdfs:label ?l }',
    'SELECT ?s { ?s text:query ("bois" 50) ; rdfs:label ?l . ?s rdfs:label ?m }',
    'SELECT ?s { ?s rdfs:label ?l ; text:query "bois" }',
    'SELECT ?s { ?s rdfs:label ?l ; text:query "bois" ; rdfs:label ?m . }',
    'SELECT ?s { ?s text:query "bois" ; text:query "le" ; rdfs:label ?l }',
    'SELECT ?s { ?s rdfs:label ?l ;; text:query "bois" ; ; text:query "le" ;; . ?s rdfs:label ?m }',
    'SELECT ?s { ?s rdfs:label ?l ; text:query "bois" ; text:query "le" ; rdfs:label ?m ; text:query "boi" ; }',
    'SELECT ?s { ?s text:query "bois" ; FILTER(isIRI(?s)) }',
    'SELECT ?s { OPTIONAL { ?x rdfs:nothing ?y } ?s rdfs:label ?l ; text:query "bois" FILTER(isIRI(?s)) }',
    'SELECT ?s { ?s (rdfs:label) ?l . ?s rdfs:label|rdfs:a?/^rdfs:b* ?m ; text:query "bois" ; rdfs:label ?n }',
    'SELECT ?s { ?s ?p ?l, ?m ; text:query "bois" MINUS { ?s rdfs:label "x"@fr, "y"^^rdfs:z, 2 ; text:query "eau" }}',
    'SELECT ?s { ?s text:query "bois" ; rdfs:label ?l OPTIONAL { ?s ?p [ ?q (1 2.5) ], (?a) ; text:query "le" } }',
    'SELECT ?s { ?s text:query "bois" ; ?p ?o ; rdfs:label ?l OPTIONAL { ?s a ?c ; text:query "le" ; a ?d } }',
]


@pytest.mark.parametrize("query", FORMS)
def test_forms_that_are_taken(store: Store, release: Path, query: str) -> None:
    assert set(things(store, release, query)) == {"a", "b", "d"}


def test_other_forms_of_queries(store: Store, release: Path) -> None:
    found, _ = answer(store, release, 'ASK { ?s text:query "absent" }')
    assert found == b'{"head":{},"boolean":false}'
    construct = 'CONSTRUCT { ?s a ?n } WHERE { (?s ?n) text:query "l\'eau" }'
    found, _ = answer(store, release, construct, media_type="text/turtle")
    assert isinstance(found, bytes)
    assert found.startswith(f'<{BASE}id/initiative/c> a "3"^^'.encode())
    found, _ = answer(store, release, 'DESCRIBE ?s { ?s text:query "eau" }', media_type="text/turtle")
    assert isinstance(found, bytes)
    assert b"L'eau" in found


PLACE, SUBJECT, WORDS, LIMIT, LIST, COUNT, IRI = (
    "text-query",
    *(f"text-query-{why}" for why in ("subject", "words", "limit", "list", "count", "iri")),
)
REFUSED = {
    'CONSTRUCT { ?s text:query "bois" } WHERE { ?s rdfs:label ?l }': PLACE,
    'CONSTRUCT WHERE { ?s text:query "bois" }': PLACE,
    'SELECT * { (?s ?n) text:query "bois" ; rdfs:label ?l }': LIST,
    'SELECT * { (?s) text:query "bois" ; rdfs:label ?l }': LIST,
    'SELECT * { ?s text:query "bois", "eau" }': LIST,
    'SELECT * { ?s rdfs:label ?l ; text:query "bois", "eau" }': LIST,
    "SELECT * { ?s text:query ?words }": WORDS,
    "SELECT * { ?s text:query 20 }": WORDS,
    'SELECT * { ?s text:query (rdfs:label "bois") }': WORDS,
    'SELECT * { ?s text:query ("bois" 20 "more") }': WORDS,
    'SELECT * { ?s text:query ("bois" "lang:fr") }': WORDS,
    "SELECT * { ?s text:query () }": WORDS,
    'SELECT * { ?s text:query [ rdfs:label "bois" ] }': WORDS,
    'SELECT * { ?s text:query ("bois" 0) }': LIMIT,
    'SELECT * { ?s text:query ("bois" 10001) }': LIMIT,
    'SELECT * { ?s text:query ("bois" 20000) ; rdfs:label ?l }': LIMIT,
    'SELECT * { ?s text:query ("bois" -1) }': LIMIT,
    'SELECT * { ?s text:query ("bois" 2.5) }': LIMIT,
    'SELECT * { ?s text:query ("bois" 1e3) }': LIMIT,
    'SELECT * { (?s ?s) text:query "bois" }': SUBJECT,
    'SELECT * { (?s ?n ?l) text:query "bois" }': SUBJECT,
    'SELECT * { <http://example.org/a> text:query "bois" }': SUBJECT,
    'SELECT * { rdfs:label text:query "bois" ; rdfs:label ?l }': SUBJECT,
    'SELECT * { [] text:query "bois" }': SUBJECT,
    'SELECT * { _:b text:query "bois" }': SUBJECT,
    'SELECT * { ?x rdfs:label [ text:query "bois" ] }': PLACE,
    'SELECT * { ?x rdfs:label [ rdfs:label ?l ; text:query "bois" ] }': PLACE,
    'SELECT * { ?x rdfs:label ([ rdfs:label ?l ; text:query "bois" ]) }': PLACE,
    'SELECT * { [ rdfs:label ?l ] rdfs:label ?m ; text:query "bois" }': PLACE,
    'SELECT * { <http://example.org/a> rdfs:label ?l ; text:query "bois" }': PLACE,
    'SELECT * { ?s text:query/rdfs:label "bois" }': PLACE,
    'SELECT * { ?s rdfs:label ?l ; text:query/rdfs:label "bois" }': PLACE,
    'SELECT * { ?s text:query+ "bois" }': PLACE,
    'SELECT * { ?s ^text:query "bois" }': PLACE,
    'SELECT * { ?s rdfs:label ?l ; ^text:query "bois" }': PLACE,
    'SELECT * { ?s rdfs:label|text:query "bois" }': PLACE,
    'SELECT * { ?s !text:query "bois" }': PLACE,
    'SELECT * { ?s text:query "bois"^^<http://www.w3.org/2001/XMLSchema#string> }': PLACE,
    'SELECT * { ?s rdfs:label ?l FILTER(?l > "a") ?s text:query "bois" }': PLACE,
    'SELECT * { ?s rdfs:label ?l FILTER(?l > "a") ?t rdfs:label ?m ; text:query "bois" }': PLACE,
    'SELECT * { ?s a ?l FILTERrdfs:a(?l) ?t rdfs:label ?m ; text:query "bois" }': PLACE,
    'SELECT * { ?s rdfs:a 1FILTER(?s) ?t rdfs:label ?m ; text:query "bois" }': PLACE,
    "SELECT * { VALUES ?p { text:query } ?s ?p ?o }": PLACE,
    "SELECT * { ?s ?p text:query }": PLACE,
    "DESCRIBE text:query": PLACE,
    'SELECT ?s { ?s rdfs:label ?l } ORDER BY ?s text:query("bois")': PLACE,
    'SELECT ?s { { SELECT ?s { ?s rdfs:label ?l } ORDER BY (?l) ?s text:query("bois") } }': PLACE,
    'SELECT (text:query("bois") AS ?x) { }': PLACE,
    "SELECT * { " + '?s text:query "bois" . ' * 9 + "}": COUNT,
    'SELECT * { ?s text:query "bois"' + ' ; text:query "bois"' * 8 + "}": COUNT,
    # What one reader takes for an IRI and another for two comparisons.
    "SELECT * { ?s text:query \"bois\" FILTER(1<'>') }": IRI,
    "SELECT * { ?s text:query \"bois\" FILTER(1<#>'''\n2) #'''\n}": IRI,
    "PREFIX text: <http://jena.apache.org/text#> PREFIX text: <http://e.org/> SELECT * { ?s text:query 'a' }": IRI,
}


@pytest.mark.parametrize(("query", "why"), REFUSED.items())
def test_what_cannot_be_evaluated_is_refused_and_not_taken_for_a_triple(
    store: Store, release: Path, query: str, why: str
) -> None:
    failure, told = answer(store, release, query)
    assert isinstance(failure, Failure)
    assert failure.kind in (why, "syntax")
    assert told == []
    if failure.kind == why:
        assert STATUS[why] == 400
        assert failure.line is not None
        assert "text:query" in failure.text("do", "fr")
        assert "{" not in failure.text("do", "fr").replace("« { »", "")


def test_most_of_them_are_sparql() -> None:
    wrong = []
    for query in REFUSED:
        try:
            Store().query(HEAD + query)
        except SyntaxError:
            wrong.append(query)
        except RuntimeError:
            pass  # read: it is only then that there is no such function
    assert len(wrong) <= 4, wrong


def test_where_it_stands_is_told(store: Store, release: Path) -> None:
    failure, _ = answer(store, release, '\nSELECT * {\n  ?s rdfs:label ?l ; text:query "bois", "eau" }')
    assert isinstance(failure, Failure)
    assert (failure.kind, failure.line, failure.column) == ("text-query-list", 3, 39)


def test_errors_stand_where_they_were_written(store: Store, release: Path) -> None:
    failure, _ = answer(store, release, '\nSELECT * { ?s text:query "bois" . ?s foo:a ?b }')
    assert isinstance(failure, Failure)
    assert (failure.kind, failure.line, failure.column) == ("prefix", 2, 38)
    failure, _ = answer(store, release, '\nSELECT * { ?s text:query "bois" ?x ?y ?z }')
    assert isinstance(failure, Failure)
    assert (failure.kind, failure.line) == ("syntax", 2)


def test_a_missing_prefix_is_proposed(store: Store, release: Path) -> None:
    failure = evaluate(store, QueryRequest('SELECT * { ?s text:query "bois" }'), io.BytesIO(), release)
    assert isinstance(failure, Failure)
    assert f"PREFIX text: <{NAMESPACE}>" in failure.text("do")


@pytest.mark.parametrize("words", ["", '\\"', "NEAR(", "☕", "\\u0000", "de la", "' OR 1", "*"])
def test_any_words(store: Store, release: Path, words: str) -> None:
    assert isinstance(answer(store, release, f'SELECT * {{ ?s text:query "{words}" }}')[0], bytes)


def test_a_release_without_an_index_says_so(store: Store, tmp_path: Path) -> None:
    failure, _ = answer(store, tmp_path, 'SELECT * { ?s text:query "bois" }')
    assert isinstance(failure, Failure)
    assert failure.kind == "no-search"


def test_a_damaged_index_says_so(store: Store, tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"not a database" * 100)
    failure, _ = answer(store, tmp_path, 'SELECT * { ?s text:query "bois" }')
    assert isinstance(failure, Failure)
    assert failure.kind == "damaged"


def test_without_a_release_it_is_a_triple_like_any_other(store: Store) -> None:
    out = io.BytesIO()
    assert evaluate(store, QueryRequest(HEAD + 'SELECT * { ?s text:query "bois" }'), out) is None
    assert json.loads(out.getvalue())["results"]["bindings"] == []


def test_its_things_may_be_of_any_graph_so_no_graph_is_named() -> None:
    query = f'{HEAD} SELECT ?s {{ GRAPH <{BASE}graph/a> {{ ?s rdfs:label ?l . ?s text:query "bois" }} }}'
    assert graphs_read(query) is None
    assert graphs_read(query.replace("text", "")) is not None


def test_a_page_says_that_it_is_cut_whoever_said_where(tmp_path: Path) -> None:
    release = make_release(tmp_path, {f"n{n}": f"Lieu {n}" for n in range(MOST + 1)})
    store = Store.read_only(str(release / "store"))
    for asked, cut in (('"lieu"', True), ('("lieu" 5)', True), ('("lieu" 2000)', False)):
        found, told = answer(store, release, f"SELECT * {{ ?s text:query {asked} }}", media_type=HTML)
        assert isinstance(found, bytes)
        assert json.loads(found).get("cut", False) is cut
        assert is_cut(told[0]) is cut
        assert told[0].endswith(";cut") is cut


def test_in_a_process_of_its_own(release: Path) -> None:
    told: list[str] = []
    query = HEAD + 'SELECT ?s { ?s text:query ("bois" 1) . ?s text:query "le" }'
    found = run(release, query, "text/csv", timeout=60, memory=1 << 30, tell_hits=told.append)
    assert found.splitlines() == [b"s", f"{BASE}id/initiative/a".encode()]
    assert told == ["1;cut, 3"]


text_patterns = st.sampled_from(['?s text:query "bois" .', '(?s ?n) text:query ("bois" 2) .'])
harmless = st.one_of(
    st.text(st.characters(exclude_characters="\\\"'\r\n", exclude_categories=["Cs"])).map(
        lambda s: f'BIND("{s}" AS ?v)'
    ),
    st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"])).map(lambda s: f"#{s}\n"),
    st.sampled_from(
        [
            "BIND('?x text:query \"eau\" .' AS ?v)",
            '# ?x text:query "eau" .\n',
            'BIND("""?x text:query "eau" . """ AS ?v)',
            "FILTER(?a<?b&&?c>?d)",
            "{} ",
            "OPTIONAL { ?o rdfs:label ?l . }",
            'BIND("\\" . ?x text:query \'eau\' . " AS ?v)',
        ]
    ),
)


@given(st.lists(harmless, max_size=4), text_patterns, st.lists(harmless, max_size=4))
def test_only_the_pattern_is_replaced_whatever_is_around_it(
    release: Path, before: list[str], pattern: str, after: list[str]
) -> None:
    start = f"{HEAD}SELECT ?s {{ {' '.join(before)} . {{}} "
    end = f"\n{' '.join(after)} }}"
    made = searched(f"{start}{pattern}{end}", release)
    if isinstance(made, Failure):  # refused, where it cannot be sure
        assert made.kind in ("text-query", "text-query-iri")
        assert "<" in "".join([*before, *after])
    else:
        assert made.query.startswith(f"{start}VALUES (")
        assert made.query.endswith(f".{end}")
        assert made.hits in ("3", "2;cut")


@pytest.fixture(scope="module")
def oracle(release: Path) -> Store:
    """A store that has as triples what the search for « bois » finds."""
    store = Store()
    for quad in Store.read_only(str(release / "store")):
        store.add(quad)
    for key in ("a", "b", "d"):
        thing = NamedNode(f"{BASE}id/initiative/{key}")
        store.add(Quad(thing, NamedNode(f"{NAMESPACE}query"), Literal("bois"), NamedNode(f"{BASE}graph/{key}")))
    return store


pieces = st.sampled_from(
    [
        '?s text:query "bois" .',
        "?s text:query 'bois' .",
        '. ?t text:query "bois"',
        f"{{ ?s <{NAMESPACE}query> 'bois' }}",
        "?s rdfs:label ?l .",
        "?s rdfs:label ?m ; text:query 'bois' ;",
        "?t text:query 'bois' ;",
        "; text:query 'bois'",
        "; rdfs:label ?l",
        ", 'Le bois'@fr",
        "[ rdfs:label ?l ]",
        "^rdfs:label/rdfs:label ?o",
        " a ?o",
        ";",
        "FILTER(1<'>')",
        "FILTER('a'<'>'&&'b'>'a')",
        "FILTER(1<#>'''\n2)",
        "BIND(<#> AS ?z)",
        "BIND(<a'b> AS ?w)",
        "#'''\n",
        "#\n",
        "FILTER(1<?b&&?c>1)",
        "OPTIONAL { ?s rdfs:label 'Le bois'@fr }",
        "?s ?p '",
        '?s ?p "',
        "'",
        '"""',
        "}",
        "{",
        " ",
        ".",
        "\n",
    ]
)


@settings(max_examples=500)
@given(st.lists(pieces, min_size=1, max_size=8))
def test_what_is_searched_is_what_pyoxigraph_reads_as_a_triple(release: Path, oracle: Store, chosen: list[str]) -> None:
    query = f"BASE <http://b/> {HEAD} SELECT DISTINCT ?s ?t {{ {''.join(chosen)} }}"
    try:
        wanted = oracle.query(query, use_default_graph_as_union=True)
    except (SyntaxError, RuntimeError):
        return
    made = searched(query, release)
    if isinstance(made, Failure):
        assert made.kind.startswith("text-query")
        return
    found = oracle.query(made.query, use_default_graph_as_union=True)
    form = QueryResultsFormat.TSV
    assert sorted(wanted.serialize(format=form).splitlines()) == sorted(found.serialize(format=form).splitlines())


@given(st.text(max_size=60))
def test_any_text_can_be_read(release: Path, text: str) -> None:
    made = searched(f'{HEAD}SELECT ?s {{ ?s text:query "bois" . }}{text}', release)
    assert isinstance(made, Searched | Failure)
    assert is_used(HEAD)
    assert not is_used(text)
