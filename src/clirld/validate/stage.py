"""The validate stage of one source: its folder under the fingerprint of the graph, the shapes and the engine."""

from __future__ import annotations

from pathlib import Path

from clirld import stages
from clirld.map.version import VERSION_FILE, content_version
from clirld.records import accounts
from clirld.records.accounts import Account
from clirld.settings import Settings
from clirld.validate import engine, kept
from clirld.validate.graph import results_key, validate
from clirld.validate.shacl import Shapes
from clirld.validate.shards import Elsewhere
from clirld.validate.source_cells import FindOrigins
from clirld.vocabulary.terms import Vocabulary


def validate_graph(
    source: str,
    records: Path,
    graph: Path,
    settings: Settings,
    shapes: Shapes,
    vocabulary: Vocabulary,
    origins: FindOrigins = lambda _: {},
    elsewhere: Elsewhere | None = None,
) -> tuple[Path, bool]:
    """The folder with the graph less what is held back, the report and the account; and whether it was there already.

    `records` and `graph` are the folders of the tables that are published and of the map stage; `origins` looks into
    the files that they were made of; shards of a large graph may be looked at `elsewhere`.
    """
    name = stages.fingerprint(graph.name, stages.program_fingerprint(), shapes.fingerprint, engine.version())

    def work(out: Path) -> None:
        earlier = kept.find(out.parent, results_key(shapes, vocabulary))
        validate(
            graph / "graph.nq",
            shapes,
            vocabulary,
            out,
            source=source,
            earlier=earlier,
            origins=origins,
            elsewhere=elsewhere,
        )
        account = Account.load(records / "account.json").with_held(accounts.held_rows(records, out / "held.jsonl"))
        account.check_balance()
        account.write(out / "account.json")
        (out / VERSION_FILE).write_text(content_version(out / "graph.nq"), encoding="ascii")

    return stages.run_stage(settings.data / "validated" / source, name, work)
