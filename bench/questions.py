"""What the project's own questions cost: each query of `ontology/competency`, `queries` and `shapes/tiers`, by itself.

    python -m bench.questions --data DIR [--most 0.5]

Processor seconds on the store of the current release, the lesser of two runs, the dearest first. Ends with 1 where one
takes more than `--most`.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from pyoxigraph import QueryBoolean, Store

from bench.measure import machine

PROJECT = Path(__file__).resolve().parent.parent
FOLDERS = ("ontology/competency", "queries", "shapes/tiers")


def asked(store: Store) -> Iterator[tuple[float, str, int]]:
    """Seconds, file and number of rows of each question."""
    for path in (path for folder in FOLDERS for path in sorted((PROJECT / folder).glob("*.rq"))):
        runs, count = [], 0
        for _ in range(2):
            start = time.process_time()
            answer = store.query(path.read_text(encoding="utf-8"), use_default_graph_as_union=True)
            count = 1 if isinstance(answer, QueryBoolean) else sum(1 for _row in answer)
            runs.append(time.process_time() - start)
        yield min(runs), path.relative_to(PROJECT).as_posix(), count


def main(say: Callable[[str], None] = print) -> None:
    """Measure, and say it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="data folder with a release")
    parser.add_argument("--most", type=float, default=0.5, help="seconds that one may take (%(default)s)")
    options = parser.parse_args()
    say(str(machine()))
    found = sorted(asked(Store.read_only(str(options.data / "current" / "store"))), reverse=True)
    for seconds, name, count in found:
        say(f"{seconds:7.3f} s {count:7,} rows  {name}")
    if found[0][0] > options.most:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
