"""Communes through time against the table of COGiter, which others made; what bringing a table to another year costs.

    python -m bench.territory --data DIR [--rows 1000000]

The table is made of the communes of 2017 of a harvest, each at several ages, with numbers drawn at random, the same
ones each time; its year is guessed, and one rate is made again.
"""

from __future__ import annotations

import argparse
import csv
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path

from bench.contender import Figures
from bench.contender import main as contend
from bench.measure import machine
from bench.result import PROJECT
from clirld.territory.history import History

YEAR = "2017-01-01"
DAY = "2025-01-01"
ARRONDISSEMENT = "an arrondissement, which is a part of its commune"
COGITER = PROJECT.parent / "shared" / "suites" / "cogiter" / "table_passage_com_historique_2025.csv"


def write_table(data: Path, out: Path, rows: int) -> None:
    """A table of so many rows: code, age, people, jobless."""
    from clirld.cli.territory.harvested import stored_territories
    from clirld.project import Project
    from clirld.settings import Settings

    history = stored_territories(Project.load(Settings.from_environment(data=data))).history
    communes = [code for code in history.codes() if history.at(code, YEAR)]
    draw = random.Random(1)
    with out.open("w", encoding="utf-8") as table:
        table.write("code;age;people;jobless\n")
        for number, code in enumerate(islice(cycle(communes), rows)):
            table.write(f"{code};{number // len(communes)};{draw.randrange(1000)};{draw.randrange(1000)},5\n")


def harvested(data: Path) -> Figures:
    """Where the tables of the real statistics are, where there are territories too; "" where they are not harvested."""
    from clirld.harvest.outcome import last_good
    from clirld.project import Project
    from clirld.settings import Settings

    project = Project.load(Settings.from_environment(data=data))
    both = [last_good(project, name) for name in ("territories", "statistics")]
    if any(one is None or one.sample for one in both) or both[1] is None:
        return {"statistics": ""}
    return {"statistics": str(both[1].require_outputs().records)}


def reason(history: History, code: str, theirs: str) -> str:
    """Why our answer for a code on 1 January 2025 differs from theirs; "" where it does not."""
    before = [one for one in history.versions(code) if one.start is None or one.start <= DAY]
    if not before:
        if history.parts.get(code) == theirs:
            return ARRONDISSEMENT
        # They give a code to communes that ended before their département had it.
        for old in [f"{departement}{code[2:]}" for departement in ("20", "78")]:
            ended = history.versions(old)
            if ended and [one.code for one in history.targets(ended[-1], DAY)] == [theirs]:
                changed = "1976-01-01" if old.startswith("20") else "1968-01-01"
                assert str(ended[-1].end) < changed
                return f"never a code: {old[:2]} became {code[:2]} on {changed}, after its end"
        return "no movement of it since 1943"
    ours = history.targets(before[-1], DAY)
    if [one.code for one in ours] == [theirs]:
        return ""
    if len(ours) > 1 and theirs in {one.code for one in ours}:
        later = [one.code for one in ours if one.code != theirs]
        (made,) = [history.versions(one)[0] for one in later]
        assert made.began
        return f"{made.began.date} {made.began.kind}: {made.code} has a part of it too"
    last = history.path(before[-1], DAY)[-1]
    return f"{last.change.date} {last.change.kind}: {last.after[0].code}"


def through_time(data: Path) -> Iterator[str]:
    """How many communes there are and were, and each reason for which their table says something else."""
    from clirld.cli.territory.harvested import stored_territories
    from clirld.project import Project
    from clirld.settings import Settings

    history = stored_territories(Project.load(Settings.from_environment(data=data))).history
    codes = list(history.codes())
    of_day = sum(bool(history.at(one, DAY)) for one in codes)
    yield f"{len(codes):,} codes of communes since 1943, {of_day:,} of them on {DAY}"
    if not COGITER.is_file():
        yield "not compared: the table of COGiter is not in ../shared"
        return
    with COGITER.open(encoding="utf-8", newline="") as lines:
        reasons = Counter(reason(history, row["DEPCOM_HIST"], row["DEPCOM"]) for row in csv.DictReader(lines))
    yield f"against COGiter: {sum(reasons.values()):,} codes, {reasons.pop('', 0):,} lead to the same commune of {DAY}"
    yield from (f"against COGiter: {count} not, since {why}" for why, count in sorted(reasons.items()))


def main() -> None:
    """Print what it took, or give what another benchmark asks for."""
    if len(sys.argv) > 1 and sys.argv[1] == harvested.__name__:
        contend(harvested)
        return
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--rows", type=int, default=1_000_000)
    asked = parser.parse_args()
    print("\n".join(through_time(asked.data)), flush=True)
    with tempfile.TemporaryDirectory() as folder:
        table, out = Path(folder) / "table.csv", Path(folder) / "out.csv"
        write_table(asked.data, table, asked.rows)
        words = ["--code", "code", "--by", "age", "--sum", "people", "--rate", "jobless/people", "-o", str(out)]
        command = [sys.executable, "-c", "from clirld.cli.app import main; main()", "territory", "convert", str(table)]
        start = time.perf_counter()
        subprocess.run([*command, *words, "--data", str(asked.data)], check=True)
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        print(
            f"{asked.rows:,} rows: {time.perf_counter() - start:.1f} s, {used.ru_utime + used.ru_stime:.1f} s of a "
            f"processor; peak {used.ru_maxrss >> 10} MiB; {machine()}"
        )


if __name__ == "__main__":
    main()
