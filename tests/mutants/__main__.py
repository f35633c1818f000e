"""`make mutants`: small faults put into the modules that decide what is published; do their tests see them?

A sample of mutations, the same for the same seed, is made one at a time in a copy of `src/clirld`, and the tests that
execute the line run against it, the quickest first, until one fails. Which tests execute what is found by running
them once on a copy that notes it. Exit code 1 where fewer than 95 % of the sample are caught, those not counted that
`equivalent.yaml` says to be equivalent.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter, defaultdict
from hashlib import sha256
from pathlib import Path

from ruamel.yaml import YAML

from tests.mutants import runs
from tests.mutants.mutations import Mutant, mutants_of

EQUIVALENT = Path(__file__).with_name("equivalent.yaml")
LEAST = 0.95


def main() -> int:
    """Make the sample, run it, tell what survived."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sample", type=int, default=200, help="how many mutations; 0 for all")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--only", default="", help="part of the name of the modules")
    parser.add_argument("--list", action="store_true", help="say which mutations there are, and stop")
    given = parser.parse_args()
    start = time.monotonic()
    ranked = _ranked(given.seed)
    entries = YAML(typ="safe").load(EQUIVALENT.read_text(encoding="utf-8")) or []
    equivalent = {(one["module"], one["function"], one["before"], one["after"]) for one in entries}
    for name in sorted(equivalent - {one.name for one in ranked}):
        print("equivalent.yaml: no such mutation (any more):", *name)
    chosen = [one for one in ranked[: given.sample or None] if given.only in one.module]
    chosen.sort(key=lambda one: (one.module, one.line))
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    tried = []
    for one in chosen:
        if one.name in equivalent:
            counts[one.module]["equivalent"] += 1
        else:
            tried.append(one)
    print(f"{len(chosen)} of {len(ranked)} mutations, {len(chosen) - len(tried)} of them equivalent", flush=True)
    if given.list:
        print(*chosen, sep="\n")
        return 0
    survivors = []
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        for mutant, caught in runs.attempt(tried, Path(folder), given.workers):
            counts[mutant.module]["caught" if caught else "survived"] += 1
            if not caught:
                survivors.append(mutant)
                print("survived:", mutant, flush=True)
    print()
    for module, count in sorted(counts.items()):
        print(f"{module:24}", *(f"{count[of]:4} {of}" for of in ("caught", "survived", "equivalent")))
    for mutant in sorted(survivors, key=lambda one: (one.module, one.line)):
        print(mutant)
    share = 1 - len(survivors) / max(1, len(tried))
    print(f"{len(tried) - len(survivors)} of {len(tried)} caught, {share:.1%}, in {time.monotonic() - start:.0f} s")
    return 0 if share >= LEAST else 1


def _ranked(seed: str) -> list[Mutant]:
    """All mutants, in the order of a hash of what they are: a sample changes little where the code changes little."""
    named: Counter[tuple[str, ...]] = Counter()
    ranks = {}
    for mutant in (one for module in runs.TESTS for one in mutants_of(module)):
        named[mutant.name] += 1
        ranks[sha256(repr((seed, mutant.name, named[mutant.name])).encode()).digest()] = mutant
    return [ranks[rank] for rank in sorted(ranks)]


if __name__ == "__main__":
    sys.exit(main())
