"""Comunica (npm) asks the example queries: of the endpoint, and of the document that an IRI leads to."""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from pathlib import Path

from pyoxigraph import QuerySolutions, Store

from tests.clients.ldes import FOLDER
from tests.conftest import PROJECT

_SCRIPT = """
import { readFileSync } from "node:fs";
import { QueryEngine } from "@comunica/query-sparql";
const engine = new QueryEngine();
for (const { query, sources } of JSON.parse(readFileSync(0))) {
  const rows = await (await engine.queryBindings(query, { sources, unionDefaultGraph: true })).toArray();
  const of = (row) => Object.fromEntries([...row].map(([name, term]) => [name.value, term.value]));
  console.log(JSON.stringify(rows.map(of)));
}
"""
_ABOUT = "SELECT ?p ?o WHERE {{ <{0}> ?p ?o }}"


def ask(release: Path, address: str) -> str:
    """Ask a release that is served; what was asked. Raises AssertionError where pyoxigraph finds other rows."""
    if not (FOLDER / "node_modules" / "@comunica").is_dir():
        return "left out: npm did not install it"
    script = FOLDER / "ask.mjs"
    script.write_text(_SCRIPT, encoding="utf-8")
    store = Store.read_only(str(release / "store"))
    queries = [path.read_text(encoding="utf-8") for path in sorted((PROJECT / "queries").glob("*.rq"))]
    queries = [query for query in queries if "geof:" not in query]  # Comunica has no functions of GeoSPARQL
    questions = [(query, f"{address}/sparql") for query in queries]
    # the IRI is under w3id.org: its document is asked for where this server has it
    initiative = _rows(store, "SELECT ?i WHERE { ?i a <https://w3id.org/clirld/ontology#Initiative> } ORDER BY ?i")[0]
    iri = initiative["i"]
    document = f"{address}{iri.removeprefix('https://w3id.org/clirld').replace('/id/', '/doc/', 1)}"
    questions.append((_ABOUT.format(iri), document))
    asked = json.dumps([{"query": query, "sources": [source]} for query, source in questions])
    done = subprocess.run(
        ["node", str(script)], input=asked, capture_output=True, text=True, timeout=300, check=False, cwd=FOLDER
    )
    assert done.returncode == 0, done.stderr[-2000:]
    told = [json.loads(line) for line in done.stdout.splitlines()]
    for (query, source), rows in zip(questions, told, strict=True):
        wanted = _rows(store, query)
        assert _counted(rows) == _counted(wanted), f"{source}: {query}: {len(rows)} rows, {len(wanted)} by pyoxigraph"
    empty = sum(not rows for rows in told)
    assert empty <= 1, f"{empty} queries without a row: nothing was compared"  # the samples disagree on nothing
    return f"{len(queries)} queries to the endpoint and one to a document, {sum(map(len, told))} rows, the same"


def _rows(store: Store, query: str) -> list[dict[str, str]]:
    solutions = store.query(query, use_default_graph_as_union=True)
    assert isinstance(solutions, QuerySolutions)
    names = [variable.value for variable in solutions.variables]
    return [
        {name: term.value for name in names if (term := solution[name]) is not None}  # type: ignore[union-attr]
        for solution in solutions
    ]


def _counted(rows: list[dict[str, str]]) -> Counter[str]:
    return Counter(json.dumps(row, sort_keys=True) for row in rows)
