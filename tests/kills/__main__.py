"""`make kills`: runs of a source that changes each time, release included, each killed at a random moment.

After each kill the release that is served must be whole: every byte as its checksums say, and a store that answers.
Then a run that nobody kills must succeed, and leave nothing unfinished and nothing of a record that was erased. Exit
code 1 where that is not so. The moments are the same shares of a run's length for the same seed.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from pathlib import Path

from tests.kills.home import Home


def main() -> int:
    """Kill and look, so many times; print what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    moments = random.Random(given.seed)
    begun = time.monotonic()
    not_whole = failed = leftovers = erased = ended = left_by_kills = 0
    with tempfile.TemporaryDirectory(prefix="kills-") as folder:
        home = Home(Path(folder))
        home.prepare()
        length = home.complete_run(0)
        first_size = home.size()
        for number in range(1, given.count + 1):
            ended += not home.killed_run(number, moments.uniform(0, 1.05) * length)
            left_by_kills += len(home.unfinished())
            not_whole += not home.is_served_whole()
            try:
                length = home.complete_run(number)
            except RuntimeError as problem:
                sys.stderr.write(f"kill {number}: {problem}\n")
                failed += 1
            leftovers += len(home.unfinished())
            erased += len(home.files_with_what_was_erased())
        last_size = home.size()
    minutes = (time.monotonic() - begun) / 60
    print(
        f"seed {given.seed}: {given.count} runs, {given.count - ended} killed before their end, {minutes:.0f} minutes"
    )
    print(f"releases not whole: {not_whole}")
    print(f"next runs that failed: {failed}")
    print(f"left unfinished by kills: {left_by_kills}; after the next run: {leftovers}")
    print(f"files with an erased record after the next run: {erased}")
    print(f"data folder: {first_size / 1e6:.1f} MB after the first run, {last_size / 1e6:.1f} MB after the last")
    return int(bool(not_whole or failed or leftovers or erased))


if __name__ == "__main__":
    sys.exit(main())
