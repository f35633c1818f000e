"""The contender of the release stage: nothing but `bulk_load` into a new store."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import pyoxigraph as ox

from bench.contender import Figures, main


def load_bare(graph: Path, out: Path) -> Figures:
    """Nothing but `bulk_load` into a new store."""
    shutil.rmtree(out, ignore_errors=True)
    start = time.perf_counter()
    store = ox.Store(str(out))
    store.bulk_load(path=str(graph), format=ox.RdfFormat.N_QUADS)
    store.flush()
    del store
    return {"seconds": time.perf_counter() - start, "quads": len(ox.Store.read_only(str(out)))}


if __name__ == "__main__":
    main(load_bare)
