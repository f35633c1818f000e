"""Random graphs of judgements, and what nomenklatura's Resolver makes of them: run in an environment that has it.

    .venv-resolver/bin/python -m tests.link.judgements.graphs > tests/link/judgements/resolver.txt

Imports nothing of the project, which that environment has not.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterable, Iterator
from hashlib import sha256
from itertools import combinations

COUNT = 1000
Decision = tuple[str, str, str]
"""Two names, and same, different or unsure."""


def graphs(count: int = COUNT) -> Iterator[list[Decision]]:
    """Graphs of 2 to 14 names with up to twice as many decisions, each pair at most once; the same ones each time."""
    for seed in range(count):
        chance = random.Random(seed)
        names = [f"n{number}" for number in range(chance.randint(2, 14))]
        pairs = chance.sample(every := list(combinations(names, 2)), min(len(every), chance.randint(1, 2 * len(names))))
        weights = (chance.random(), chance.random(), chance.random() / 2)
        found = [(*pair, chance.choices(("same", "different", "unsure"), weights)[0]) for pair in pairs]
        yield [(one, other, said) if chance.random() < 0.5 else (other, one, said) for one, other, said in found]


def digest(groups: Iterable[Iterable[str]], apart: Iterable[Iterable[str]]) -> str:
    """Of what is one, and of the pairs of names that are not and must not be asked again."""
    told = repr((sorted(map(sorted, groups)), sorted(map(sorted, apart))))
    return sha256(told.encode()).hexdigest()[:16]


def by_resolver(decisions: Iterable[Decision]) -> str:
    """What nomenklatura 4.17 says of a graph."""
    from nomenklatura.db import Session
    from nomenklatura.judgement import Judgement
    from nomenklatura.resolver import Resolver
    from sqlalchemy import create_engine

    kinds = {"same": Judgement.POSITIVE, "different": Judgement.NEGATIVE, "unsure": Judgement.UNSURE}
    # A database of its own: nothing is known of the graph before.
    resolver = Resolver(Session(create_engine("sqlite://")), create=True)
    for one, other, said in decisions:
        resolver.decide(one, other, kinds[said], user="sample")
    names = sorted({name for *pair, _said in decisions for name in pair})
    pairs = {pair: resolver.get_judgement(*pair) for pair in combinations(names, 2)}
    same = [pair for pair, said in pairs.items() if said == Judgement.POSITIVE]
    groups = {name: frozenset({name}.union(*(pair for pair in same if name in pair))) for name in names}
    blocked = [pair for pair, said in pairs.items() if said in (Judgement.NEGATIVE, Judgement.UNSURE)]
    return digest({group for group in groups.values() if len(group) > 1}, blocked)


def main() -> None:
    """Print a line for each graph."""
    for number, decisions in enumerate(graphs()):
        sys.stdout.write(f"{number} {by_resolver(decisions)}\n")


if __name__ == "__main__":
    main()
