"""What one changed row of a small source costs, from its file to the release: the processor seconds of `clirld run`.

    python -m bench.changed_row --data DIR --mirror DIR [--runs N]

Works on links to a data folder, beside it, and on a copy of the source's file, in which it changes the name of one
place more each time. The first run is not counted: it harvests the file as it is and makes the release that the next
one begins with. Each counted run is a process of its own; its seconds, user and system, are all that it took.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bench.measure import machine
from clirld.fetch.mirror import mirror_file

SOURCE = "tiers-lieux-2019"
_NAME = b"ADE Coworking"
_CLIRLD = (sys.executable, "-c", "from clirld.cli.app import supervised_main; supervised_main()")


def spent(command: list[str]) -> tuple[float, float]:
    """Seconds and processor seconds of a command. Raises SystemExit where it fails."""
    start = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    return time.perf_counter() - start, usage.ru_utime + usage.ru_stime


def main(say: Callable[[str], None] = print) -> None:
    """Measure, and say it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="data folder with harvests")
    parser.add_argument("--mirror", type=Path, required=True, help="mirror that they were made from")
    parser.add_argument("--runs", type=int, default=3, help="runs that are counted")
    options = parser.parse_args()
    data: Path = options.data.resolve()
    original = mirror_file(options.mirror, SOURCE, "default", None)
    with tempfile.TemporaryDirectory(dir=data.parent, prefix=f".{data.name}-bench-") as folder:
        copy, mirror = Path(folder) / "data", Path(folder) / "mirror"
        ignored = shutil.ignore_patterns("releases", "current", "snapshots", ".*")
        shutil.copytree(data, copy, symlinks=True, ignore=ignored, copy_function=os.link)
        mirror.mkdir()
        (mirror / "mirror.yaml").write_text(f"{SOURCE}:\n  default: {original.name}\n", encoding="utf-8")
        command = [*_CLIRLD, "run", SOURCE, "--mirror", str(mirror), "--data", str(copy)]
        counted = []
        for run in range(options.runs + 1):
            changed = original.read_bytes().replace(_NAME, _NAME + b" bis" * run, 1)
            (mirror / original.name).write_bytes(changed)
            counted.append(spent(command))
    say(str(machine()))
    for seconds, processor in counted[1:]:
        say(f"one row changed: {processor:.2f} s of a processor, {seconds:.1f} s by the clock")
    say(f"median: {statistics.median(processor for _, processor in counted[1:]):.2f} s of a processor")


if __name__ == "__main__":
    main()
