"""The map and the pictures as a person uses them in Chromium, by puppeteer-core: without a script, then with one.

MapLibre is loaded when it is asked for and not before, draws by WebGL (in software, where there is no graphics card),
and is moved by keyboard alone; the list follows, and the address of the view leads back to it. Nothing may be asked of
another server, nothing may be refused by the page's own policy; what is loaded for the map is at most 700 KB, packed.

    python -m tests.clients.atlas ADDRESS      of a server that runs
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.clients.ldes import FOLDER

_SCRIPT = Path(__file__).with_suffix(".mjs")


def travel(_release: Path, address: str) -> str:
    """Use the map of a server; how much was looked at. Raises AssertionError where it is not as it should be."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        return "left out: no chromium (Debian's package)"
    if not (FOLDER / "node_modules" / "axe-core").is_dir():
        return "left out: npm did not install axe-core"
    script = FOLDER / _SCRIPT.name
    script.write_text(_SCRIPT.read_text(encoding="utf-8"), encoding="utf-8")  # where node finds puppeteer
    done = subprocess.run(
        ["node", str(script)],
        input=json.dumps({"chromium": chromium, "folder": str(FOLDER), "address": address}),
        capture_output=True, text=True, timeout=600, check=False, cwd=FOLDER,
        env=os.environ | {"HOME": str(FOLDER)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    told = json.loads(done.stdout)
    assert not told["problems"], f"{len(told['problems'])} problems\n  " + "\n  ".join(told["problems"])
    return f"{told['seen']} things in two languages and widths; the map is {told['kilobytes']} KB, packed"


if __name__ == "__main__":
    try:
        print(travel(Path(), sys.argv[1].rstrip("/")))
    except AssertionError as problem:
        raise SystemExit(str(problem)) from None
