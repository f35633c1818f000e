"""The map and the pictures as a person uses them in Chromium, by puppeteer-core: without a script, then with one.

MapLibre is loaded when it is asked for and not before, draws by WebGL (in software, where there is no graphics card),
and is moved by keyboard alone; the list follows, and the address of the view leads back to it. Nothing may be asked of
another server, nothing may be refused by the page's own policy; what is loaded for the map is at most 700 KB, packed.

    python -m tests.clients.atlas ADDRESS      of a server that runs
"""

from __future__ import annotations

import sys
from pathlib import Path

from tests.clients import browser

_SCRIPT = Path(__file__).with_suffix(".mjs")


def travel(_release: Path, address: str) -> str:
    """Use the map of a server; how much was looked at. Raises AssertionError where it is not as it should be."""
    if missing := browser.left_out():
        return missing
    told = browser.used(_SCRIPT, address)
    return f"{told['seen']} things in two languages and widths; the map is {told['kilobytes']} KB, packed"


if __name__ == "__main__":
    try:
        print(travel(Path(), sys.argv[1].rstrip("/")))
    except AssertionError as problem:
        raise SystemExit(str(problem)) from None
