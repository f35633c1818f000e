"""Networks and panels of a release: they say what the store says, mix no licences, and others read them."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import networkx as nx
import polars as pl
import pytest
from pyoxigraph import Store

from clirld.release import published
from clirld.release.extracts import graphml, network
from clirld.release.extracts.tables import ReleasedTables, read_same
from clirld.release.published import Release
from clirld.settings import BASE

PREFIXES = """
PREFIX clir: <https://w3id.org/clirld/ontology#>
PREFIX org: <http://www.w3.org/ns/org#>
PREFIX igeo: <http://rdf.insee.fr/def/geo#>
"""
SAME = "OPTIONAL { GRAPH <https://w3id.org/clirld/graph/links> { ?said <http://www.w3.org/2002/07/owl#sameAs> ?one } }"


@pytest.fixture(scope="module")
def made(samples: Path) -> Release:
    release = published.current(samples)
    assert release
    return release


@pytest.fixture(scope="module")
def store(made: Release) -> Store:
    return Store.read_only(str(made.folder / "store"))


def groups(made: Release) -> dict[str, list[str]]:
    """The sources of each licence group that has extracts."""
    listed = made.manifest["rights"]["groups"]
    return {one["id"]: one["sources"] for one in listed if (made.folder / "extracts" / one["id"]).is_dir()}


def asked(store: Store, query: str, sources: list[str]) -> list[tuple[str, ...]]:
    """Rows of the last parts of IRIs, or of texts, of a query over the graphs of some sources."""
    graphs = " ".join(f"<{BASE}graph/{source}>" for source in sources)
    found = store.query(PREFIXES + query.replace("GRAPHS", graphs))
    return [tuple(one.value.rpartition("/")[2] if one else "" for one in row) for row in found]  # type: ignore[union-attr]


def read(made: Release, group: str, name: str) -> pl.DataFrame:
    return pl.read_parquet(made.folder / "extracts" / group / f"{name}.parquet")


def test_every_participation_of_the_store_is_an_affiliation(made: Release, store: Store) -> None:
    query = "SELECT ?p ?m ?i { VALUES ?g { GRAPHS } GRAPH ?g { ?p org:organization ?i ; org:member ?m } }"
    for group, sources in groups(made).items():
        told = asked(store, query, sources)
        if not told:
            continue
        rows = read(made, group, "network_affiliations")
        assert sorted(one for one, *_rest in told) == sorted(rows["id"])
        counted = read(made, group, "network_nodes").group_by("mode").agg(pl.col("participations").sum(), pl.len())
        # Each row is told of twice: of its actor, and of its initiative.
        assert set(counted["participations"]) == {len(told)}


def test_roles_and_years_are_those_of_the_store(made: Release, store: Store) -> None:
    query = """SELECT ?role (COUNT(*) AS ?n) { VALUES ?g { GRAPHS }
      GRAPH ?g { ?p a clir:Participation ; org:role ?role } } GROUP BY ?role"""
    rows = read(made, "open", "network_affiliations")
    roles = pl.concat([rows["role"], rows["public_role"]]).drop_nulls().value_counts()
    assert dict(roles.rows()) == {role: int(n) for role, n in asked(store, query, groups(made)["open"])}
    query = "SELECT ?p ?y { VALUES ?g { GRAPHS } GRAPH ?g { ?p a clir:Participation ; clir:startYear ?y } }"
    dated = rows.filter(pl.col("start_date").is_null()).drop_nulls("start_year").select("id", "start_year")
    assert {(key, str(year)) for key, year in dated.rows()} <= set(asked(store, query, groups(made)["open"]))


def test_pairs_are_those_of_one_initiative(made: Release) -> None:
    rows, pairs = read(made, "open", "network_affiliations"), read(made, "open", "network_cooperations")
    of_one = rows.group_by("initiative").agg(pl.col("actor").unique())
    together = {name: set(actors) for name, actors in of_one.rows()}
    for actor, other, initiative, actors in pairs.select("actor", "other", "initiative", "actors").rows():
        assert {actor, other} <= together[initiative]
        assert actor < other
        assert actors == len(together[initiative])
    most = sum(len(actors) * (len(actors) - 1) // 2 for actors in together.values())
    assert 0 < len(pairs) <= most


def one_initiative(*years: tuple[int | None, int | None]) -> pl.LazyFrame:
    rows = [
        {"actor": f"organization:{n}", "initiative": "initiative:a", "role": "carrier", "public_role": None}
        | {"start_year": start, "end_year": end, "source": "s", "license": "l"}
        for n, (start, end) in enumerate(years)
    ]
    schema = {"public_role": pl.String(), "start_year": pl.Int32(), "end_year": pl.Int32()}
    return pl.LazyFrame(rows, schema_overrides=schema)


@pytest.mark.parametrize(
    ("years", "expected"),
    [
        ([(2010, 2012), (2011, None)], [(2011, 2012)]),
        ([(2010, 2012), (2013, None)], []),  # they never were there together
        ([(2010, 2012), (2012, 2015)], [(2012, 2012)]),
        ([(None, None), (2013, None)], [(2013, None)]),
        ([(None, 2012), (None, None)], [(None, 2012)]),  # not said is not “no”
    ],
)
def test_two_cooperate_while_both_are_there(years: list, expected: list) -> None:
    pairs = network.cooperations(one_initiative(*years)).collect()
    assert pairs.select("start_year", "end_year").rows() == expected


def test_weights_of_an_initiative_add_up() -> None:
    pairs = network.cooperations(one_initiative(*[(None, None)] * 4)).collect()
    # Each of the four gives one, in three parts; a pair has a part of either, counted once.
    assert pairs["weight"].sum() * 2 == pytest.approx(4)


def test_initiatives_of_a_territory_are_those_of_the_store(made: Release, store: Store) -> None:
    for how, property_ in (("seated", "clir:seatedIn"), ("acting", "clir:actsIn")):
        query = f"""SELECT ?t (COUNT(DISTINCT ?i) AS ?n) {{ VALUES ?g {{ GRAPHS }}
          GRAPH ?g {{ ?said a clir:Initiative ; {property_} ?t }} {SAME}
          BIND(COALESCE(?one, ?said) AS ?i) }} GROUP BY ?t"""
        for group, sources in groups(made).items():
            told = {place: int(n) for place, n in asked(store, query, sources) if place.startswith("commune-")}
            name = f"initiatives_{how}"
            panel = read(made, group, "territory_panel_commune").group_by("territory").agg(pl.col(name).sum())
            counted = {place: n for place, n in panel.rows() if n}
            if group == "open":
                assert counted == told
            else:  # communes are known from the territories of the open group
                assert counted.items() <= told.items()


def test_recognitions_of_a_territory_are_those_of_the_store(made: Release, store: Store) -> None:
    query = f"""SELECT ?kind ?year (COUNT(DISTINCT ?found) AS ?n) {{ VALUES ?g {{ GRAPHS }}
      GRAPH ?g {{ ?r clir:recognitionKind ?kind ; clir:recognises ?said . OPTIONAL {{ ?r clir:year ?year }} }}
      GRAPH ?where {{ ?said clir:seatedIn|clir:actsIn ?t }} FILTER(CONTAINS(STR(?t), "/commune-"))
      {SAME} BIND(CONCAT(STR(COALESCE(?one, ?said)), STR(?t)) AS ?found) }} GROUP BY ?kind ?year"""
    told = {(kind, year): int(n) for kind, year, n in asked(store, query, groups(made)["open"])}
    panel = read(made, "open", "territory_panel_commune")
    counted = {}
    for kind in {kind for kind, _year in told}:
        column = f"recognition_{kind.replace('-', '_')}"
        for year, number in panel.group_by("year").agg(pl.col(column).sum()).rows():
            if number:
                counted[kind, str(year or "")] = number
    assert counted == told


def test_a_panel_has_each_territory_in_each_year_once(made: Release) -> None:
    for kind in ("epci", "commune"):
        panel = read(made, "open", f"territory_panel_{kind}")
        assert not panel.select("territory", "year").is_duplicated().any()
        numbers = panel.drop_nulls("year").group_by("year").len()
        # Balanced, but for the years in which single initiatives began.
        assert numbers["len"].max() == panel["territory"].n_unique()


def test_figures_stand_in_their_year(made: Release) -> None:
    figures = pl.read_parquet(made.folder / "tables" / "open" / "territory_figures.parquet")
    panel = read(made, "open", "territory_panel_commune").filter(pl.col("year") == 2021).drop_nulls("population")
    known = dict(figures.select("territory", "population_2021").rows())
    assert len(panel)
    assert all(known[place] == str(number) for place, number in panel.select("territory", "population").rows())


def test_no_file_has_rows_of_another_group(made: Release) -> None:
    for group, sources in groups(made).items():
        for name in ("network_nodes", "network_affiliations", "network_cooperations"):
            if (made.folder / "extracts" / group / f"{name}.parquet").is_file():
                rows = read(made, group, name)
                told = rows["sources"].explode() if "sources" in rows.columns else rows["source"]
                assert set(told) <= set(sources)
        with (made.folder / "extracts" / group / "codebook.csv").open(encoding="utf-8") as lines:
            named = {source for one in csv.DictReader(lines) for source in one["sources"].split(" | ") if source}
        assert named <= set(sources)


@pytest.mark.parametrize("group", ["open", "odbl", "by-permission"])
def test_networkx_reads_the_networks(made: Release, group: str) -> None:
    folder = made.folder / "extracts" / group
    nodes, rows = read(made, group, "network_nodes"), read(made, group, "network_affiliations")
    two_mode = nx.read_graphml(folder / "affiliations.graphml", force_multigraph=True)
    assert (set(two_mode), two_mode.number_of_edges()) == (set(nodes["id"]), len(rows))
    assert {end: one["mode"] for end, one in two_mode.nodes(data=True)} == dict(nodes.select("id", "mode").rows())
    assert sorted(one["participation"] for *_ends, one in two_mode.edges(data=True)) == sorted(rows["id"])
    one_mode = nx.read_graphml(folder / "cooperations.graphml", force_multigraph=True)
    weights = sum(one["weight"] for *_ends, one in one_mode.edges(data=True))
    assert weights == pytest.approx(read(made, group, "network_cooperations")["weight"].sum())


def test_what_xml_cannot_hold_is_left_out(tmp_path: Path) -> None:
    nodes = pl.LazyFrame({"id": ['a"<', "b&"], "name": ["x\x00\x0by < é", None], "public": [True, None]})
    edges = pl.LazyFrame({"one": ['a"<'], "other": ["b&"], "roles": [["carrier", "co-owner"]]})
    graphml.write(tmp_path / "x.graphml", nodes, edges, ["one", "other"], "a < b")
    graph = nx.read_graphml(tmp_path / "x.graphml")
    assert dict(graph.nodes(data=True)) == {'a"<': {"name": "xy < é", "public": True}, "b&": {}}
    assert list(graph.edges(data=True)) == [('a"<', "b&", {"roles": "carrier | co-owner"})]


def test_what_is_one_is_one_node(tmp_path: Path) -> None:
    same = "<http://www.w3.org/2002/07/owl#sameAs>"
    links = tmp_path / "links.nq"
    links.write_text(f"<{BASE}id/organization/b> {same} <{BASE}id/organization/a> <{BASE}graph/links> .\n", "utf-8")
    tables = ReleasedTables(tmp_path, {}, read_same(links))
    named = pl.DataFrame({"key": ["a", "b", "c"]}).select(tables.short_name("organization", "key"))
    assert named["key"].to_list() == ["organization:a", "organization:a", "organization:c"]


def test_the_codebook_tells_of_every_column(made: Release) -> None:
    for group in groups(made):
        folder = made.folder / "extracts" / group
        with (folder / "codebook.csv").open(encoding="utf-8") as lines:
            told = list(csv.DictReader(lines))
        metadata = json.loads((folder / "csv-metadata.json").read_text(encoding="utf-8"))
        csvw = {one["url"]: one["tableSchema"]["columns"] for one in metadata["tables"]}
        for path in folder.glob("*.csv"):
            if path.name == "codebook.csv":
                continue
            with path.open(encoding="utf-8") as lines:
                header = next(csv.reader(lines))
            of_file = [one for one in told if one["table"] == path.stem]
            assert [one["column"] for one in of_file] == header == [one["name"] for one in csvw[path.name]]
            for one in of_file:
                assert all(one[name] for name in ("type", "definition_fr", "definition_en", "missing_fr", "missing_en"))
                assert one["rows"] == str(len(pl.read_parquet(path.with_suffix(".parquet"))))


def test_the_catalogue_lists_them(made: Release) -> None:
    catalogue = (made.folder / "catalog.ttl").read_text(encoding="utf-8")
    for group in groups(made):
        for path in (made.folder / "extracts" / group).iterdir():
            assert f"extracts/{group}/{path.name}" in catalogue
