"""What bringing a table by commune to another year costs.

    python -m bench.territory --data DIR [--rows 1000000]

The table is made of the communes of 2017 of a harvest, each at several ages, with numbers drawn at random, the same
ones each time; its year is guessed, and one rate is made again.
"""

from __future__ import annotations

import argparse
import random
import resource
import subprocess
import sys
import tempfile
import time
from itertools import cycle, islice
from pathlib import Path

from bench.measure import machine

YEAR = "2017-01-01"


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


def main() -> None:
    """Print what it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--rows", type=int, default=1_000_000)
    asked = parser.parse_args()
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
