"""The editor on `/sparql` as a person uses it in Chromium, by puppeteer-core: written, completed, run, shown, sent.

Nothing may be asked of another server, nothing may be refused by the page's own policy, and axe-core may find nothing
in any of its states.

    python -m tests.clients.editor ADDRESS      of a server that runs
"""

from __future__ import annotations

import sys
from pathlib import Path

from tests.clients import browser

_SCRIPT = Path(__file__).with_suffix(".mjs")


def write(_release: Path, address: str) -> str:
    """Use the editor of a server; how much was looked at. Raises AssertionError where it is not as it should be."""
    if missing := browser.left_out():
        return missing
    told = browser.used(_SCRIPT, address)
    return f"{told['seen']} things in two languages and widths, none asked of another server"


if __name__ == "__main__":
    try:
        print(write(Path(), sys.argv[1].rstrip("/")))
    except AssertionError as problem:
        raise SystemExit(str(problem)) from None
