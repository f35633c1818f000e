"""Try the clients that are installed, and print what each was given and made of it.

    python -m tests.clients DATA      DATA has a release, such as that of `clirld demo`

Ends with 1 where one that is there failed; one that is not there is said to be left out.
"""

from __future__ import annotations

import sys
from pathlib import Path

from tests.clients import atlas, browser, comunica, editor, ldes, openrefine, portal, researchers, tables, virtuoso
from tests.web.served import serve_settings, serving

CLIENTS = {
    "udata, the reader of data.gouv.fr": portal.read,
    "Comunica": comunica.ask,
    "ldes-client": ldes.follow,
    "axe-core in Chromium": browser.look,
    "the SPARQL editor in Chromium": editor.write,
    "the map in Chromium": atlas.travel,
    "OpenRefine": openrefine.reconcile,
    "frictionless, csvw, rocrate": tables.describe,
    "DuckDB over HTTP": tables.ask_duckdb,
    "GeoPackage": tables.open_geopackages,
    "docs/researchers.md in Python and R": researchers.work_through,
    "Virtuoso": virtuoso.publish_there,
}


def main(data: Path) -> int:
    """Try them all; gives how many failed."""
    failed = 0
    with serving(data, serve_settings()) as address:
        for name, client in CLIENTS.items():
            try:
                said = client(data / "current", address.rstrip("/"))
            except AssertionError as problem:
                failed += 1
                said = f"FAILED: {problem}"
            print(f"{name}: {said}", flush=True)
    return failed


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1])) > 0)
