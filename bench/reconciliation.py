"""How often reconciliation is right by itself: names of a release, alone and with where they are.

    python -m bench.reconciliation --data DIR

Names are drawn from the tables of the release, the same ones each time, and written in capitals. Each is asked for
alone, with the name of its département, and with its Insee code. A match is right where it is the thing, the one that
stands for it, or the commune of today that has its name and took its code over. Then the thing is taken away, as if the
release did not have it: whatever is matched then is wrong, but for the same place in another status (the associated or
delegated commune of its code) or as it was before.
"""

from __future__ import annotations

import argparse
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl
from pyoxigraph import Store

from clirld.link.reconciliation.candidates import MAX_LIMIT, candidates, is_match
from clirld.link.reconciliation.facts import Facts, facts
from clirld.link.reconciliation.looked_up import Query
from clirld.search.index import FILE
from clirld.settings import BASE
from clirld.web.documents.lookup import open_store

DRAWN = 1000
"""Names of a kind."""
KINDS = ("initiative", "organization", "territory")


def drawn(release: Path, kind: str) -> list[tuple[str, str]]:
    """Ids and names of a kind."""
    paths = sorted(release.glob(f"tables/*/{kind}.parquet"))
    things = pl.concat(pl.read_parquet(path, columns=["key", "name"]) for path in paths).drop_nulls()
    rows = things.unique("key", keep="first", maintain_order=True).sort("key").rows()
    return [(f"{kind}/{key}", name) for key, name in random.Random(1).sample(rows, min(DRAWN, len(rows)))]


def given(thing: Facts, known: str) -> dict[str, Sequence[str]] | None:
    """What is told of a thing besides its name; None where it has no such place."""
    if known == "name":
        return {}
    place = thing.place("departement" if known == "departement" else "commune")
    if place is None:
        return None
    key = place.rpartition("/")[2]
    return (
        {"insee": [key.removeprefix("commune-")]}
        if known == "insee"
        else {known: facts(thing.store, f"territory/{key}").names}
    )


def counted(names: Sequence[tuple[str, str]], kind: str, known: str, store: Store, index: Path) -> Mapping[str, int]:
    """How many are asked, come first, are matched, are matched rightly, and are matched when the thing is not there."""
    told: Counter[str] = Counter()
    for id_, name in names:
        thing = facts(store, id_)
        if (place := given(thing, known)) is None:
            continue
        later = [facts(store, iri.removeprefix(f"{BASE}id/")) for iri in thing.successors]
        right = {id_, *thing.same, *(one.id for one in later if one.names == thing.names)}
        query = Query(name.upper(), kind, MAX_LIMIT, place)
        found = candidates(query, store, index)
        told["asked"] += 1
        told["first"] += bool(found) and found[0].id in right
        told["matched"] += bool(found) and found[0].match
        told["right"] += bool(found) and found[0].match and found[0].id in right
        others = [one for one in found if one.id not in right and id_ not in one.facts.same]
        if others and is_match(query, others):
            told["same place" if _is_same_place(thing, others[0].facts) else "without"] += 1
    return told


def _is_same_place(one: Facts, other: Facts) -> bool:
    """Whether two territories of one name have one code, or one came after the other: in another status, or before."""
    iris = [f"{BASE}id/{thing.id}" for thing in (one, other)]
    follows = iris[0] in other.successors or iris[1] in one.successors
    has_code = one.type == "territory" and iris[0].rpartition("-")[2] == iris[1].rpartition("-")[2]
    return (follows or has_code) and one.names == other.names


def main() -> None:
    """Draw, ask and say."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--kind", choices=KINDS, action="append", help="only names of this kind")
    asked = parser.parse_args()
    release = (asked.data / "current").resolve()
    store = open_store(release / "store")
    print(f"release {release.name}, {DRAWN} names of each kind")
    for kind in asked.kind or KINDS:
        names = drawn(release, kind)
        for known in ("name", "departement", "insee"):
            told = counted(names, kind, known, store, release / FILE)
            precision = f"{told['right'] / told['matched']:.3f}" if told["matched"] else "–"
            print(
                f"{kind:13}{known:12} asked {told['asked']}, first {told['first']}, matched {told['matched']}, right "
                f"{told['right']} (precision {precision}), where it is taken away, matched with another "
                f"{told['without']}, with the same place in another status or before {told['same place']}"
            )


if __name__ == "__main__":
    main()
